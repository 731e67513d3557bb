"""Whether this job was asked to stop: the stop file, SIGTERM, and what people registered for it."""

from __future__ import annotations

import os
import signal
import sys
from collections import namedtuple

from . import _environment

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple


class StopRequest(namedtuple("StopRequest", "reason deadline")):
    """Why the job should save and leave, and by when (epoch seconds; None: not told)."""


class _Process:
    """What this process knows about its signal; one object, as signals belong to the process."""

    installed_by: Optional[int] = None  # pid, so that a forked data loader worker can tell
    previous: Any = None
    signalled = False
    callbacks: List[Tuple[Callable[[Optional[float]], Any], bool]] = []


def install_signal_handler() -> None:
    """Makes SIGTERM ask for a stop instead of ending the process. A handler set before is still called.

    Does nothing when done already, or outside the main thread, where Python allows no handlers.
    """
    if _Process.installed_by == os.getpid():
        return
    try:
        previous = signal.signal(signal.SIGTERM, _on_signal)
    except ValueError:
        return
    if previous is not _on_signal:
        _Process.previous = previous
    _Process.installed_by = os.getpid()


def _on_signal(number: int, frame: Any) -> None:
    if os.getpid() != _Process.installed_by:  # a forked worker: its parent ends it by SIGTERM
        signal.signal(number, _Process.previous or signal.SIG_DFL)
        os.kill(os.getpid(), number)
        return
    _Process.signalled = True
    if callable(_Process.previous):
        _Process.previous(number, frame)
    if _run_callbacks():
        exit_stopped()


def _run_callbacks() -> bool:
    """Calls each registered function once; says whether one of them wants the process to end."""
    callbacks, _Process.callbacks = _Process.callbacks, []
    request = requested()
    for function, _ in callbacks:
        function(request.deadline if request else None)
    return any(then_exit for _, then_exit in callbacks)


def _read_stop_file(path: str) -> Optional[StopRequest]:
    import json

    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(65536)
    except (OSError, UnicodeDecodeError):
        return StopRequest("unknown", None) if os.path.exists(path) else None
    try:  # an empty or odd file still says stop: a shell script may have touched it
        fields = json.loads(text)
        deadline = fields.get("deadline")
        number = float(deadline) if isinstance(deadline, (int, float)) else None
        return StopRequest(str(fields.get("reason") or "unknown"), number)
    except (ValueError, AttributeError):
        return StopRequest("unknown", None)


def requested() -> Optional[StopRequest]:
    """The stop request, or None to go on.

    A signal alone leaves a stop file too: exit code 0 with that file means "stopped, resume later",
    and without it would mean that the job is done.
    """
    path = _environment.current().stop_file
    found = _read_stop_file(path) if path else None
    if found is None and _Process.signalled:
        found = StopRequest("signal", None)
        if path:
            _leave_stop_file(path)
    return found


def _leave_stop_file(path: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return
    except OSError as error:
        _environment.say_once(f"could not write {path}: {error.strerror}")
        return
    with os.fdopen(handle, "w") as file:
        file.write('{"reason":"signal","deadline":null}\n')


def notice() -> Optional[StopRequest]:
    """`requested`, and functions registered with `on_preempt` are called when it has come."""
    request = requested()
    if request is not None and _Process.callbacks:
        _run_callbacks()
    return request


def exit_stopped() -> None:
    """Ends the process as a job that stopped on request: exit code 0 with the stop file present.

    Raises SystemExit; the state must be saved before.
    """
    path = _environment.current().stop_file
    if path:
        _leave_stop_file(path)
    sys.exit(0)


def on_preempt(function: Any = None, *, then_exit: bool = True) -> Any:
    """Registers `function(deadline)` for people with their own saving code; use it as a decorator.

    It is called once, in the main thread: between two Python instructions when SIGTERM arrives (so a
    step may be half done), or when `should_stop` first sees the stop file. `deadline` is in epoch
    seconds, or None when it is not known. After a signal the process then ends as a stopped job
    (exit code 0), unless `then_exit=False`.
    """
    if function is None:
        return lambda inner: on_preempt(inner, then_exit=then_exit)
    install_signal_handler()
    _Process.callbacks.append((function, then_exit))
    return function
