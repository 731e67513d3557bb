"""Herder's Python SDK: checkpoints, metrics and stopping for training scripts.

    from herder import CheckpointManager
    ckpt = CheckpointManager(interval_steps=500, keep=3)

The standard library is all it needs; numpy and torch are used where the script has them. Inside a
Herder job it talks to the agent through files (docs/sdk.md); outside a job it works on local folders.
"""

from ._checkpoint import CheckpointManager
from ._environment import VERSION as __version__
from ._job import Job, job
from ._report import log
from ._sampler import Sampler
from ._state import restore_random_states
from ._stop import StopRequest, exit_stopped, on_preempt
from ._stop import requested as stop_requested

log_metrics = log

__all__ = [
    "CheckpointManager",
    "Job",
    "Sampler",
    "StopRequest",
    "__version__",
    "exit_stopped",
    "job",
    "log",
    "log_metrics",
    "on_preempt",
    "restore_random_states",
    "stop_requested",
]
