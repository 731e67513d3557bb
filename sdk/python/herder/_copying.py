"""Copies many pieces of memory with several threads: one core moves some 10 GB/s, the memory of a server ten times that."""

from __future__ import annotations

import os

from . import _environment

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from threading import Thread
    from typing import Iterator, List, Tuple

    Copy = Tuple[int, int, int]  # to, from, bytes

_PIECE = 16 << 20  # long enough for the C library to write past the caches, short enough to share out evenly
_THREADS_MAX = 4  # more gain little, and the loaders of the training want cores too


def copy_all(copies: List[Copy]) -> None:
    """Copies (to, from, bytes) each; returns when all are done. The memory must stay where it is meanwhile."""
    pieces = list(_pieces(copies))
    count = min(_threads(), len(pieces))
    if count <= 1:
        return _copy(pieces)

    others: List[Thread] = []
    try:
        _start(others, count - 1, pieces)
        _copy(pieces)
    finally:
        # After an interrupt nobody may write on behind the caller's back.
        pieces.clear()
        for thread in others:
            thread.join()


def _start(threads: List[Thread], count: int, pieces: List[Copy]) -> None:
    import threading

    for _ in range(count):
        thread = threading.Thread(target=_copy, args=(pieces,), name="herder-copy")
        try:
            thread.start()
        except RuntimeError:  # no more threads allowed here: those that run do it all
            return
        threads.append(thread)


def _pieces(copies: List[Copy]) -> Iterator[Copy]:
    for to, source, size in copies:
        for begin in range(0, size, _PIECE):
            yield to + begin, source + begin, min(_PIECE, size - begin)


def _copy(pieces: List[Copy]) -> None:
    import ctypes

    while True:
        try:
            to, source, size = pieces.pop()  # one step of the interpreter, so threads can share the list
        except IndexError:
            return
        ctypes.memmove(to, source, size)  # lets other threads run meanwhile


def _threads() -> int:
    """This rank's share of the cores that it may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(_THREADS_MAX, cores // _environment.local_world_size()))
