"""What the callbacks share: metrics of any framework as plain numbers, files that are cut off."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional


def numbers(values: Optional[Mapping[str, Any]]) -> Dict[str, float]:
    """Those of the values that are numbers, or hold one; frameworks log much else beside them."""
    plain: Dict[str, float] = {}
    for name, value in (values or {}).items():
        try:
            plain[str(name)] = float(value)
        except (TypeError, ValueError, RuntimeError):
            continue
    return {name: value for name, value in plain.items() if name not in ("step", "t")}


def why_torn(folder: str) -> Optional[str]:
    """The first file below the folder that is cut off, as its own format tells; None: there is none."""
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(place, name)
            try:
                if not _is_whole(path, name):
                    return f"{os.path.relpath(path, folder)} is cut off"
            except (OSError, ValueError) as error:
                return f"{os.path.relpath(path, folder)}: {error}"
    return None


def _is_whole(path: str, name: str) -> bool:
    import json

    from .._arrays import ArrayFile

    if os.path.getsize(path) == 0:
        return False
    if name.endswith(".safetensors"):
        with ArrayFile(path):
            return True
    if name.endswith((".pt", ".pth", ".bin", ".ckpt", ".keras")):
        return _is_whole_zip(path)
    if name.endswith(".json"):
        with open(path, encoding="utf-8") as file:
            json.load(file)
    return True


def _is_whole_zip(path: str) -> bool:
    import zipfile

    with open(path, "rb") as file:
        if file.read(4) != b"PK\3\4":
            return True  # the format of torch before 1.6 does not tell
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(archive.namelist())
    except zipfile.BadZipFile:
        return False
