"""CheckpointManager: when to save, what to load, and when to stop. The bytes are _state's and _folder's."""

from __future__ import annotations

import operator
import os
import time

from . import _environment, _folder, _interval, _parts, _ranks, _report, _saving, _state, _stop

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple


_STOP_AND_SAVE, _STOP_AS_IT_IS = 1, 2


class CheckpointManager:
    """Saves the state of a training and finds it again, in a Herder job or anywhere else.

        ckpt = CheckpointManager(interval_steps=500, keep=3)
        start = ckpt.restore(model, optimizer)
        for step in range(start + 1, total + 1):
            loss = train_step(...)
            ckpt.save(model, optimizer, step, {"loss": loss})
            if ckpt.should_stop:
                break

    Inside a job the storage comes from the job; `bucket` is ignored then, and `prefix` names a folder
    below $HERDER_CHECKPOINT_DIR. Outside a job everything is in ./checkpoints/PREFIX.

    `interval_steps`: save every so many steps; `every`: the same as text, "500 steps", "10m", or "auto"
    (as often as pays, from what a save costs and how long the machine has run). Left out, the job's
    `every` counts, then 500 steps.
    `keep`: so many newest checkpoints stay on this disk. Steps and `keep` are at least 1, else ValueError.
    `background`: copy the state into memory of our own and write that while the training goes on;
    False writes at once, in the training's time. Where memory is short that happens by itself.
    `ranks`, in a program of several: "first" (rank 0 saves, each rank decides for itself), or, with
    torch.distributed initialised and every rank making every call, "together" (rank 0 saves model and
    optimizer, each rank its random states and `more`; all stop after the same step) or "sharded" (each
    rank saves all that it was given, as for FSDP).
    """

    def __init__(
        self,
        bucket: Optional[str] = None,
        prefix: Optional[str] = None,
        interval_steps: Optional[int] = None,
        keep: int = 3,
        background: bool = True,
        ranks: str = _ranks.FIRST,
        every: Optional[str] = None,
    ) -> None:
        self._interval = _choose_interval(interval_steps, every)
        self._began = self._last_due = time.monotonic()
        self.keep = _positive("keep", keep) or 3
        self.directory = _choose_directory(bucket, prefix)
        self._seen_step: Optional[int] = None  # of the last call of save, or of what was restored
        self._saved_step: Optional[int] = None
        self._deferred_stop = False
        self._ranks = _ranks.Ranks(ranks)
        self._saver = _saving.Saver(self.directory, self.keep, background, self._ranks)
        self._rehearsed = not background
        self._agreed: Optional[List[int]] = None  # by the last save, see _agree
        if _environment.current().in_job:
            _stop.install_signal_handler()

    @property
    def interval_steps(self) -> Optional[int]:
        """Save every so many steps; None where time decides."""
        return self._interval.steps

    def save(
        self,
        model: Any,
        optimizer: Any,
        step: int,
        metrics: Optional[Mapping[str, Any]] = None,
        **more: Any,
    ) -> Optional[str]:
        """Saves if the interval is over or a stop was asked for; otherwise returns None at once.

        Call it after every step. `model`, `optimizer` and everything in `more` are objects with
        state_dict(), dicts, lists, numbers, numpy arrays, torch tensors, random generators, or None.
        Returns the absolute path that the checkpoint will have. It is written behind the training:
        the state may be changed as soon as this returns, and `wait` tells when it is durable. What
        is saved because of a stop is durable when this returns. A save waits for the one before.
        Raises TypeError, naming the place, for what cannot be stored without pickle (at the first
        call already); OSError when the disk refuses, or refused the one before. In a program of
        several ranks only rank 0 writes, unless `ranks` says otherwise.
        """
        kind = self._kind_if_due(step)
        if kind is None:
            self._rehearse(step, model, optimizer, more)
            return None
        return self._save_state(kind, step, metrics, lambda: self._part(model, optimizer, more))

    def save_final(
        self,
        model: Any,
        optimizer: Any,
        step: int,
        metrics: Optional[Mapping[str, Any]] = None,
        **more: Any,
    ) -> Optional[str]:
        """The same, due or not, and durable when it returns. For the end of a training.

        None only if this step is saved already. That the save before failed is told, but stops nothing.
        """
        if not self._saver.settle():
            self._saved_step = None
        if not self._is_unsaved(step):
            return None
        self._agree()
        return self._save_state("final", step, metrics, lambda: self._part(model, optimizer, more))

    def save_with(
        self, step: int, function: Callable[[str], Any], metrics: Optional[Mapping[str, Any]] = None
    ) -> Optional[str]:
        """Like `save`, for frameworks that write their own files: calls `function(path)` if due.

        `path` is an empty folder; what is written below it comes back as load_latest()["files"].
        Only plain files are allowed (ValueError). Random states and metrics are saved beside them.
        """
        kind = self._kind_if_due(step)
        if kind is None:
            return None
        try:
            path = self._saver.save_files(self._facts(kind, step, metrics), function, self._shared())
        except BaseException:
            self._saved_step = None
            raise
        self._note_saved(step)
        return path

    def wait(self) -> None:
        """Returns when every checkpoint that was saved is durable.

        Raises OSError when the disk refused one; the one before it is the newest then.
        """
        try:
            self._saver.wait()
        except BaseException:
            self._saved_step = None
            raise

    def load_latest(self) -> Optional[Dict[str, Any]]:
        """The newest checkpoint that verifies, or None when there is none.

        Keys: model_state, optimizer_state, step, metrics, timestamp (epoch seconds), every name that
        was given to save as `more`; kind, random_state, path (its folder) and files (what save_with
        wrote, or None). Tensors are on the CPU. A torn checkpoint is skipped with a sentence on
        stderr. Nothing is unpickled. The random generators stay as they are: see `restore` and
        `restore_random_states`. Raises ImportError when numpy or torch is needed and missing.
        """
        self.wait()
        for found in self._candidates():
            state = self._read(found)
            if state is not None:
                self._seen_step = self._saved_step = found.step
                _report.note_step(found.step)
                return state
        return None

    def _read(self, found: _folder.Found) -> Optional[Dict[str, Any]]:
        """The state, or None, with a sentence, when it is torn here or on any other rank."""
        rank = self._ranks.rank if self._ranks.is_together else 0
        state, fault, wrong = None, None, None
        try:
            manifest = _folder.verify(found, _parts.is_wanted_by(rank) if self._ranks.is_together else None)
            state = _parts.read(found.path, manifest, rank, self._ranks.size)
            if state["step"] != found.step:
                raise ValueError(f"{_state.STATE} is of step {state['step']}")
        except _parts.WrongRanks as error:
            wrong = error
        except (ValueError, OSError) as error:
            fault = str(error)
        torn = self._ranks.agree([1 if fault else 0])[0]
        if fault:
            _environment.say(f"skipped the checkpoint {found.path}: {fault}; trying the one before")
        if wrong and not torn:
            raise wrong
        return None if torn else state

    def restore(self, model: Any, optimizer: Any = None, **more: Any) -> int:
        """Loads the newest checkpoint into the objects, in place, and returns its step; 0 if there is none.

        The random generators (Python's, numpy's global one, torch's on CPU and CUDA) go back to where
        they were. Raises ValueError when the checkpoint holds nothing of a name, or another shape.
        """
        state = self.load_latest()
        if state is None:
            return 0
        _state.put_back(state, {"model_state": model, "optimizer_state": optimizer, **more})
        _environment.say(f"resumed after step {state['step']} from {state['path']}")
        return int(state["step"])

    @property
    def should_stop(self) -> bool:
        """Whether to leave the loop now: a stop was asked for, and the state is saved if `save` is used.

        A stop that comes between a call of `save` and this question is answered with True one round
        later, after the next `save` has taken the state, so that no step is lost.
        """
        _report.beat()
        _stop.install_signal_handler()
        if self._ranks.is_together:
            return self._all_should_stop()
        if _stop.notice() is None:
            return False
        unsaved = self._seen_step is not None and self._seen_step != self._saved_step
        if unsaved and not self._deferred_stop and _environment.is_writer():
            self._deferred_stop = True
            return False
        self.wait()
        return True

    def _all_should_stop(self) -> bool:
        """What the last `save` agreed on, so that its state is saved; without one, what is agreed now."""
        agreed = self._agreed or self._agree()
        self._agreed = None
        if agreed[0]:
            self.wait()
        return bool(agreed[0])

    def steps(self, total: int, model: Any = None, optimizer: Any = None, **more: Any) -> Iterator[int]:
        """The steps that are left, up to and with `total`: resumes, saves and stops by itself.

            for step in ckpt.steps(total, model, optimizer):
                train_step(...)

        Given objects it restores them first, saves them after each round when due and at the end, and
        ends early when a stop was asked for. Without objects it starts after the step that `restore`
        or `load_latest` gave, and the body calls `save` itself.
        """
        managed = model is not None or optimizer is not None or bool(more)
        if managed:
            self.restore(model, optimizer, **more)
        for step in range((self._saved_step or 0) + 1, total + 1):
            _report.note_step(step)
            yield step
            if managed:
                self.save(model, optimizer, step, **more)
            if self.should_stop:
                return
        if managed:
            self.save_final(model, optimizer, total, **more)

    def _candidates(self) -> List[_folder.Found]:
        """What is on this disk and what the agent brought from the store, newest first."""
        found = _folder.found_in(self.directory)
        brought = _environment.current().resume_from
        if brought:
            here = {os.path.realpath(item.path) for item in found}
            found += [item for item in _folder.found_at(brought) if os.path.realpath(item.path) not in here]
        return sorted(found, reverse=True)

    def _is_unsaved(self, step: int) -> bool:
        """Notes that the training is at `step`; whether this process has to write if it is due."""
        step = _whole("save", "step", step)
        if step < 0:
            raise ValueError(f"save step {step}: a step is not negative")
        self._seen_step = step
        _report.note_step(step)
        _report.beat()
        return step != self._saved_step and self._ranks.writes

    def _kind_if_due(self, step: int) -> Optional[str]:
        seen = self._seen_step
        is_unsaved = self._is_unsaved(step)
        before = seen if seen is not None else step - 1
        is_due = self._is_due(step, before)
        if self._ranks.is_together:  # every rank comes here, due or not
            stopping, is_due = self._agree(is_due)[0], bool(self._agreed and self._agreed[1])
        else:
            stopping = self._stopping() if is_unsaved else 0
        if not is_unsaved:
            return None
        if stopping == _STOP_AS_IT_IS:
            self._deferred_stop = True  # nothing more will be saved: should_stop need not wait for it
            _environment.say_once(
                "asked to stop with too little time left for a save of its usual length; the checkpoint before stays"
            )
            return None
        if stopping:
            return "preempt"
        if is_due:
            self._last_due = time.monotonic()
        return "periodic" if is_due else None

    def _is_due(self, step: int, before: int) -> bool:
        if self._interval.steps is not None:
            # The interval is a grid: calls that skip steps still save in each of its cells.
            return step // self._interval.steps != before // self._interval.steps
        now = time.monotonic()
        seconds = self._interval.seconds
        if seconds is None:
            upload = max(self._saver.writer.write_seconds or 0.0, _interval.upload_seconds())
            seconds = _interval.auto_seconds(self._saver.stall_seconds, now - self._began, upload)
        return now - self._last_due >= seconds

    def _stopping(self) -> int:
        """0 to go on; else whether there is time for a save, going by how long the last one took."""
        notice = _stop.notice()
        if notice is None:
            return 0
        is_enough = _interval.fits(notice.deadline, time.time(), self._saver.writer.write_seconds)
        return _STOP_AND_SAVE if is_enough else _STOP_AS_IT_IS

    def _agree(self, is_due: bool = False) -> List[int]:
        """With all ranks: whether one was asked to stop (see _stopping), whether rank 0 finds a save due, a number that
        rank 0 draws, and everybody's pid."""
        here, size = self._ranks.rank, self._ranks.size
        draw = int.from_bytes(os.urandom(4), "little") if here == 0 else 0
        pids = [os.getpid() if rank == here else 0 for rank in range(size)]
        self._agreed = self._ranks.agree([self._stopping(), int(is_due and here == 0), draw, *pids])
        return self._agreed

    def _shared(self) -> Optional[_parts.Shared]:
        """The checkpoint that all ranks write together now; None where one writes alone."""
        if not self._ranks.is_together or self._agreed is None:
            return None
        _, _, draw, *pids = self._agreed
        return _parts.Shared(self.directory, pids, draw, self._ranks.rank)

    def _part(self, model: Any, optimizer: Any, more: Mapping[str, Any]) -> Dict[str, Any]:
        """What this rank writes: where the ranks hold the same model, rank 0 has it for all."""
        if self._ranks.mode == _ranks.TOGETHER and self._ranks.rank != 0:
            state = _state.capture(None, None, more)
            del state["model_state"], state["optimizer_state"]
            return state
        return _state.capture(model, optimizer, more)

    def _rehearse(self, step: int, model: Any, optimizer: Any, more: Mapping[str, Any]) -> None:
        """At the first call: takes the memory that a save will need, behind the training.

        The state is complete then, the optimizer's too, and what cannot be saved is told now and not
        in an hour. Not where several ranks train: taking a state may need all of them.
        """
        if self._rehearsed:
            return
        self._rehearsed = True
        if self._ranks.is_together or not _environment.is_writer() or _environment.world_size() > 1:
            return
        self._saver.rehearse(_saving.facts("periodic", step, None), _state.capture(model, optimizer, more))

    def _save_state(
        self, kind: str, step: int, metrics: Optional[Mapping[str, Any]], capture: Callable[[], Dict[str, Any]]
    ) -> str:
        self._rehearsed = True
        try:
            path = self._saver.save_state(self._facts(kind, step, metrics), capture, self._shared())
        except BaseException:
            self._saved_step = None
            raise
        self._note_saved(step)
        return path

    def _facts(self, kind: str, step: int, metrics: Optional[Mapping[str, Any]]) -> Dict[str, Any]:
        known = self._saver.on_all(f"save step {step}", lambda: _saving.facts(kind, step, metrics))
        return dict(known)

    def _note_saved(self, step: int) -> None:
        self._saved_step, self._deferred_stop = operator.index(step), False


