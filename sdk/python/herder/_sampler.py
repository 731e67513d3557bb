"""Which sample comes next, as something that a checkpoint can hold."""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Tuple


class Sampler:
    """The indices of a dataset in an order that is the same on every run, from where a checkpoint left off.

        sampler = herder.Sampler(len(dataset), seed=1)            # rank=, ranks= where several share the data
        loader = DataLoader(dataset, batch_size=32, sampler=sampler)
        ckpt.restore(model, optimizer, sampler=sampler)
        while training:
            for batch in loader:                                  # the rest of the epoch, then whole ones
                train_step(batch)
                sampler.took(32)
                ckpt.save(model, optimizer, step, sampler=sampler)

    A loader reads ahead of the training; so the position is what the training says it `took`, and not
    what was drawn. Every rank draws as many samples as the others; the last few of an epoch may be left out.
    A loader that makes no batch of the last samples (drop_last) gives nothing once; then the next epoch begins.
    """

    def __init__(self, length: int, seed: int = 0, shuffle: bool = True, rank: int = 0, ranks: int = 1) -> None:
        if not (length >= ranks >= 1 and 0 <= rank < ranks):
            raise ValueError(f"make a Sampler: rank {rank} of {ranks} cannot share {length} samples")
        self._length, self._seed, self._shuffle = length, seed, shuffle
        self._rank, self._ranks = rank, ranks
        self.epoch = 0
        self.position = 0  # samples of this rank that the training took in this epoch
        self._drained: Optional[Tuple[int, int]] = None  # where the last iterator that came to its end had begun

    def __len__(self) -> int:
        """What is left of this epoch."""
        return self._each - self.position

    @property
    def _each(self) -> int:
        return self._length // self._ranks

    def __iter__(self) -> Iterator[int]:
        if self.position and self._drained == (self.epoch, self.position):
            # All that was left has been drawn and the training took none of it: no batch comes of it.
            self.epoch, self.position = self.epoch + 1, 0
        order = self._order()[self._rank :: self._ranks]
        return self._draw(order[self.position : self._each], (self.epoch, self.position))

    def _draw(self, indices: List[int], begin: Tuple[int, int]) -> Iterator[int]:
        yield from indices
        self._drained = begin

    def _order(self) -> List[int]:
        import random

        order = list(range(self._length))
        if self._shuffle:
            random.Random(f"{self._seed} {self.epoch}").shuffle(order)
        return order

    def took(self, count: int) -> None:
        """The training has used `count` more samples; at the end of an epoch the next one begins."""
        self.position += count
        if self.position >= self._each:
            self.epoch, self.position = self.epoch + 1, 0

    def state_dict(self) -> Dict[str, Any]:
        """Epoch, position, and what the order depends on."""
        return {
            "epoch": self.epoch, "position": self.position, "seed": self._seed,
            "length": self._length, "ranks": self._ranks,
        }  # fmt: skip

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        """Goes on where the state was taken. Raises ValueError when the data or the ranks are others."""
        for name, mine in (("seed", self._seed), ("length", self._length), ("ranks", self._ranks)):
            if state[name] != mine:
                raise ValueError(
                    f"restore a Sampler: {name} was {state[name]} when it was saved and is {mine} now; "
                    "the order would be another"
                )
        self.epoch, self.position = int(state["epoch"]), int(state["position"])
        self._drained = None
