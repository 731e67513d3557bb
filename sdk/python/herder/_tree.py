"""State as JSON plus raw arrays and back, without pickle (docs/sdk.md, format).

What JSON has no word for is an object with the key "$" naming its type. Arrays and tensors stand
beside the JSON, as named byte ranges (_arrays). Decoding runs no code that a checkpoint brought.
"""

from __future__ import annotations

import math
import sys
from collections import Counter, OrderedDict, namedtuple

from ._sources import NumpySource, TorchSource

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Tuple

_DEPTH_MAX = 200
_NUMPY_KINDS = "biufcSUMm"  # what has a plain byte image; objects and records have none

# The dtype words of the safetensors format (its README, 2024); other types are stored as bytes (U8).
_SAFETENSORS_NUMPY = {
    "<f8": "F64", "<f4": "F32", "<f2": "F16", "<i8": "I64", "<i4": "I32", "<i2": "I16", "|i1": "I8",
    "<u8": "U64", "<u4": "U32", "<u2": "U16", "|u1": "U8", "|b1": "BOOL",
}  # fmt: skip
_SAFETENSORS_TORCH = {
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64",
    "int32": "I32", "int16": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL",
    "uint16": "U16", "uint32": "U32", "uint64": "U64",
    "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2",
}  # fmt: skip


