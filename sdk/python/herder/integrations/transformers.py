"""For the Trainer of Hugging Face transformers.

    trainer = Trainer(model, args, train_dataset=data, callbacks=[HerderCallback()])
    trainer.train(resume_from_checkpoint=resume_path(args.output_dir))

The Trainer goes on writing its own checkpoints; the callback announces each, logs what the Trainer logs,
and at a stop has it save after the running step and leave. Of several processes (torchrun) all leave after the
same step, and a checkpoint is announced when all have written their parts.
"""

from __future__ import annotations

import os
import re

from transformers import TrainerCallback

from .. import _environment, _ranks, _report, _stop
from ._common import numbers, why_torn

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple

_MARKER = "checkpoint-is-incomplete.txt"  # while a just-in-time save of transformers 5 runs
_STATE = "trainer_state.json"  # written last


class HerderCallback(TrainerCallback):  # type: ignore[misc]
    """Announces checkpoints, logs metrics, stops in time."""

    def __init__(self) -> None:
        self._is_stopping = False
        self._ranks: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        _stop.install_signal_handler()
        # Not made in __init__: the Trainer's arguments may set up torch.distributed later.
        several = getattr(args, "world_size", 1) > 1
        self._ranks = _ranks.Ranks(_ranks.SHARDED if several else _ranks.FIRST)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if state.is_world_process_zero:
            _report.log(numbers(logs), step=state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        _report.note_step(state.global_step)
        _report.beat()
        stop = self._agree(_stop.notice() is not None)
        if stop and not self._is_stopping:
            self._is_stopping = True
            control.should_save = True
            control.should_training_stop = True
        return control

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._agree(False)  # every process has written its part now
        if not state.is_world_process_zero:
            return
        folder = os.path.abspath(os.path.join(args.output_dir, f"checkpoint-{state.global_step}"))
        why = _why_incomplete(folder)
        if why:
            _environment.say(f"did not announce {folder}: {why}")
            return
        metrics = numbers(state.log_history[-1] if state.log_history else None)
        kind = "preempt" if self._is_stopping else "periodic"
        _report.checkpoint_complete(folder, state.global_step, kind, metrics)

    def _agree(self, mine: bool) -> bool:
        """Whether any process says so; each has to come."""
        return bool(self._ranks.agree([int(mine)])[0]) if self._ranks else mine


def resume_path(output_dir: str) -> Optional[str]:
    """What `train(resume_from_checkpoint=)` wants: the newest complete checkpoint, or None.

    Looks at what the agent brought and at `output_dir`; one that is torn is skipped with a sentence.
    """
    found: List[Tuple[int, str]] = []
    for name in os.listdir(output_dir) if os.path.isdir(output_dir) else []:
        match = re.fullmatch(r"checkpoint-(\d+)", name)
        if match:
            found.append((int(match[1]), os.path.join(output_dir, name)))
    brought = _environment.current().resume_from
    if brought and os.path.exists(os.path.join(brought, _STATE)):
        found.append((_step_of(brought), brought))
    for _, path in sorted(found, reverse=True):
        why = _why_incomplete(path)
        if why is None:
            return path
        _environment.say(f"skipped the checkpoint {path}: {why}; trying the one before")
    return None


def _step_of(folder: str) -> int:
    import json

    try:
        with open(os.path.join(folder, _STATE), encoding="utf-8") as file:
            return int(json.load(file)["global_step"])
    except (OSError, ValueError, KeyError, TypeError):
        return -1


def _why_incomplete(folder: str) -> Optional[str]:
    if os.path.exists(os.path.join(folder, _MARKER)):
        return f"{_MARKER} is still there"
    if _step_of(folder) < 0:
        return f"{_STATE} is missing or cut off"
    return why_torn(folder)
