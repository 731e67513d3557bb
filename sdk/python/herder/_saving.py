"""How a state gets to the disk: copied into the arena and written behind the training, or at once.

When to save is _checkpoint's business, the files are those of _state and _folder.
"""

from __future__ import annotations

import operator
import os
import time

from . import _environment, _folder, _parts, _ranks, _report, _state, _writer

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, Mapping, Optional

_REHEARSAL_MIN = 1 << 20  # less than this is there before anybody notices
_WAIT_TOLD_SECONDS = 0.5


def facts(kind: str, step: int, metrics: Optional[Mapping[str, Any]]) -> Dict[str, Any]:
    """What a checkpoint says of itself beside its state."""
    plain = _report.plain_metrics(metrics)
    return {"step": operator.index(step), "metrics": plain, "timestamp": time.time(), "kind": kind}


class Saver:
    """Writes the checkpoints of one folder and tells the agent of each; `background`: if memory allows.

    `stall_seconds`: how long the last save held up the training, the wait for the one before apart.
    """

    def __init__(self, directory: str, keep: int, background: bool, ranks: _ranks.Ranks) -> None:
        self._directory, self._keep, self._background = directory, keep, background
        self._ranks = ranks
        self._pid = os.getpid()
        self._writer = _writer.writer_of(directory)
        self.stall_seconds: Optional[float] = None
        self._failed_before: Optional[str] = None  # see settle

    @property
    def writer(self) -> _writer.Writer:
        """This process's own: a forked child must not write to the memory of its parent."""
        if self._pid != os.getpid():
            self._writer, self._pid = _writer.writer_of(self._directory), os.getpid()
        return self._writer

    def wait(self) -> None:
        """Returns when everything is durable. Raises what the writing failed with, on every rank."""
        error = None
        try:
            self.writer.wait()
        except Exception as failed:
            error = failed
        self._ranks.all_or_none(error, "write a checkpoint")

    def settle(self) -> bool:
        """Returns when nothing is under way: whether all of it was written, on every rank.

        For the last save of a training, which an older failure must not cost: it is named after that one.
        """
        error = self.writer.settle()
        self._failed_before = self._failed_before if error is None else str(error)
        return not self._ranks.agree([int(error is not None)])[0]

    def rehearse(self, known: Dict[str, Any], state: Dict[str, Any]) -> None:
        """Takes the memory that a save of this state needs, behind the training.

        Raises TypeError for what cannot be saved.
        """
        size = _state.Image(known, state).size
        if size >= _REHEARSAL_MIN and not self.writer.is_busy:
            self.wait()
            arena = self.writer.arena
            self.writer.start(lambda: arena.reserve(size), "taking memory for checkpoints")

    def save_state(
        self, known: Dict[str, Any], capture: Callable[[], Dict[str, Any]], shared: Optional[_parts.Shared] = None
    ) -> str:
        """Returns the path that the checkpoint has, or will have; only a periodic one is not durable yet.

        With `shared`, `capture()` gives this rank's part, and every rank calls this.
        """
        began, what = time.monotonic(), f"save step {known['step']}"
        image = self.on_all(what, lambda: _state.Image(known, capture()))
        waited = self._wait_for_the_one_before(known["kind"])
        path = _folder.choose_path(self._directory, known["step"])
        # No rank begins to write before all hold their part: rank 0 would wait for one that never comes.
        document, held = image.document, self.on_all(what, lambda: self._hold(image))
        parts = image.layout.parts() if image.layout and held is None else held
        behind = held is not None or (self._background and not image.size)
        del image  # the arrays of the training are not kept alive until the writing ends

        def work() -> str:
            return self._commit(known, path, lambda folder: _state.write(folder, document, parts), shared, True)

        def begin() -> str:
            if not behind:
                return work()
            self.writer.start(work, f"saving step {known['step']}")
            return path

        try:
            path = self.on_all(what, begin)
        except BaseException:
            self.writer.settle()  # what began here fails for the same reason, which is raised once
            raise
        if known["kind"] != "periodic":
            self.wait()
        self._name_failure_before(known["step"])
        self.stall_seconds = time.monotonic() - began - waited
        return path

    def on_all(self, what: str, act: Callable[[], Any]) -> Any:
        """What `act` gives here; raises on every rank when it raises on one, so that none waits for it."""
        result, error = None, None
        try:
            result = act()
        except Exception as failed:
            error = failed
        self._ranks.all_or_none(error, what)
        return result

    def save_files(
        self, known: Dict[str, Any], function: Callable[[str], Any], shared: Optional[_parts.Shared] = None
    ) -> str:
        """The same for files that `function(folder)` writes, on every rank; durable when it returns."""
        self._wait_for_the_one_before(known["kind"])
        began, what = time.monotonic(), f"save step {known['step']}"
        nothing = {"model_state": None, "optimizer_state": None}
        document = self.on_all(what, lambda: _state.Image(known, nothing).document)
        path = _folder.choose_path(self._directory, known["step"])
        if shared is not None:
            self._write_files_together(function, shared)

        def produce(folder: str) -> _folder.Known:
            if shared is None:
                _call_with_folder(function, folder)
            return _state.write(folder, document, None)

        path = self.on_all(what, lambda: self._commit(known, path, produce, shared, False))
        self._name_failure_before(known["step"])
        self.stall_seconds = time.monotonic() - began
        return path

    def _write_files_together(self, function: Callable[[str], Any], shared: _parts.Shared) -> None:
        """Every rank writes into the same folder; when one fails, nothing is left."""
        error = None
        try:
            shared.begin()
            _call_with_folder(function, shared.folder)
        except Exception as failed:
            error = failed
        try:
            self._ranks.all_or_none(error, "save_with")
        except BaseException:
            _folder.remove_tree(shared.folder)
            raise

    def _wait_for_the_one_before(self, kind: str) -> float:
        """For how long. Raises what that one failed with only where the training goes on and saves again."""
        began = time.monotonic()
        if kind == "periodic":
            self.wait()
        else:
            self.settle()
        waited = time.monotonic() - began
        if waited > _WAIT_TOLD_SECONDS:
            _environment.say_once(
                "a save had to wait until the checkpoint before was written: they come faster than this "
                "disk takes them; raise interval_steps"
            )
        return waited

    def _name_failure_before(self, step: int) -> None:
        error, self._failed_before = self._failed_before, None
        if error is not None:
            _environment.say(f"step {step} is saved, although one before failed: {error}")

    def _hold(self, image: _state.Image) -> Optional[Iterable[Any]]:
        """The file of the arrays in the arena, in parts; None if there are none or no memory for them."""
        if not self._background or image.layout is None:
            return None
        arena = self.writer.arena
        if not arena.reserve(image.size):
            _environment.say_once(
                f"no memory for a copy of the state ({image.size >> 20} MiB and some to spare): a save "
                "holds up the training while it writes"
            )
            return None
        view = arena.view(image.size)
        image.layout.copy_into(view)
        return _released_after(view)

    def _commit(
        self,
        known: Dict[str, Any],
        path: str,
        produce: Callable[[str], _folder.Known],
        shared: Optional[_parts.Shared],
        has_state: bool,
    ) -> str:
        step, kind, metrics = known["step"], known["kind"], known["metrics"]
        fields = _manifest_fields(known)
        if shared is None:
            path = _folder.write(path, step, fields, produce)
        else:
            shared.write_part(produce)
            if shared.rank != 0:
                return path
            # Without a state the parts hold random states only, which other numbers of ranks can do without.
            fields.update(ranks=shared.size, sharded=has_state and self._ranks.mode == _ranks.SHARDED)
            path = _folder.commit(shared.folder, path, step, fields, lambda folder: shared.gather())
        _report.checkpoint_complete(path, step, kind, metrics)
        aside = _folder.retain(self._directory, path, self._keep)
        if aside:
            _environment.say(f"checkpoints of another run at step {step} or later were moved to {aside}")
        return path


def _call_with_folder(function: Callable[[str], Any], folder: str) -> None:
    files = os.path.join(folder, _state.FILES)
    os.makedirs(files, exist_ok=True)
    function(files)


def _released_after(view: memoryview) -> Iterable[Any]:
    """The arena cannot grow while a view of it lives."""
    with view:
        yield view


def _manifest_fields(known: Mapping[str, Any]) -> Dict[str, Any]:
    here = _environment.current()
    fields = {
        "version": _environment.VERSION,
        "kind": known["kind"],
        "timestamp": known["timestamp"],
        "metrics": _report.finite(known["metrics"]),
        "software": _environment.software(),
    }
    if here.in_job:
        fields["job"], fields["attempt"] = here.job_id, os.environ.get("HERDER_ATTEMPT")
    return fields
