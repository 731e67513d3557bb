"""When a checkpoint is due: every so many steps, every so much time, or as a rule finds best.

The rule: a save costs the time that it holds up the training, a loss costs the time since the last save.
With a loss expected once in M the least is lost with sqrt(2 * cost * M) between saves (Young 1974). Rented
machines vanish most often soon after their start, about once in 0.4 h + age (fitted to interruption records
of spot machines, November 2026): so often at first, then less and less.
"""

from __future__ import annotations

import math
import os
import re

from . import _environment

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Optional

STEPS_DEFAULT = 500
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_YOUNG_SECONDS = 0.4 * 3600
_COST_UNKNOWN_SECONDS = 5.0
_AUTO_MIN_SECONDS, _AUTO_MAX_SECONDS = 10.0, 3600.0
_UPLOAD_ROOM = 1.1  # a save that begins before the upload of the one before ends is never published


class Interval:
    """`steps`, or `seconds`, or neither: the rule decides."""

    def __init__(self, steps: Optional[int] = None, seconds: Optional[float] = None) -> None:
        self.steps, self.seconds = steps, seconds

    @property
    def is_auto(self) -> bool:
        """Whether the rule decides."""
        return self.steps is None and self.seconds is None


def parse(text: str) -> Optional[Interval]:
    """500, 500 steps, 10m, 1h30m or auto; None for anything else."""
    text = text.strip()
    if text == "auto":
        return Interval()
    match = re.fullmatch(r"(\d+)(\s*steps?)?", text)
    if match:
        return Interval(steps=int(match[1])) if int(match[1]) > 0 else None
    if re.fullmatch(r"(\d+[smhd])+", text):
        total = sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))
        return Interval(seconds=float(total)) if total > 0 else None
    return None


def of_job() -> Interval:
    """What the job file says, else every 500 steps."""
    text = os.environ.get("HERDER_CHECKPOINT_EVERY", "")
    found = parse(text)
    if found is None and text.strip():
        _environment.say_once(
            f"HERDER_CHECKPOINT_EVERY is {text!r}, which is no interval (500 steps, 10m or auto); "
            f"saving every {STEPS_DEFAULT} steps"
        )
    return found or Interval(steps=STEPS_DEFAULT)


def auto_seconds(cost: Optional[float], age: float, upload: float) -> float:
    """The rule: `cost` is the time that a save holds up the training (None: not measured yet), `age` how
    long this machine has run, `upload` how long a checkpoint takes to be safe; all in seconds."""
    best = math.sqrt(2 * (_COST_UNKNOWN_SECONDS if cost is None else cost) * (_YOUNG_SECONDS + age))
    return min(max(best, _UPLOAD_ROOM * upload, _AUTO_MIN_SECONDS), max(_AUTO_MAX_SECONDS, _UPLOAD_ROOM * upload))


def upload_seconds() -> float:
    """How long the agent's last upload took; 0 when it has not said."""
    here = _environment.current()
    if here.herder_dir is None:
        return 0.0
    try:
        with open(os.path.join(here.herder_dir, "upload_seconds"), encoding="ascii") as file:
            return max(0.0, float(file.read(64)))
    except (OSError, ValueError):
        return 0.0


def fits(deadline: Optional[float], now: float, write: Optional[float]) -> bool:
    """Whether a save that takes `write` seconds ends before `deadline`; what is not known is tried.

    A second is kept in reserve, and half of the time where that is less: a short warning is no reason
    to give up a save that takes an instant.
    """
    if deadline is None or write is None:
        return True
    left = deadline - now
    return left > 0 and write <= left - min(1.0, left / 2)
