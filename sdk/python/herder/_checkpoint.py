"""CheckpointManager: when to save, what to load, and when to stop. The bytes are _state's and _folder's."""

from __future__ import annotations

import operator
import os
import time

from . import _environment, _folder, _report, _state, _stop

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

INTERVAL_STEPS_DEFAULT = 500


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

    `interval_steps`: save every so many steps; left out, the job's `every` counts, then 500.
    `keep`: so many newest checkpoints stay on this disk. Both are at least 1, else ValueError.
    """

    def __init__(
        self,
        bucket: Optional[str] = None,
        prefix: Optional[str] = None,
        interval_steps: Optional[int] = None,
        keep: int = 3,
    ) -> None:
        self.interval_steps = _positive("interval_steps", interval_steps) or _interval_of_job()
        self.keep = _positive("keep", keep) or 3
        self.directory = _choose_directory(bucket, prefix)
        self._seen_step: Optional[int] = None  # of the last call of save, or of what was restored
        self._saved_step: Optional[int] = None
        self._deferred_stop = False
        if _environment.current().in_job:
            _stop.install_signal_handler()

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
        Returns the absolute path of the checkpoint, which is durable then. Raises TypeError, naming
        the place, for what cannot be stored without pickle; OSError when the disk refuses. In a
        program of several ranks only rank 0 writes.
        """
        kind = self._kind_if_due(step)
        if kind is None:
            return None
        return self._write_state(kind, step, metrics, _state.capture(model, optimizer, more))

    def save_final(
        self,
        model: Any,
        optimizer: Any,
        step: int,
        metrics: Optional[Mapping[str, Any]] = None,
        **more: Any,
    ) -> Optional[str]:
        """The same, due or not; None only if this step is saved already. For the end of a training."""
        if not self._is_unsaved(step):
            return None
        return self._write_state("final", step, metrics, _state.capture(model, optimizer, more))

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
        return self._write_state(kind, step, metrics, {"model_state": None, "optimizer_state": None}, function)

    def load_latest(self) -> Optional[Dict[str, Any]]:
        """The newest checkpoint that verifies, or None when there is none.

        Keys: model_state, optimizer_state, step, metrics, timestamp (epoch seconds), every name that
        was given to save as `more`; kind, random_state, path (its folder) and files (what save_with
        wrote, or None). Tensors are on the CPU. A torn checkpoint is skipped with a sentence on
        stderr. Nothing is unpickled. The random generators stay as they are: see `restore` and
        `restore_random_states`. Raises ImportError when numpy or torch is needed and missing.
        """
        for found in self._candidates():
            try:
                _folder.verify(found)
                state = _state.read(found.path)
                if state["step"] != found.step:
                    raise ValueError(f"{_state.STATE} is of step {state['step']}")
            except (ValueError, OSError) as error:
                _environment.say(f"skipped the checkpoint {found.path}: {error}; trying the one before")
                continue
            self._seen_step = self._saved_step = found.step
            _report.note_step(found.step)
            return state
        return None

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
        if _stop.notice() is None:
            return False
        unsaved = self._seen_step is not None and self._seen_step != self._saved_step
        if unsaved and not self._deferred_stop and _environment.is_writer():
            self._deferred_stop = True
            return False
        return True

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
        step = operator.index(step)
        if step < 0:
            raise ValueError(f"save step {step}: a step is not negative")
        self._seen_step = step
        _report.note_step(step)
        _report.beat()
        return step != self._saved_step and _environment.is_writer()

    def _kind_if_due(self, step: int) -> Optional[str]:
        before = self._seen_step if self._seen_step is not None else step - 1
        if not self._is_unsaved(step):
            return None
        if _stop.notice() is not None:
            return "preempt"
        # The interval is a grid: calls that skip steps still save in each of its cells.
        crossed = step // self.interval_steps != before // self.interval_steps
        return "periodic" if crossed else None

    def _write_state(
        self,
        kind: str,
        step: int,
        metrics: Optional[Mapping[str, Any]],
        state: Dict[str, Any],
        function: Optional[Callable[[str], Any]] = None,
    ) -> str:
        step = operator.index(step)
        plain = _report.plain_metrics(metrics)
        facts = {"step": step, "metrics": plain, "timestamp": time.time(), "kind": kind}

        def produce(folder: str) -> _folder.Known:
            if function is not None:
                files = os.path.join(folder, _state.FILES)
                os.mkdir(files)
                function(files)
            return _state.write(folder, facts, state)

        path = _folder.write(self.directory, step, _manifest_fields(facts), produce)
        self._saved_step, self._deferred_stop = step, False
        _report.checkpoint_complete(path, step, kind, plain)
        aside = _folder.retain(self.directory, path, self.keep)
        if aside:
            _environment.say(f"checkpoints of another run at step {step} or later were moved to {aside}")
        return path


def _manifest_fields(facts: Mapping[str, Any]) -> Dict[str, Any]:
    here = _environment.current()
    fields = {
        "version": _environment.VERSION,
        "kind": facts["kind"],
        "timestamp": facts["timestamp"],
        "metrics": _report.finite(facts["metrics"]),
        "software": _environment.software(),
    }
    if here.in_job:
        fields["job"], fields["attempt"] = here.job_id, os.environ.get("HERDER_ATTEMPT")
    return fields


def _positive(name: str, value: Optional[int]) -> Optional[int]:
    if value is None:
        return None
    number = operator.index(value)
    if number < 1:
        raise ValueError(f"make a CheckpointManager: {name} is {number}; it must be at least 1")
    return number


def _interval_of_job() -> int:
    text = os.environ.get("HERDER_CHECKPOINT_EVERY", "").strip()
    number = text[: -len("steps")].strip() if text.endswith("steps") else text
    if number.isdigit() and int(number) > 0:
        return int(number)
    if text:
        _environment.say_once(
            f"HERDER_CHECKPOINT_EVERY is {text!r}, which is no number of steps; "
            f"saving every {INTERVAL_STEPS_DEFAULT} steps"
        )
    return INTERVAL_STEPS_DEFAULT


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
