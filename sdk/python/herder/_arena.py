"""Memory for one image of a state: taken once, its pages present before the first save needs them.

Writing to fresh memory costs ten times as much as the copy itself, as each page has to be found and
zeroed first. A memfd counts against the memory limit of the container, but not against the size of
/dev/shm, which is 64 MB in many; so the limit is asked before anything is taken.
"""

from __future__ import annotations

import contextlib
import os

from . import _environment, _memory

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Optional

_ROUND = 2 << 20
_SPARE_MIN = 256 << 20  # what is left to the training at least; a tenth of the image where that is more
_POPULATE_WRITE = 23  # MADV_POPULATE_WRITE of Linux 5.14; Python has no name for it


class Arena:
    """`reserve` it for a size, then write to `view`. One user at a time; not for a forked child."""

    def __init__(self) -> None:
        self.size = 0
        self._handle = -1
        self._map: Any = None

    def reserve(self, size: int) -> bool:
        """Makes sure that `view(size)` can be had; False where there is no memfd or not enough memory."""
        if size <= self.size:
            return True
        wanted = -(-size // _ROUND) * _ROUND
        if not hasattr(os, "memfd_create") or not _fits(wanted, wanted - self.size):
            return False
        try:
            self._grow(wanted)
        except (OSError, ValueError):  # a kernel without memfd, a quota, a seccomp rule
            self.close()
            return False
        return True

    def _grow(self, size: int) -> None:
        import mmap

        if self._handle < 0:
            self._handle = os.memfd_create("herder-arena", os.MFD_CLOEXEC)
        if self._map is not None:
            with contextlib.suppress(BufferError):  # a view that an error's traceback still holds
                self._map.close()
            self._map, self.size = None, 0
        os.posix_fallocate(self._handle, 0, size)  # other threads go on meanwhile
        self._map = mmap.mmap(self._handle, size, mmap.MAP_SHARED)
        _touch(self._map, size)
        self.size = size

    def view(self, size: int) -> memoryview:
        """The first `size` bytes; release every view before the next `reserve`."""
        return memoryview(self._map)[:size]

    def close(self) -> None:
        """Gives the memory back."""
        if self._map is not None:
            with contextlib.suppress(BufferError):
                self._map.close()
        if self._handle >= 0:
            os.close(self._handle)
        self._map, self._handle, self.size = None, -1, 0


def _fits(size: int, more: int) -> bool:
    """Whether this rank's share of the free memory is enough: its neighbours see the same room and ask as well."""
    room = _memory.available_bytes()
    return room is None or more + max(_SPARE_MIN, size // 10) <= room // _environment.local_world_size()


def _touch(memory: Any, size: int) -> None:
    """Enters the pages into this process's tables, in one call where the kernel has one."""
    import ctypes

    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    advise: Optional[Any] = getattr(ctypes.CDLL(None), "madvise", None)
    if advise is not None:
        advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        if advise(start, size, _POPULATE_WRITE) == 0:
            return
    step, page = 64 << 20, 4096
    for begin in range(0, size, step):
        end = min(size, begin + step)
        with memoryview(memory)[begin:end:page] as pages:
            pages[:] = bytes(len(pages))
