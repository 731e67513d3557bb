"""How much memory this process may still take: the machine's, and that of every control group around it.

A container's limit is its control group's; a process that goes beyond it is killed, not refused.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Iterator, List, Optional, Tuple

# Names of limit, use and reclaimable file cache (kernel documents cgroup-v2 and cgroup-v1/memory, 2024).
_VERSION_2 = ("memory.max", "memory.current", "inactive_file")
_VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def available_bytes(root: str = "/") -> Optional[int]:
    """The least of what the machine and the control groups leave; None where the kernel does not say."""
    left = [_of_machine(root)] + [_of_group(folder, names) for folder, names in _groups(root)]
    known = [value for value in left if value is not None]
    return max(0, min(known)) if known else None


def _lines(path: str) -> List[str]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        return []


def _of_machine(root: str) -> Optional[int]:
    for line in _lines(os.path.join(root, "proc/meminfo")):
        words = line.split()
        if words[:1] == ["MemAvailable:"] and words[1].isdigit():
            return int(words[1]) * 1024
    return None


def _groups(root: str) -> Iterator[Tuple[str, Tuple[str, str, str]]]:
    """The folders of this process's control groups, each with all above it: a limit anywhere counts."""
    for line in _lines(os.path.join(root, "proc/self/cgroup")):
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and controllers == "":
            top, names = os.path.join(root, "sys/fs/cgroup"), _VERSION_2
        elif "memory" in controllers.split(","):
            top, names = os.path.join(root, "sys/fs/cgroup/memory"), _VERSION_1
        else:
            continue
        # Inside a container the path may be the host's and lead nowhere: then only the top is there.
        parts = [part for part in path.split("/") if part not in ("", "..")]
        for count in range(len(parts), -1, -1):
            yield os.path.join(top, *parts[:count]), names


def _of_group(folder: str, names: Tuple[str, str, str]) -> Optional[int]:
    limit, used = (_lines(os.path.join(folder, name)) for name in names[:2])
    if not (limit and used and limit[0].isdigit() and used[0].isdigit()):
        return None  # "max", or no such group
    cache = 0
    for line in _lines(os.path.join(folder, "memory.stat")):
        word, _, number = line.partition(" ")
        if word == names[2] and number.isdigit():
            cache = int(number)
    return int(limit[0]) - int(used[0]) + cache
