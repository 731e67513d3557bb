"""The lines and the heartbeat that a job leaves in $HERDER_DIR for the agent (docs/sdk.md, file protocol).

Reporting never ends a training: what cannot be written is said once on stderr and skipped.
"""

from __future__ import annotations

import math
import os
import time

from . import _environment

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional, Union

    Scalar = Union[None, bool, int, float, str]

_HEARTBEAT_INTERVAL_SECONDS = 1.0
_last_beat: Dict[str, float] = {}
_last_step: Dict[str, int] = {}


def note_step(step: int) -> None:
    """Remembers the step that `log` uses when it is called without one."""
    _last_step["step"] = step


def scalar(value: Any, what: str) -> Scalar:
    """A number, a string, a bool or None; arrays and tensors of one element give their number.

    Raises TypeError naming `what` for anything else.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if hasattr(value, "item"):  # numpy scalars, arrays and torch tensors of one element
        try:
            value = value.item()
        except (ValueError, RuntimeError, TypeError):
            raise TypeError(f"record {what}: it has more than one element; reduce it to one number")
        if value is None or type(value) in (bool, int, float, str):
            return value
    raise TypeError(f"record {what}: a {type(value).__name__} is no number; pass a number or a string")


def plain_metrics(metrics: Optional[Mapping[str, Any]]) -> Dict[str, Scalar]:
    """The metrics as values that JSON carries exactly; numbers that JSON lacks become their names."""
    plain = {}
    if metrics is not None and not hasattr(metrics, "items"):
        raise TypeError(f"record metrics: {metrics!r} is no dict; pass names with their values")
    for key, value in (metrics or {}).items():
        if not isinstance(key, str):
            raise TypeError(f"record metric {key!r}: the name must be a string")
        plain[key] = scalar(value, f"metric {key!r}")
    return plain


def finite(record: Mapping[str, Any]) -> Dict[str, Any]:
    """The record with NaN and the infinities, which JSON has not, as the strings of their names."""
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}

    def fit(value: Any) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            return names[repr(value)]
        return finite(value) if isinstance(value, dict) else value

    return {key: fit(value) for key, value in record.items()}


def json_line(record: Mapping[str, Any]) -> bytes:
    """One line of JSON."""
    import json

    return (json.dumps(finite(record), separators=(",", ":")) + "\n").encode("ascii")


def append(path: str, record: Mapping[str, Any]) -> None:
    """Appends one line in one write, so that a reader never meets half a line of a living writer."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.write(handle, json_line(record))
        finally:
            os.close(handle)
    except OSError as error:
        _environment.say_once(f"could not append to {path}: {error.strerror}; training goes on")


def beat() -> None:
    """Touches the heartbeat inside a job, at most once a second."""
    here = _environment.current()
    if here.herder_dir is None:
        return
    now = time.monotonic()
    path = os.path.join(here.herder_dir, "heartbeat")
    if now - _last_beat.get(path, -_HEARTBEAT_INTERVAL_SECONDS) < _HEARTBEAT_INTERVAL_SECONDS:
        return
    _last_beat[path] = now
    try:
        with open(path, "ab"):
            os.utime(path)
    except OSError as error:
        _environment.say_once(f"could not touch {path}: {error.strerror}; training goes on")


def checkpoint_complete(path: str, step: int, kind: str, metrics: Mapping[str, Scalar]) -> None:
    """Tells the agent that the folder `path` is complete and may be taken. Does nothing outside a job."""
    here = _environment.current()
    if here.herder_dir is not None:
        record = {"path": path, "step": step, "kind": kind, "metrics": dict(metrics), "t": time.time()}
        append(os.path.join(here.herder_dir, "checkpoints.jsonl"), record)


def log(values: Mapping[str, Any], step: Optional[int] = None) -> None:
    """Records metrics: `herder.log({"loss": 0.41}, step=100)`.

    Values are numbers, strings, or arrays and tensors of one element. Without `step` the last step
    that was saved, logged or iterated counts. The line goes to $HERDER_DIR/metrics.jsonl, outside a
    job to ./herder/metrics.jsonl. Raises TypeError for a value that is no number, ValueError for the
    reserved names "step" and "t"; never fails because of the disk.
    """
    plain = plain_metrics(values)
    for reserved in ("step", "t"):
        if reserved in plain:
            raise ValueError(f"record metric {reserved!r}: the name is reserved; pass step= instead")
    if step is None:
        step = _last_step.get("step", 0)
    else:
        try:
            note_step(int(step))
        except (TypeError, ValueError):
            raise TypeError(f"record metrics: step is {step!r}; it must be a whole number") from None
    here = _environment.current()
    folder = here.herder_dir
    if folder is None:
        folder = os.path.abspath("herder")
        _environment.say_once(f"not inside a job: metrics go to {os.path.join(folder, 'metrics.jsonl')}")
    append(os.path.join(folder, "metrics.jsonl"), {"step": int(step), "t": time.time(), **plain})
    beat()
