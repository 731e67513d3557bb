"""For Hugging Face Accelerate: its own `save_state` and `load_state`, in checkpoints that are never torn.

    accelerator = Accelerator()
    ckpt = manager(accelerator, interval_steps=500)
    start = load(accelerator, ckpt)                       # 0 when there is nothing yet
    for step, batch in enumerate(accelerator.skip_first_batches(loader, start % len(loader)), start + 1):
        ...
        save(accelerator, ckpt, step, {"loss": loss})
        if ckpt.should_stop:
            break

What is not model, optimizer, scheduler or loader goes to `accelerator.register_for_checkpointing`.
"""

from __future__ import annotations

import os

from .. import _environment, _ranks
from .._checkpoint import CheckpointManager
from ._common import numbers

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional


def manager(accelerator: Any, **arguments: Any) -> CheckpointManager:
    """A CheckpointManager with these arguments in which every process of the accelerator takes part."""
    ranks = _ranks.SHARDED if accelerator.num_processes > 1 else _ranks.FIRST
    return CheckpointManager(ranks=ranks, **arguments)


def save(
    accelerator: Any, ckpt: CheckpointManager, step: int, metrics: Optional[Mapping[str, Any]] = None
) -> Optional[str]:
    """Saves when due; call it after every step, on every process. The path, or None."""

    def write(folder: str) -> None:
        accelerator.save_state(folder)
        if not os.listdir(folder):
            raise ValueError(
                f"save step {step}: Accelerator.save_state wrote nothing into the folder that it was given; "
                "leave automatic_checkpoint_naming of its ProjectConfiguration off"
            )

    return ckpt.save_with(step, write, numbers(metrics))


def load(accelerator: Any, ckpt: CheckpointManager) -> int:
    """Loads the newest checkpoint that verifies and returns its step; 0 when there is none."""
    state = ckpt.load_latest()
    if state is None or not state["files"]:
        return 0
    accelerator.load_state(state["files"])
    _environment.say(f"resumed after step {state['step']} from {state['path']}")
    return int(state["step"])
