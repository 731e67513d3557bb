"""Where this process runs (inside a Herder job or not) and the paths that follow from it.

Not for reading or writing any of those paths: see _report (lines), _stop (stop file), _folder (checkpoints).
"""

from __future__ import annotations

import os
import sys
from collections import namedtuple

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Dict, Optional, Set

VERSION = "0.1.0"


class Environment(
    namedtuple("Environment", "job_id herder_dir checkpoint_dir output_dir stop_file resume_from")
):
    """What the variables of the job say, as strings; None for what there is not outside a job."""

    @property
    def in_job(self) -> bool:
        return self.job_id is not None


def current() -> Environment:
    """Reads the variables anew at each call: they are few, and tests and launchers change them."""
    get = os.environ.get
    job_id = get("HERDER_JOB_ID") or None
    if job_id is None:
        outputs = get("HERDER_OUTPUT_DIR") or os.path.abspath("outputs")
        return Environment(None, None, os.path.abspath("checkpoints"), outputs, None, None)
    herder_dir = get("HERDER_DIR") or "/run/herder"
    return Environment(
        job_id=job_id,
        herder_dir=herder_dir,
        checkpoint_dir=os.path.abspath(get("HERDER_CHECKPOINT_DIR") or "checkpoints"),
        output_dir=get("HERDER_OUTPUT_DIR") or os.path.join(herder_dir, "outputs"),
        stop_file=get("HERDER_STOP_FILE") or os.path.join(herder_dir, "stop"),
        resume_from=get("HERDER_RESUME_FROM") or None,
    )


def is_writer() -> bool:
    """Whether this process writes checkpoints: rank 0 alone, where a launcher such as torchrun set RANK."""
    return os.environ.get("RANK", "0") in ("", "0")


def world_size() -> int:
    """How many ranks train together, as the launcher says."""
    text = os.environ.get("WORLD_SIZE", "")
    return int(text) if text.isdigit() else 1


def local_world_size() -> int:
    """How many ranks share this machine, as the launcher says."""
    text = os.environ.get("LOCAL_WORLD_SIZE", "")
    return max(1, int(text)) if text.isdigit() else 1


_said: Set[str] = set()


def say(sentence: str) -> None:
    """Tells the person one sentence, on stderr."""
    print("herder: " + sentence, file=sys.stderr, flush=True)


def say_once(sentence: str) -> None:
    """The same, but each different sentence only once in a process."""
    if sentence not in _said:
        _said.add(sentence)
        say(sentence)


def software() -> Dict[str, str]:
    """The versions of what the state came from: Python, and numpy and torch where imported."""
    versions = {"python": "%d.%d.%d" % sys.version_info[:3]}
    for name in ("numpy", "torch"):
        module = sys.modules.get(name)
        if module is not None:
            versions[name] = str(getattr(module, "__version__", "unknown"))
    return versions
