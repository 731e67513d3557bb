"""Several ranks that train together: what they decide about saving and stopping, they decide alike.

One small all-reduce over gloo at each `save`, on the CPU, so that no rank stops or saves a step before
the others: in the next collective of the training they would wait for each other for ever.
"""

from __future__ import annotations

import os
import sys

from . import _environment

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence

FIRST, TOGETHER, SHARDED = "first", "together", "sharded"


class Ranks:
    """`mode` is one of the words above; alone, and with FIRST, every answer is this process's own."""

    def __init__(self, mode: str) -> None:
        if mode not in (FIRST, TOGETHER, SHARDED):
            raise ValueError(f"make a CheckpointManager: ranks is {mode!r}; it is {FIRST}, {TOGETHER} or {SHARDED}")
        self.mode = mode
        self.is_together = mode != FIRST
        self._group: Any = None
        self._torch: Any = None
        self._sent: Any = None  # see agree
        if self.is_together:
            self._join()

    def _join(self) -> None:
        torch = sys.modules.get("torch")
        ready = torch is not None and torch.distributed.is_available() and torch.distributed.is_initialized()
        if ready:
            self._torch = torch
            self._group = torch.distributed.new_group(backend="gloo")
        elif _environment.world_size() > 1:
            raise ValueError(
                f"make a CheckpointManager with ranks={self.mode!r}: call torch.distributed.init_process_group "
                "before, on every rank"
            )

    @property
    def rank(self) -> int:
        """This process's number among those that decide together; where each decides alone, the launcher's."""
        if self._group is not None:
            return int(self._torch.distributed.get_rank())
        return 0 if self.is_together or _environment.is_writer() else int(os.environ["RANK"])

    @property
    def size(self) -> int:
        """How many decide together."""
        return int(self._torch.distributed.get_world_size()) if self._group is not None else 1

    @property
    def writes(self) -> bool:
        """Whether this rank has a part in a checkpoint."""
        return self.is_together or self.rank == 0

    def agree(self, numbers: Sequence[int]) -> List[int]:
        """For each place the greatest that any rank brought. Every rank has to come, in the same order."""
        if self._group is None:
            return list(numbers)
        # Kept until the next one: gloo's thread may hold it for a moment longer than the call lasts. If we
        # let go first, that thread frees the Python object, and where Python is ending by then, it aborts.
        tensor = self._sent = self._torch.tensor(list(numbers), dtype=self._torch.int64)
        operation = self._torch.distributed.ReduceOp.MAX
        self._torch.distributed.all_reduce(tensor, op=operation, group=self._group)
        return [int(number) for number in tensor.tolist()]

    def all_or_none(self, error: Optional[BaseException], what: str) -> None:
        """Raises on every rank when one of them brought an error: its own there, a pointer elsewhere."""
        bad = self.agree([self.rank + 1 if error is not None else 0])[0]
        if error is not None:
            raise error
        if bad:
            raise RuntimeError(f"{what}: rank {bad - 1} failed; its own message says why")
