"""Where the bytes of one array are, and how they get into a file or the arena without a copy between.

A source has `size` in bytes, `data()`, which gives the bytes for a file (a copy where the array is not
contiguous or not on the CPU), `address()`, where these bytes lie in one run in this process's memory, or None
where they do not, and `copy_into(view)`, which fills exactly `size` bytes of memory in either case.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Optional


class NumpySource:
    """An array of numpy; `dtype` is the type in the file, which has its bytes in little-endian order."""

    def __init__(self, numpy: Any, array: Any, dtype: Any) -> None:
        self._numpy, self._array, self._dtype = numpy, array, numpy.dtype(dtype)
        self.size: int = array.size * self._dtype.itemsize

    def data(self) -> memoryview:
        if not self.size:
            return memoryview(b"")
        array = self._numpy.ascontiguousarray(self._array, dtype=self._dtype)
        return memoryview(array.reshape(-1).view(self._numpy.uint8))

    def address(self) -> Optional[int]:
        array = self._array
        is_plain = self.size and array.flags.c_contiguous and array.dtype == self._dtype
        return int(array.ctypes.data) if is_plain else None

    def copy_into(self, view: memoryview) -> None:
        if self.size:
            target = self._numpy.frombuffer(view, dtype=self._dtype).reshape(self._array.shape)
            target[...] = self._array


class TorchSource:
    """A strided tensor of torch, on whatever device."""

    def __init__(self, torch: Any, tensor: Any) -> None:
        self._torch, self._tensor = torch, tensor.detach()
        self.size: int = tensor.numel() * tensor.element_size()

    def data(self) -> memoryview:
        import ctypes

        if not self.size:
            return memoryview(b"")
        tensor = self._tensor.cpu().contiguous()
        tensor = tensor.resolve_conj().resolve_neg() if hasattr(tensor, "resolve_neg") else tensor
        # The memory itself, so that bfloat16 and machines without numpy need no special case.
        image = (ctypes.c_ubyte * self.size).from_address(tensor.data_ptr())
        image.owner = tensor  # the view below keeps the image, and with it the tensor
        return memoryview(image).cast("B")

    def address(self) -> Optional[int]:
        tensor = self._tensor
        is_plain = self.size and tensor.device.type == "cpu" and tensor.is_contiguous() and not _is_lazy(tensor)
        return int(tensor.data_ptr()) if is_plain else None

    def copy_into(self, view: memoryview) -> None:
        if not self.size:
            return
        if not hasattr(self._torch, "frombuffer"):  # before torch 1.10
            view[:] = self.data()
            return
        target = self._torch.frombuffer(view, dtype=self._tensor.dtype)
        target.reshape(self._tensor.shape).copy_(self._tensor)


def _is_lazy(tensor: Any) -> bool:
    """Whether the memory holds the conjugate or the negative of what the tensor stands for."""
    return bool(getattr(tensor, "is_conj", bool)() or getattr(tensor, "is_neg", bool)())
