"""Where the bytes of one array are, and how they get into a file or the arena without a copy between.

A source has `size` in bytes, `data()`, which gives the bytes for a file (a copy where the array is not
contiguous or not on the CPU), and `copy_into(view)`, which fills exactly `size` bytes of memory.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any


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

    def copy_into(self, view: memoryview) -> None:
        if not self.size:
            return
        if not hasattr(self._torch, "frombuffer"):  # before torch 1.10
            view[:] = self.data()
            return
        target = self._torch.frombuffer(view, dtype=self._tensor.dtype)
        target.reshape(self._tensor.shape).copy_(self._tensor)
