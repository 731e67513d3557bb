"""The files of one checkpoint: `state.json`, `arrays.safetensors`, and `files/` of save_with.

Between the folder, which knows only bytes (_folder), and the objects of a training (_objects).
"""

from __future__ import annotations

import os

from . import _environment, _objects, _random_states
from ._arrays import ArrayFile, Layout, write_parts
from ._tree import Decoder, Encoder

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from ._folder import Known
    from typing import Any, Dict, Iterable, Mapping, Optional

FORMAT = "herder-state/1"
STATE = "state.json"
ARRAYS = "arrays.safetensors"
FILES = "files"
RESERVED = (
    "model_state", "optimizer_state", "step", "metrics", "timestamp", "kind", "path", "files", "random_state",
)  # fmt: skip


def capture(model: Any, optimizer: Any, more: Mapping[str, Any]) -> Dict[str, Any]:
    """The state of everything, by the names that `load_latest` gives them."""
    for name in more:
        if name in RESERVED:
            raise ValueError(f"save {name}: the name is reserved; use another")
    state = {"model_state": _objects.capture(model), "optimizer_state": _objects.capture(optimizer)}
    state.update((name, _objects.capture(value)) for name, value in more.items())
    return state


class Image:
    """A state as it will be written: the JSON document, which nothing changes any more, and the arrays.

    The bytes of the arrays are still those of the training; `layout` says where they come to stand.
    """

    def __init__(self, facts: Dict[str, Any], state: Dict[str, Any]) -> None:
        """With the random states; `facts` are step, metrics, timestamp and kind.

        Raises TypeError, naming the place, for what has no image without pickle.
        """
        encoder = Encoder()
        encoded = {name: encoder.encode(value, name) for name, value in state.items()}
        random_state = encoder.encode(_random_states.capture(), "random_state")
        self.document = {
            "format": FORMAT,
            **{name: encoder.encode(value, name) for name, value in facts.items()},
            "state": encoded,
            "random_state": random_state,
        }
        self.layout = Layout(encoder.arrays) if encoder.arrays else None

    @property
    def size(self) -> int:
        """Bytes of the arrays' file; 0 when there are no arrays."""
        return self.layout.size if self.layout else 0


def write(folder: str, document: Dict[str, Any], arrays: Optional[Iterable[Any]]) -> Known:
    """Writes the two files of an image; `arrays` are the parts of the second, None when it has none."""
    import json

    known: Known = {}
    if arrays is not None:
        known[ARRAYS] = write_parts(os.path.join(folder, ARRAYS), arrays)
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode("ascii")
    known[STATE] = write_parts(os.path.join(folder, STATE), [text])
    return known


def read(folder: str) -> Dict[str, Any]:
    """The dict of `load_latest`, from a folder that was verified.

    Raises ValueError when the files do not fit together, ImportError when numpy or torch is needed
    and missing, OSError.
    """
    import json

    with open(os.path.join(folder, STATE), encoding="utf-8") as file:
        document = json.load(file)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"{STATE} is not of the format {FORMAT}; a newer herder may have written it")
    arrays: Optional[ArrayFile] = None
    path = os.path.join(folder, ARRAYS)
    if os.path.exists(path):
        arrays = ArrayFile(path)
    try:
        decoder = Decoder(arrays.read if arrays else _no_arrays)
        state = {name: decoder.decode(value) for name, value in document["state"].items()}
        for name in ("step", "metrics", "timestamp", "kind", "random_state"):
            state[name] = decoder.decode(document[name])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{STATE} is damaged: {error!r}") from error
    finally:
        if arrays:
            arrays.__exit__()
    files = os.path.join(folder, FILES)
    state.update(path=folder, files=files if os.path.isdir(files) else None)
    return state


def _no_arrays(name: str) -> bytearray:
    raise ValueError(f"{ARRAYS} is missing, but the state names {name!r}")


def put_back(state: Dict[str, Any], objects: Mapping[str, Any]) -> None:
    """Puts the state into the objects, by name, and the random generators where they were.

    Raises ValueError when the checkpoint holds nothing of a name.
    """
    for name, value in objects.items():
        if value is None:
            continue
        if state.get(name) is None:
            holds = ", ".join(sorted(key for key in state if key not in RESERVED[2:])) or "nothing"
            hint = f"; its own files are in {state['files']}" if state.get("files") else ""
            raise ValueError(
                f"restore {name}: the checkpoint of step {state['step']} holds none (it holds {holds}){hint}"
            )
        _objects.put_back(value, state[name], name)
    restore_random_states(state)


def restore_random_states(state: Mapping[str, Any]) -> None:
    """Puts the random generators where they were when `state`, a dict of load_latest, was saved.

    `CheckpointManager.restore` does it by itself; call it after the model and the optimizer were
    built and loaded, as building them draws numbers.
    """
    saved = state.get("random_state")
    if saved:
        _random_states.put_back(saved)
    else:
        _environment.say_once("the checkpoint has no random states: this run is not repeatable bit for bit")
