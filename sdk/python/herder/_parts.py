"""One checkpoint of several ranks: each writes a part beside the others', and it counts wholly or not at all.

No rank waits for another while it trains. Each leaves a mark when its part is durable, and rank 0, whose
thread waits for all marks, seals the folder and renames it. The ranks share the file system.
"""

from __future__ import annotations

import os
import time

from . import _folder, _state

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List

    from ._folder import Known

_MARKS = ".marks"
_POLL_SECONDS = 0.01
_PART_LIMIT_SECONDS = 1800.0


def part_name(rank: int) -> str:
    """The folder of one rank's part."""
    return f"rank-{rank:05d}"


class Shared:
    """What all ranks know of the checkpoint that they write: the pids of all, and a number that rank 0 drew."""

    def __init__(self, root: str, pids: List[int], draw: int, rank: int) -> None:
        self.folder = _folder.temporary_path(root, pids[0], f"{draw:08x}")
        self.rank, self.size, self._pids = rank, len(pids), pids

    def begin(self) -> None:
        """Makes the folder; rank 0 also takes away what earlier processes left."""
        os.makedirs(self._marks, exist_ok=True)
        if self.rank == 0:
            _folder.remove_abandoned(os.path.dirname(self.folder), but=self.folder)

    @property
    def _marks(self) -> str:
        return os.path.join(self.folder, _MARKS)

    def write_part(self, produce: Callable[[str], Known]) -> None:
        """Writes this rank's part and leaves its mark; leaves a mark of the failure, and raises, if it cannot."""
        try:
            self.begin()
            part = os.path.join(self.folder, part_name(self.rank))
            os.mkdir(part)
            files = _folder.seal(part, produce(part))
            _folder.fsync_folder(part)
        except BaseException as error:
            self._leave_mark({"failed": str(error)})
            raise
        self._leave_mark({"files": files})

    def _leave_mark(self, facts: Dict[str, Any]) -> None:
        import json

        path = os.path.join(self._marks, str(self.rank))
        with open(path + ".new", "w", encoding="ascii") as file:
            json.dump(facts, file)
        os.rename(path + ".new", path)

    def gather(self) -> Known:
        """On rank 0: waits for all marks, takes them away, and gives what is known of the files.

        Raises OSError when a rank failed, ended, or left no mark for half an hour.
        """
        known: Known = {}
        for rank in range(self.size):
            for entry in self._await_mark(rank):
                known[f"{part_name(rank)}/{entry['path']}"] = entry
        _folder.remove_tree(self._marks)
        return known

    def _await_mark(self, rank: int) -> List[Dict[str, Any]]:
        import json

        path = os.path.join(self._marks, str(rank))
        deadline = time.monotonic() + _PART_LIMIT_SECONDS
        while not os.path.exists(path):
            if not _folder.is_alive(self._pids[rank]) and not os.path.exists(path):
                raise OSError(f"rank {rank} ended before its part was written")
            if time.monotonic() > deadline:
                raise OSError(f"rank {rank} did not finish its part within {_PART_LIMIT_SECONDS:.0f} s")
            time.sleep(_POLL_SECONDS)
        with open(path, encoding="ascii") as file:
            facts = json.load(file)
        if "failed" in facts:
            raise OSError(f"rank {rank} could not write its part: {facts['failed']}")
        return list(facts["files"])


def is_wanted_by(rank: int) -> Callable[[str, Dict[str, Any]], bool]:
    """Which files this rank reads again before it resumes: its own, and what it will take from rank 0."""

    def is_wanted(path: str, manifest: Dict[str, Any]) -> bool:
        top = path.split("/", 1)[0]
        if not top.startswith("rank-") or "ranks" not in manifest:
            return rank == 0 or "ranks" not in manifest
        return top in _parts_of(rank, manifest)

    return is_wanted


def _parts_of(rank: int, manifest: Dict[str, Any]) -> List[str]:
    own = [part_name(rank)] if rank < int(manifest["ranks"]) else []
    shared = [] if manifest.get("sharded") else [part_name(0)]
    return sorted({*own, *shared})


def read(path: str, manifest: Dict[str, Any], rank: int, size: int) -> Dict[str, Any]:
    """What `_state.read` gives, for one rank. Raises ValueError when these ranks cannot take it up."""
    if "ranks" not in manifest:
        return _state.read(path)
    saved = int(manifest["ranks"])
    if manifest.get("sharded") and saved != size:
        raise WrongRanks(
            f"load {path}: {saved} ranks wrote their shards, and here are {size}; start as many, or save with "
            "torch.distributed.checkpoint in save_with, which can share them out anew"
        )
    state: Dict[str, Any] = {}
    for part in _parts_of(rank, manifest):  # rank 0 comes first: what is this rank's own replaces it
        state.update(_state.read(os.path.join(path, part)))
    if rank >= saved:
        state["random_state"] = None
    files = os.path.join(path, _state.FILES)
    state.update(path=path, files=files if os.path.isdir(files) else None)
    return state


class WrongRanks(ValueError):
    """The checkpoint is whole, but of another number of ranks."""
