"""Checkpoint folders on disk: written beside, sealed by a manifest, renamed into place, verified when read.

Knows files and hashes, not what the state means (_state) and not when to save (_checkpoint).
"""

from __future__ import annotations

import os
from collections import namedtuple

TYPE_CHECKING = False  # typing takes 10 ms to import; only checkers need it
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

    Known = Dict[str, Dict[str, Any]]

FORMAT = "herder-checkpoint/1"
MANIFEST = "manifest.json"
SUPERSEDED = "superseded"

_TEMPORARY = ".tmp-"
_CHUNK = 8 << 20


class TornCheckpoint(ValueError):
    """A folder that does not hold what its manifest says; the text says why."""


class Found(namedtuple("Found", "step again path")):
    """A folder with the name or the manifest of a checkpoint; not verified yet. Newest is greatest.

    `again`: how many times the same step was saved before.
    """


def found_in(root: str) -> List[Found]:
    """The checkpoint folders in `root`, newest first."""
    found = []
    try:
        names = os.listdir(root)
    except OSError:
        return []
    for name in names:
        word, _, numbers = name.partition("-")
        step, _, saved = numbers.partition("-")
        if word == "step" and len(step) >= 9 and step.isdigit() and (saved or "1").isdigit():
            found.append(Found(int(step), int(saved or 1) - 1, os.path.join(root, name)))
    return sorted(found, reverse=True)


def found_at(path: str) -> List[Found]:
    """What a path given by somebody else leads to: a checkpoint folder of any name, or a folder of them."""
    if not os.path.exists(os.path.join(path, MANIFEST)):
        return found_in(path)
    try:
        return [Found(int(_read_manifest(path)["step"]), 0, os.path.abspath(path))]
    except (TornCheckpoint, KeyError, TypeError, ValueError):
        return [Found(-1, 0, os.path.abspath(path))]  # considered last; `verify` says what is wrong


def write(target: str, step: int, fields: Dict[str, Any], produce: Callable[[str], Known]) -> str:
    """Writes one checkpoint and returns its absolute path; it is there wholly or not at all.

    The path is `target`, from `choose_path`, unless somebody else has taken that name meanwhile.

    `produce(folder)` writes the files and returns {relative path: {"size", "sha256"}} for those that
    it has already hashed and fsynced; all others are hashed here. Raises OSError (disk full, …), or
    what `produce` raises; nothing is left then.
    """
    root = os.path.dirname(target)
    os.makedirs(root, exist_ok=True)
    remove_abandoned(root)
    temporary = temporary_path(root, os.getpid(), os.urandom(4).hex())
    os.mkdir(temporary)
    return commit(temporary, target, step, fields, produce)


def commit(temporary: str, target: str, step: int, fields: Dict[str, Any], produce: Callable[[str], Known]) -> str:
    """The same in a temporary folder that is there already; nothing is left of it if anything fails."""
    root = os.path.dirname(target)
    try:
        files = seal(temporary, produce(temporary))
        manifest = {"format": FORMAT, "step": step, **fields, "files": files}
        _write_manifest(temporary, manifest)
        if os.path.lexists(target):
            target = choose_path(root, step)
        os.rename(temporary, target)
    except BaseException:
        remove_tree(temporary)
        raise
    fsync_folder(root)
    return target


def temporary_path(root: str, pid: int, word: str) -> str:
    """A name that no one resumes from and that is removed when the process `pid` is gone."""
    return os.path.join(root, f"{_TEMPORARY}{pid}-{word}")


def choose_path(root: str, step: int) -> str:
    """The absolute path for a checkpoint of this step that nothing has yet.

    A second save at one step gets a name of its own: at no moment is there less than before.
    """
    root = os.path.abspath(root)
    name, again = os.path.join(root, f"step-{step:09d}"), 1
    while os.path.lexists(name):
        again += 1
        name = os.path.join(root, f"step-{step:09d}-{again}")
    return name


def seal(folder: str, known: Known) -> List[Dict[str, Any]]:
    """Every file below `folder` with size and sha256, durable; those in `known` are so already."""
    files = []
    for place, folders, names in os.walk(folder):
        for name in sorted(names) + [inner for inner in folders if os.path.islink(os.path.join(place, inner))]:
            path = os.path.join(place, name)
            relative = os.path.relpath(path, folder).replace(os.sep, "/")
            if os.path.islink(path) or not os.path.isfile(path):
                raise ValueError(f"save {relative}: a checkpoint holds plain files only; write a copy instead")
            facts = known.get(relative) or _hash_and_sync(path)
            files.append({"path": relative, "size": facts["size"], "sha256": facts["sha256"]})
        if place != folder:
            fsync_folder(place)
    return sorted(files, key=lambda file: str(file["path"]))


def _hash_and_sync(path: str) -> Dict[str, Any]:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
    size, digest = hash_file(path)
    return {"size": size, "sha256": digest}