# What the package ml_dtypes gives to numpy, and JAX to its arrays: no type of numpy's own.
_SAFETENSORS_ML = {"bfloat16": "BF16", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2"}


class ArrayImage(namedtuple("ArrayImage", "name word shape item_size source")):
    """One array to be written: its name, safetensors type and shape, and where its bytes are (_sources)."""


class Encoder:
    """Turns state into JSON values; the arrays met on the way are collected in `arrays`."""

    def __init__(self) -> None:
        self.arrays: List[ArrayImage] = []
        self._names: Dict[str, int] = {}

    def encode(self, value: Any, path: str, depth: int = 0) -> Any:
        """`path` names the place for errors and for the array. Raises TypeError for what has no image."""
        if depth > _DEPTH_MAX:
            raise TypeError(f"save {path}: nested deeper than {_DEPTH_MAX}, or it holds itself")
        kind = type(value)
        if value is None or kind in (bool, int, str):
            return value
        if kind is float:
            return value if math.isfinite(value) else {"$": "float", "v": repr(value)}
        if kind is list:
            return self._items(value, path, depth)
        if kind is dict and all(type(key) is str for key in value) and "$" not in value:
            return {key: self.encode(inner, f"{path}/{key}", depth + 1) for key, inner in value.items()}
        if kind in _MAPPINGS:
            return {"$": _MAPPINGS[kind], "v": self._pairs(value, path, depth)}
        if kind in (tuple, set, frozenset):
            return {"$": kind.__name__, "v": self._items(value, path, depth)}
        if kind in (bytes, bytearray):
            return {"$": kind.__name__, "v": _to_text(value)}
        if kind is complex:
            return {"$": "complex", "v": [repr(value.real), repr(value.imag)]}
        return self._foreign(value, path, depth)

    def _items(self, values: Any, path: str, depth: int) -> List[Any]:
        return [self.encode(inner, f"{path}/{i}", depth + 1) for i, inner in enumerate(values)]

    def _pairs(self, mapping: Any, path: str, depth: int) -> List[Any]:
        pairs = []
        for key, inner in mapping.items():
            encoded_key = self.encode(key, f"{path} (key {key!r})", depth + 1)
            pairs.append([encoded_key, self.encode(inner, f"{path}/{key}", depth + 1)])
        return pairs

    def _foreign(self, value: Any, path: str, depth: int) -> Any:
        numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
        if numpy is not None and isinstance(value, numpy.generic):
            dtype = _numpy_dtype(value.dtype, path)
            value = numpy.asarray(value, dtype=dtype)
            return {"$": "numpy", "dtype": dtype, "v": _to_text(value.tobytes())}
        if numpy is not None and type(value) in (numpy.ndarray, numpy.memmap):
            return self._numpy_array(numpy, value, path)
        if torch is not None and isinstance(value, torch.Tensor):
            return self._torch_tensor(torch, value, path)
        jax = sys.modules.get("jax")
        if jax is not None and numpy is not None and isinstance(value, jax.Array):
            return self._jax_array(numpy, value, path)
        if isinstance(value, tuple) and hasattr(value, "_fields"):  # a state of optax, for one
            return {"$": "tuple", "v": self._items(value, path, depth)}
        raise TypeError(
            f"save {path}: a {type(value).__module__}.{type(value).__qualname__} has no image without "
            "pickle; give it state_dict(), turn it into numbers, lists, dicts or arrays, or write it "
            "yourself with save_with(step, callable)"
        )

    def _numpy_array(self, numpy: Any, value: Any, path: str) -> Any:
        shape = list(value.shape)
        if value.dtype.name in _SAFETENSORS_ML:
            dtype, word = value.dtype.name, _SAFETENSORS_ML[value.dtype.name]
            plain = f"<u{value.dtype.itemsize}"  # the same bits, as integers
            source = NumpySource(numpy, value.view(plain), plain)
        else:
            dtype = _numpy_dtype(value.dtype, path)
            word, source = _SAFETENSORS_NUMPY.get(dtype, "U8"), NumpySource(numpy, value, dtype)
        name = self._keep(path, word, shape, source)
        return {"$": "array", "name": name, "dtype": dtype, "shape": shape}

    def _jax_array(self, numpy: Any, value: Any, path: str) -> Any:
        try:
            array = numpy.asarray(value)
        except (TypeError, RuntimeError, ValueError) as error:
            raise TypeError(
                f"save {path}: this JAX array cannot be read as one of numpy ({error}); pass "
                "jax.random.key_data of a key, and the addressable part of an array of several hosts"
            ) from error
        return self._numpy_array(numpy, array, path)

    def _torch_tensor(self, torch: Any, value: Any, path: str) -> Any:
        plain = type(value) in (torch.Tensor, torch.nn.Parameter) and value.layout is torch.strided
        if not plain or value.is_quantized:
            raise TypeError(
                f"save {path}: a tensor that is sparse, quantized or of the class "
                f"{type(value).__qualname__} has no plain image; make it dense, or write it yourself "
                "with save_with(step, callable), a DTensor with torch.distributed.checkpoint"
            )
        dtype, shape = str(value.dtype).replace("torch.", ""), list(value.shape)
        word = _SAFETENSORS_TORCH.get(dtype, "U8")
        name = self._keep(path, word, shape, TorchSource(torch, value))
        return {"$": "tensor", "name": name, "dtype": dtype, "shape": shape}

    def _keep(self, path: str, word: str, shape: List[int], source: Any) -> str:
        count = self._names.get(path, 0)
        self._names[path] = count + 1
        name = path if count == 0 else f"{path}#{count + 1}"
        count_of_items = math.prod(shape)
        item_size = source.size // count_of_items if count_of_items else 1
        bytes_only = word == "U8" and item_size != 1
        image_shape = [source.size] if bytes_only else shape
        self.arrays.append(ArrayImage(name, word, image_shape, item_size, source))
        return name


_MAPPINGS = {dict: "dict", OrderedDict: "ordered", Counter: "counter"}


def _numpy_dtype(dtype: Any, path: str) -> str:
    if dtype.kind not in _NUMPY_KINDS:
        raise TypeError(
            f"save {path}: a numpy array of dtype {dtype} has no plain image; convert it with astype, "
            "or write it yourself with save_with(step, callable)"
        )
    return str(dtype.newbyteorder("<").str)


class Decoder:
    """The way back. `read_array(name)` gives the bytes of one array as a bytearray."""

    def __init__(self, read_array: Callable[[str], bytearray]) -> None:
        self._read_array = read_array

    def decode(self, value: Any) -> Any:
        """Raises ValueError for markers that no version of this format wrote."""
        if type(value) is list:
            return [self.decode(inner) for inner in value]
        if type(value) is not dict:
            return value
        if "$" not in value:
            return {key: self.decode(inner) for key, inner in value.items()}
        word = value["$"]
        if word in _DECODERS:
            return _DECODERS[word](self, value)
        raise ValueError(f"state.json: unknown type {word!r}; a newer herder may have written it")

    def _mapping(self, value: Any) -> Any:
        pairs: List[Tuple[Any, Any]] = [(self.decode(k), self.decode(v)) for k, v in value["v"]]
        kinds: Dict[str, Any] = {word: kind for kind, word in _MAPPINGS.items()}
        return kinds[value["$"]](dict(pairs)) if value["$"] == "counter" else kinds[value["$"]](pairs)

    def _sequence(self, value: Any) -> Any:
        kinds = {"tuple": tuple, "set": set, "frozenset": frozenset}
        return kinds[value["$"]](self.decode(inner) for inner in value["v"])

    def _bytes(self, value: Any) -> Any:
        data = _from_text(value["v"])
        return bytearray(data) if value["$"] == "bytearray" else data

    def _float(self, value: Any) -> float:
        return float(value["v"])

    def _complex(self, value: Any) -> complex:
        return complex(float(value["v"][0]), float(value["v"][1]))

    def _numpy_scalar(self, value: Any) -> Any:
        numpy = _import("numpy", "a numpy number")
        return numpy.frombuffer(_from_text(value["v"]), dtype=_known_dtype(numpy, value))[0]

    def _array(self, value: Any) -> Any:
        numpy = _import("numpy", f"the array {value['name']}")
        dtype, shape = _known_dtype(numpy, value), tuple(value["shape"])
        data = self._read_array(value["name"])
        if len(data) != dtype.itemsize * math.prod(shape):
            raise ValueError(f"array {value['name']}: {len(data)} bytes do not fill its shape {shape}")
        return numpy.frombuffer(data, dtype=dtype).reshape(shape) if data else numpy.zeros(shape, dtype)

    def _tensor(self, value: Any) -> Any:
        import ctypes

        torch = _import("torch", f"the tensor {value['name']}")
        dtype = getattr(torch, value["dtype"], None)
        if not isinstance(dtype, torch.dtype):
            raise ValueError(f"tensor {value['name']}: this torch knows no type {value['dtype']!r}")
        tensor = torch.empty(value["shape"], dtype=dtype)
        data = self._read_array(value["name"])
        if len(data) != tensor.numel() * tensor.element_size():
            raise ValueError(f"tensor {value['name']}: {len(data)} bytes do not fill {value['shape']}")
        if data:
            ctypes.memmove(tensor.data_ptr(), (ctypes.c_ubyte * len(data)).from_buffer(data), len(data))
        return tensor


_DECODERS: Dict[str, Callable[[Decoder, Any], Any]] = {
    "dict": Decoder._mapping, "ordered": Decoder._mapping, "counter": Decoder._mapping,
    "tuple": Decoder._sequence, "set": Decoder._sequence, "frozenset": Decoder._sequence,
    "bytes": Decoder._bytes, "bytearray": Decoder._bytes, "float": Decoder._float,
    "complex": Decoder._complex, "numpy": Decoder._numpy_scalar, "array": Decoder._array,
    "tensor": Decoder._tensor,
}  # fmt: skip


def _to_text(data: Any) -> str:
    import base64

    return base64.b64encode(data).decode("ascii")


def _from_text(text: str) -> bytes:
    import base64

    return base64.b64decode(text)


def _known_dtype(numpy: Any, value: Any) -> Any:
    if value["dtype"] in _SAFETENSORS_ML:
        types = _import("ml_dtypes", f"an array of {value['dtype']}")
        return numpy.dtype(getattr(types, value["dtype"]))
    dtype = numpy.dtype(str(value["dtype"]))
    if dtype.kind not in _NUMPY_KINDS:
        raise ValueError(f"state.json: dtype {value['dtype']!r} is none that this format writes")
    return dtype


def _import(module: str, what: str) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f"read {what} of the checkpoint: it needs {module}, which is not installed") from error
