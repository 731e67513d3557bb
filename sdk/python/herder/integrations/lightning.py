"""For Lightning (`lightning` or `pytorch_lightning`).

    trainer = Trainer(max_steps=10_000, callbacks=[HerderCheckpoint(interval_steps=500)])
    trainer.fit(model, data, ckpt_path=latest())
"""

from __future__ import annotations

import os

try:
    from lightning.pytorch import Callback
except ImportError:
    from pytorch_lightning import Callback

from .. import _ranks, _report
from .._checkpoint import CheckpointManager
from ._common import numbers

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Optional

_FILE = "model.ckpt"


class HerderCheckpoint(Callback):  # type: ignore[misc]
    """Saves every so many optimizer steps and at a stop, logs metrics, ends the fit at a stop.

    The arguments are those of CheckpointManager. Every rank takes part, as Lightning's strategies want.
    """

    def __init__(self, interval_steps: Optional[int] = None, keep: int = 3, prefix: Optional[str] = None) -> None:
        self._arguments = {"interval_steps": interval_steps, "keep": keep, "prefix": prefix}
        self._manager: Optional[CheckpointManager] = None

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        ranks = _ranks.SHARDED if trainer.world_size > 1 else _ranks.FIRST
        self._manager = CheckpointManager(ranks=ranks, **self._arguments)

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        manager, step = self._manager, int(trainer.global_step)
        assert manager is not None
        metrics = numbers(trainer.callback_metrics)
        if trainer.is_global_zero and metrics and step % max(1, trainer.log_every_n_steps) == 0:
            _report.log(metrics, step=step)
        manager.save_with(step, lambda folder: trainer.save_checkpoint(os.path.join(folder, _FILE)), metrics)
        if manager.should_stop:
            trainer.should_stop = True


def latest(prefix: Optional[str] = None) -> Optional[str]:
    """What `fit(ckpt_path=)` wants: the file of the newest checkpoint that verifies, or None."""
    state = CheckpointManager(prefix=prefix).load_latest()
    path = os.path.join(state["files"], _FILE) if state and state["files"] else None
    return path if path and os.path.exists(path) else None
