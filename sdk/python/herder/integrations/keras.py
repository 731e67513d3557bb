"""For Keras 3, on any backend.

    model.compile(...)
    model.fit(data, epochs=20, callbacks=[HerderCallback()])

Saves weights and optimizer after each epoch and at a stop, and goes on after the last whole epoch: Keras
cannot begin in the middle of one.
"""

from __future__ import annotations

import os

import keras

from .. import _environment, _report
from .._checkpoint import CheckpointManager
from ._common import numbers

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Optional

_FILE = "model.weights.h5"


class HerderCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """`interval_epochs`: save after every so many. The other arguments are those of CheckpointManager."""

    def __init__(self, interval_epochs: int = 1, keep: int = 3, prefix: Optional[str] = None) -> None:
        super().__init__()
        self._manager = CheckpointManager(prefix=prefix, interval_steps=interval_epochs, keep=keep)
        self._epochs = 0  # that are done

    def on_train_begin(self, logs: Any = None) -> None:
        state = self._manager.load_latest()
        if state is None or not state["files"]:
            return
        if not self.model.built:
            raise ValueError("HerderCallback: build the model before fit (call it once, or give its first layer a shape)")
        self.model.optimizer.build(self.model.trainable_variables)
        self.model.load_weights(os.path.join(state["files"], _FILE))
        self._epochs = int(state["step"])
        self.model._initial_epoch = self._epochs  # as BackupAndRestore of Keras does
        _environment.say(f"resumed after epoch {self._epochs} from {state['path']}")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        _report.beat()
        if self._manager.should_stop:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.model.stop_training and self._manager.should_stop:
            # Cut short by the stop: the last whole epoch is saved already, and this one comes again.
            return
        self._epochs = epoch + 1
        metrics = numbers(logs)
        _report.log(metrics, step=self._epochs)
        self._manager.save_with(
            self._epochs, lambda folder: self.model.save_weights(os.path.join(folder, _FILE)), metrics
        )
        if self._manager.should_stop:
            self.model.stop_training = True
