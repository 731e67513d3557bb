"""What is taken from a live object for a checkpoint, and how it is put back into it.

The image of what is taken is _tree's business.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any


def capture(value: Any) -> Any:
    """The state of a model, optimizer or anything else that `save` was given."""
    if isinstance(value, (type(None), dict, list, tuple)):
        return value
    if hasattr(value, "state_dict"):
        return value.state_dict()
    if hasattr(value, "bit_generator"):  # numpy.random.Generator
        return value.bit_generator.state
    if _is_python_generator(value):
        return value.getstate()
    return value


def put_back(value: Any, saved: Any, name: str) -> None:
    """Puts `saved` into the object `value`, in place.

    Dicts, lists and arrays are filled where they are, so that other references to them stay right.
    Raises ValueError when shapes do not fit, TypeError for what cannot be changed in place.
    """
    if value is None:
        return
    if hasattr(value, "load_state_dict"):
        value.load_state_dict(saved)
    elif hasattr(value, "bit_generator"):
        value.bit_generator.state = saved
    elif _is_python_generator(value):
        value.setstate(saved)
    elif isinstance(value, (dict, list)) and isinstance(saved, type(value)):
        _fill(value, saved, name)
    elif _is_array(value) and _is_array(saved):
        _copy_array(value, saved, name)
    else:
        raise TypeError(
            f"restore {name}: a {type(value).__name__} cannot be changed in place from a saved "
            f"{type(saved).__name__}; take it from load_latest()[{name!r}] instead"
        )


def _fill(value: Any, saved: Any, name: str) -> None:
    if isinstance(value, dict):
        for key in [key for key in value if key not in saved]:
            del value[key]
        for key, inner in saved.items():
            value[key] = _merged(value.get(key), inner, f"{name}/{key}")
        return
    value[:] = [
        _merged(value[i] if i < len(value) else None, inner, f"{name}/{i}") for i, inner in enumerate(saved)
    ]


def _merged(old: Any, saved: Any, name: str) -> Any:
    """The old container or array, filled, where there is one of the same kind; else the saved value."""
    same_container = isinstance(old, (dict, list)) and isinstance(saved, type(old))
    if same_container or (_is_array(old) and _is_array(saved)):
        put_back(old, saved, name)
        return old
    return saved


def _is_python_generator(value: Any) -> bool:
    random = sys.modules.get("random")
    return random is not None and isinstance(value, random.Random)


def _is_array(value: Any) -> bool:
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None and isinstance(value, numpy.ndarray):
        return True
    return torch is not None and isinstance(value, torch.Tensor)


def _copy_array(value: Any, saved: Any, name: str) -> None:
    if tuple(value.shape) != tuple(saved.shape):
        raise ValueError(
            f"restore {name}: the checkpoint has the shape {tuple(saved.shape)}, the program "
            f"{tuple(value.shape)}; build the same model, or use another prefix"
        )
    if hasattr(value, "copy_"):  # a tensor, on whatever device
        value.detach().copy_(saved)
    else:
        value[...] = saved