def _whole(what: str, name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{what}: {name} is {value!r}; it must be a whole number") from None


def _positive(name: str, value: Optional[int]) -> Optional[int]:
    if value is None:
        return None
    number = _whole("make a CheckpointManager", name, value)
    if number < 1:
        raise ValueError(f"make a CheckpointManager: {name} is {number}; it must be at least 1")
    return number


def _choose_interval(steps: Optional[int], every: Optional[str]) -> _interval.Interval:
    number = _positive("interval_steps", steps)
    if number is not None:
        return _interval.Interval(steps=number)
    if every is None:
        return _interval.of_job()
    found = _interval.parse(every)
    if found is None:
        raise ValueError(f"make a CheckpointManager: every is {every!r}; write 500 steps, 10m or auto")
    return found


def _folder_parts(text: Optional[str]) -> Tuple[str, ...]:
    """A bucket or prefix as folder names. Raises ValueError for one that leads out of its place."""
    bare = (text or "").split("://", 1)[-1]
    parts = tuple(part for part in bare.split("/") if part not in ("", "."))
    if ".." in parts or "\0" in bare:
        raise ValueError(f"make a CheckpointManager: {text!r} leads out of the checkpoint folder")
    return parts


def _choose_directory(bucket: Optional[str], prefix: Optional[str]) -> str:
    here = _environment.current()
    if here.in_job:
        if bucket is not None:
            _environment.say_once(
                f"bucket {bucket!r} is ignored inside a job: the storage comes from the job itself"
            )
        return os.path.join(here.checkpoint_dir, *_folder_parts(prefix))
    directory = os.path.join(here.checkpoint_dir, *(_folder_parts(prefix) or _folder_parts(bucket)))
    note = f" (the bucket {bucket!r} is not contacted)" if bucket is not None else ""
    _environment.say_once(f"not inside a job: checkpoints go to {directory}{note}")
    return directory
