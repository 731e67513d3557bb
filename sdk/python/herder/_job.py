"""`herder.job()`: the facts of the job around this process, and its way out."""

from __future__ import annotations

import contextlib
import os
import sys

from . import _environment, _stop

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Callable, Iterator, List, Optional


class Job:
    """What a training script may want to know. Outside a job the ids are None and folders local."""

    def __init__(self) -> None:
        here = _environment.current()
        self.id: Optional[str] = here.job_id
        self.name: Optional[str] = os.environ.get("HERDER_JOB_NAME")
        self.project: Optional[str] = os.environ.get("HERDER_PROJECT")
        self.attempt: int = int(os.environ.get("HERDER_ATTEMPT") or 1)  # from 1, +1 at each move
        self.checkpoint_dir: str = here.checkpoint_dir
        self.output_dir: str = here.output_dir
        self._at_exit: List[Callable[[], object]] = []

    @property
    def should_stop(self) -> bool:
        """Whether a stop was asked for, by the stop file or by SIGTERM."""
        _stop.install_signal_handler()
        return _stop.notice() is not None

    @property
    def stop_reason(self) -> Optional[str]:
        """Why, such as "preemption", "budget" or "cancel"; None to go on."""
        request = _stop.requested()
        return request.reason if request else None

    @property
    def stop_deadline(self) -> Optional[float]:
        """By when, in epoch seconds; None when it is not known."""
        request = _stop.requested()
        return request.deadline if request else None

    def at_exit(self, function: Callable[[], object]) -> Callable[[], object]:
        """Calls `function()` when the block is left, however it is left. Usable as a decorator."""
        self._at_exit.append(function)
        return function


@contextlib.contextmanager
def job() -> Iterator[Job]:
    """`with herder.job() as job:` around a training gives the process its right exit code.

    Left by the end of the block or by an exception: functions of `job.at_exit` run, output is flushed.
    If a stop was asked for, the process then ends with code 0 and the stop file present ("stopped,
    resume later"); an exception that the stop caused, such as a killed data loader, is printed and
    does not count as the job's own failure. Without a stop, exceptions pass through unchanged.

    It saves no checkpoint by itself: after an exception in the middle of a step the model may be half
    updated, and such a state under the number of a step would break resuming.
    """
    running = Job()
    _stop.install_signal_handler()
    try:
        yield running
    except BaseException as error:
        asked = _stop.requested() is not None
        _leave(running)
        if not asked or (isinstance(error, SystemExit) and error.code not in (None, 0)):
            raise
        if not isinstance(error, SystemExit):
            sys.excepthook(type(error), error, error.__traceback__)
        _stop.exit_stopped()
    else:
        _leave(running)
        if _stop.requested() is not None:
            _stop.exit_stopped()


def _leave(running: Job) -> None:
    for function in running._at_exit:
        function()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
