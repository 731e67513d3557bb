"""Writes the checkpoints of one folder behind the training: one at a time, in a thread of its own.

The training hands over an image in the arena (_arena) and goes on. The thread is no daemon, so the
interpreter waits for it at its end; a process that is killed leaves the checkpoint before.
"""

from __future__ import annotations

import os
import time
from weakref import WeakValueDictionary

from . import _environment
from ._arena import Arena

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

_writers: WeakValueDictionary[str, Writer] = WeakValueDictionary()


def writer_of(directory: str) -> Writer:
    """The one writer of a folder in this process, so that two managers never write into it at once."""
    key = f"{os.getpid()} {os.path.realpath(directory)}"
    writer = _writers.get(key)
    if writer is None:
        writer = _writers[key] = Writer()
    return writer


class Writer:
    """`start` work, `wait` for its end; the arena belongs to whoever has waited."""

    def __init__(self) -> None:
        self.arena = Arena()
        self.write_seconds: Optional[float] = None  # of the last work that ended well
        self._thread: Any = None
        self._error: Optional[BaseException] = None

    @property
    def is_busy(self) -> bool:
        """Whether work is under way."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, work: Callable[[], Any], what: str) -> None:
        """Runs `work` in the background. The one before must have been waited for."""
        import threading

        self._thread = threading.Thread(target=self._run, args=(work, what), name="herder-writer", daemon=False)
        self._thread.start()

    def _run(self, work: Callable[[], Any], what: str) -> None:
        began = time.monotonic()
        try:
            work()
            self.write_seconds = time.monotonic() - began
        except BaseException as error:
            self._error = error
            _environment.say(f"{what} failed: {error}; the checkpoint before it stays the newest")

    def wait(self) -> None:
        """Returns when nothing is under way. Raises, once, what the work failed with."""
        error = self.settle()
        if error is not None:
            raise error

    def settle(self) -> Optional[BaseException]:
        """The same, but gives, once, what the work failed with."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        error, self._error = self._error, None
        return error