def hash_file(path: str) -> Tuple[int, str]:
    """Size and sha256 of a file, read in pieces."""
    import hashlib

    digest, size = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            if not chunk:
                return size, digest.hexdigest()
            digest.update(chunk)
            size += len(chunk)


def _write_manifest(folder: str, manifest: Dict[str, Any]) -> None:
    import json

    with open(os.path.join(folder, MANIFEST), "x", encoding="ascii") as file:
        json.dump(manifest, file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    fsync_folder(folder)


def fsync_folder(path: str) -> None:
    """Makes names in a folder durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_manifest(folder: str) -> Dict[str, Any]:
    import json

    try:
        with open(os.path.join(folder, MANIFEST), encoding="utf-8") as file:
            manifest = json.load(file)
    except FileNotFoundError:
        raise TornCheckpoint(f"{MANIFEST} is missing")
    except (ValueError, RecursionError):
        raise TornCheckpoint(f"{MANIFEST} is cut off or damaged")
    except OSError as error:
        raise TornCheckpoint(f"{MANIFEST} cannot be read: {error.strerror}")
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise TornCheckpoint(f"{MANIFEST} is not of the format {FORMAT}")
    return manifest


def verify(found: Found, is_wanted: Optional[Callable[[str, Dict[str, Any]], bool]] = None) -> Dict[str, Any]:
    """Reads every file of the checkpoint and returns its manifest. Raises TornCheckpoint.

    With `is_wanted(path, manifest)` only the files for which it says so.
    """
    manifest = _read_manifest(found.path)
    if manifest.get("step") != found.step:
        raise TornCheckpoint(f"{MANIFEST} names step {manifest.get('step')!r}")
    files = manifest.get("files")
    if not isinstance(files, list) or not files:
        raise TornCheckpoint(f"{MANIFEST} lists no files")
    for entry in files:
        path = str(entry.get("path")) if isinstance(entry, dict) else ""
        if is_wanted is None or is_wanted(path, manifest):
            _verify_file(found.path, entry)
    return manifest


def _verify_file(folder: str, entry: Any) -> None:
    try:
        relative, size, digest = str(entry["path"]), entry["size"], entry["sha256"]
    except (KeyError, TypeError):
        raise TornCheckpoint(f"{MANIFEST} has a damaged list of files")
    if relative.startswith("/") or ".." in relative.split("/"):
        raise TornCheckpoint(f"{MANIFEST} names a file outside the folder: {relative!r}")
    path = os.path.join(folder, relative)
    try:
        real_size = os.stat(path).st_size
        if real_size != size:
            raise TornCheckpoint(f"{relative} has {real_size} bytes instead of {size}")
        if hash_file(path)[1] != digest:
            raise TornCheckpoint(f"{relative} does not have the sha256 of {MANIFEST}")
    except OSError as error:
        raise TornCheckpoint(f"{relative} cannot be read: {error.strerror}")


def retain(root: str, newest: str, keep: int) -> Optional[str]:
    """Keeps the `keep` newest folders up to `newest`, which was just written, and deletes older ones.

    Folders that name a later step, or the same step saved before, belong to a run that was left
    behind. They are moved aside, not deleted, so that they are never resumed from; the folder that
    they went to is returned, None when there was none.
    """
    found = found_in(root)
    mine = next(item for item in found if item.path == newest)
    stale = [item for item in found if item.step >= mine.step and item.path != newest]
    lineage = [item for item in found if item.step <= mine.step and item not in stale]
    for item in lineage[keep:]:
        _delete(item.path)
    aside = os.path.join(root, SUPERSEDED)
    for item in stale:
        os.makedirs(aside, exist_ok=True)
        target = os.path.join(aside, os.path.basename(item.path))
        remove_tree(target)
        os.rename(item.path, target)
    return aside if stale else None


def _delete(path: str) -> None:
    """A killed delete must not look like a checkpoint: the name goes first."""
    doomed = temporary_path(os.path.dirname(path), os.getpid(), os.urandom(4).hex())
    try:
        os.rename(path, doomed)
        remove_tree(doomed)
    except FileNotFoundError:
        pass


def remove_abandoned(root: str, but: Optional[str] = None) -> None:
    """Removes the temporary folders of processes that are gone; this process is between two saves."""
    for name in os.listdir(root):
        pid = name[len(_TEMPORARY) :].partition("-")[0]
        ours = name.startswith(_TEMPORARY) and pid.isdigit()
        if ours and os.path.join(root, name) != but and (int(pid) == os.getpid() or not is_alive(int(pid))):
            remove_tree(os.path.join(root, name))


def remove_tree(path: str) -> None:
    """Removes a folder, as far as it goes."""
    import shutil

    shutil.rmtree(path, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Whether there is such a process that has not ended yet."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[:1] != [b"Z"]
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's, or no /proc
        return True
