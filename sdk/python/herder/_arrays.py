"""One file of named raw arrays in the safetensors layout: 8-byte length, JSON header, bytes.

Written with the standard library alone; any safetensors reader opens it. Hashes while it writes.
"""

from __future__ import annotations

import os

from ._copying import copy_all
from ._tree import ArrayImage

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Iterator, List, NoReturn

_CHUNK = 8 << 20
_HEADER_MAX = 100_000_000  # the limit of the safetensors format itself
_ALIGNMENT = 64


class Layout:
    """Where each array stands in the file: `prefix` is the length and the header, `size` the whole."""

    def __init__(self, images: List[ArrayImage]) -> None:
        import json
        import struct

        # The format allows no holes: the widest items first keep every array aligned to its item.
        self._ordered = sorted(images, key=lambda image: (-image.item_size, image.name))
        header, offset = {}, 0
        for image in self._ordered:
            end = offset + image.source.size
            header[image.name] = {"dtype": image.word, "shape": image.shape, "data_offsets": [offset, end]}
            offset = end
        text = json.dumps(header, separators=(",", ":")).encode("ascii")
        text += b" " * (-(8 + len(text)) % _ALIGNMENT)
        self.prefix = struct.pack("<Q", len(text)) + text
        self.size = len(self.prefix) + offset

    def parts(self) -> Iterator[Any]:
        """The bytes of the file in order, one array after the other."""
        yield self.prefix
        for image in self._ordered:
            yield image.source.data()

    def copy_into(self, view: memoryview) -> None:
        """The same bytes into memory of at least `size`: what lies plainly in memory by several threads."""
        import ctypes

        end = len(self.prefix)
        view[:end] = self.prefix
        start = ctypes.addressof(ctypes.c_char.from_buffer(view))
        plain = []
        for image in self._ordered:
            begin, end = end, end + image.source.size
            address = image.source.address()
            if address is not None:
                plain.append((start + begin, address, end - begin))
                continue
            with view[begin:end] as place:
                image.source.copy_into(place)
        copy_all(plain)


def write_parts(path: str, parts: Iterable[Any]) -> Dict[str, Any]:
    """Writes and fsyncs a new file; returns {"size", "sha256"}. Raises OSError."""
    import hashlib

    digest, size = hashlib.sha256(), 0
    with open(path, "xb", buffering=0) as file:
        for part in parts:
            view = memoryview(part).cast("B")
            for start in range(0, len(view), _CHUNK):
                chunk = view[start : start + _CHUNK]
                digest.update(chunk)
                _write_whole(file, chunk)
            size += len(view)
        os.fsync(file.fileno())
    return {"size": size, "sha256": digest.hexdigest()}


def _write_whole(file: Any, chunk: memoryview) -> None:
    while chunk:
        chunk = chunk[file.write(chunk) :]


class ArrayFile:
    """Reads arrays of such a file by name, one at a time. Use it in a `with` block."""

    def __init__(self, path: str) -> None:
        """Raises OSError, or ValueError for a file that is not whole."""
        self._path = path
        self._file = open(path, "rb")
        try:
            self._read_header()
        except BaseException:
            self._file.close()
            raise

    def _fail(self, why: str) -> NoReturn:
        raise ValueError(f"read {os.path.basename(self._path)}: {why}")

    def _read_header(self) -> None:
        import json
        import struct

        size = os.fstat(self._file.fileno()).st_size
        prefix = self._file.read(8)
        length = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else _HEADER_MAX + 1
        if length > min(_HEADER_MAX, size - 8):
            self._fail("the header is cut off")
        self._start = 8 + length
        self._header: Dict[str, Any] = json.loads(self._file.read(length))
        self._header.pop("__metadata__", None)  # words of whoever wrote it, such as transformers
        ends = [entry["data_offsets"][1] for entry in self._header.values()]
        if self._start + max(ends, default=0) != size:
            self._fail(f"its size {size} is not what the header says")

    def read(self, name: str) -> bytearray:
        """The bytes of one array. Raises ValueError when it is not there or cut off."""
        if name not in self._header:
            self._fail(f"there is no array {name!r}")
        begin, end = self._header[name]["data_offsets"]
        data = bytearray(end - begin)
        self._file.seek(self._start + begin)
        if self._file.readinto(data) != len(data):
            self._fail(f"the array {name!r} is cut off")
        return data

    def __enter__(self) -> "ArrayFile":
        return self

    def __exit__(self, *_: Any) -> None:
        self._file.close()
