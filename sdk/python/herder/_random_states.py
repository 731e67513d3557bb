"""The states of the random generators that a training draws from, captured and put back.

Python's `random`, numpy's global generator, torch's on the CPU and on every CUDA device. Generators
that a script makes for itself are passed to save and restore by name, like a model (_objects).
"""

from __future__ import annotations

import sys

from . import _environment

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Dict


def capture() -> Dict[str, Any]:
    """The states of the modules that this process has imported. Bytes, so reading needs no numpy."""
    import random

    states: Dict[str, Any] = {"python": random.getstate()}
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None and hasattr(numpy, "random"):
        name, keys, position, has_gauss, cached = numpy.random.get_state(legacy=True)
        image = keys.astype("<u4").tobytes()
        states["numpy"] = [str(name), image, int(position), int(has_gauss), float(cached)]
    if torch is not None and hasattr(torch, "get_rng_state"):
        states["torch"] = _tensor_bytes(torch.get_rng_state())
        if torch.cuda.is_available() and torch.cuda.is_initialized():
            states["torch_cuda"] = [_tensor_bytes(state) for state in torch.cuda.get_rng_state_all()]
    return states


def put_back(states: Dict[str, Any]) -> None:
    """Puts them back; says so, in a sentence, where one cannot be."""
    import random

    if "python" in states:
        random.setstate(states["python"])
    if "numpy" in states:
        _put_back_numpy(states["numpy"])
    if "torch" in states:
        _put_back_torch(states["torch"], states.get("torch_cuda") or [])


def _put_back_numpy(state: Any) -> None:
    try:
        import numpy
    except ImportError:
        _environment.say_once("the checkpoint has numpy's random state, but numpy is not installed; left out")
        return
    name, image, position, has_gauss, cached = state
    keys = numpy.frombuffer(image, dtype="<u4").astype(numpy.uint32)
    numpy.random.set_state((name, keys, position, has_gauss, cached))


def _put_back_torch(cpu: bytes, cuda: Any) -> None:
    try:
        import torch
    except ImportError:
        _environment.say_once("the checkpoint has torch's random state, but torch is not installed; left out")
        return
    torch.set_rng_state(_byte_tensor(torch, cpu))
    if not cuda:
        return
    devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if devices != len(cuda):
        _environment.say(
            f"the checkpoint has the random states of {len(cuda)} CUDA devices and here are {devices}; "
            "the run goes on, but not bit for bit"
        )
    for index, state in enumerate(cuda[:devices]):
        torch.cuda.set_rng_state(_byte_tensor(torch, state), index)


def _tensor_bytes(tensor: Any) -> bytes:
    import ctypes

    tensor = tensor.cpu().contiguous()
    return ctypes.string_at(tensor.data_ptr(), tensor.numel())


def _byte_tensor(torch: Any, data: bytes) -> Any:
    import ctypes

    tensor = torch.empty(len(data), dtype=torch.uint8)
    ctypes.memmove(tensor.data_ptr(), data, len(data))
    return tensor
