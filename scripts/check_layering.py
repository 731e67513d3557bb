#!/usr/bin/env python3
"""Compares the includes under src/ with the declared module graph and with the allowed directions.

Four checks, each naming file:line and both modules:
  1. an include of a module that CMake does not declare as a dependency (build/PRESET/modules.json);
  2. a declared dependency that ALLOWED (ARCHITECTURE.md, "Direction of dependencies") forbids;
  3. a cycle of includes between files;
  4. a cycle of declared modules.
Tests (x_test.cpp) may include what they need from base, core, ports and sim besides their own rules.
"""
import argparse
import fnmatch
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUFFIXES = {".h", ".cpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')

# Module folder (pattern) -> folders that it may depend on. First match wins. This is the table of
# ARCHITECTURE.md; a change here needs a decision record.
CORE_ENDS = ["core/jobs", "core/market"]
ALLOWED = [
    ("base", []),
    ("core/worker", ["base", "core/jobs", "core/checkpoints"]),
    ("core/step", ["base", "core/*"]),
    ("core/*", ["base", *CORE_ENDS]),
    ("ports", ["base", "core/*"]),
    ("engine", ["base", "core/*", "ports"]),
    ("protocol", ["base", "core/*"]),
    ("config", ["base", "core/*"]),
    ("api", ["base", "core/*", "engine", "ports", "protocol"]),
    ("worker", ["base", "core/jobs", "core/worker", "core/checkpoints", "ports", "protocol",
                "adapters/http"]),
    ("cli", ["base", "protocol", "config", "adapters/http"]),
    ("sim", ["base", "core/*", "ports", "engine"]),
    ("vastsim", ["base", "adapters/http"]),
    ("s3d", ["base", "adapters/http"]),
    ("adapters/http", ["base", "core/*", "ports", "protocol"]),
    ("adapters/system", ["base", "ports"]),
    ("adapters/objects/*", ["base", "core/*", "ports", "protocol", "adapters/http",
                            "adapters/objects/remote"]),
    ("adapters/*", ["base", "core/*", "ports", "protocol", "adapters/http"]),
    ("apps", ["*"]),
]
FORBIDDEN = [("core/step", "core/worker")]  # exceptions to a pattern above
NEVER_A_TARGET = ["apps", "sim", "vastsim", "s3d"]  # nothing but apps depends on these
TESTS_MAY = ["base", "core/*", "ports", "sim"]


def matches(folder, pattern):
    """`core/*` covers core/jobs and core/jobs/deep; `apps` covers apps and apps/herder."""
    if pattern == "*":
        return True
    if fnmatch.fnmatchcase(folder, pattern):
        return True
    return not pattern.endswith("*") and folder.startswith(pattern + "/")


def rule_of(folder):
    for pattern, targets in ALLOWED:
        if matches(folder, pattern):
            return targets
    return None


def is_allowed(source, target):
    if source == target:
        return True
    if any(matches(source, a) and matches(target, b) for a, b in FORBIDDEN):
        return False
    inside_apps = matches(source, "apps")
    if not inside_apps and any(matches(target, t) for t in NEVER_A_TARGET):
        # A module may be split into folders: sim/world belongs to sim.
        return source.split("/")[0] == target.split("/")[0]
    targets = rule_of(source)
    if targets is None:
        return False
    same_module = source.split("/")[0] == target.split("/")[0] and source.split("/")[0] not in (
        "core", "adapters")
    return same_module or any(matches(target, t) for t in targets)


class Tree:
    """The files under src/, their includes of each other, and the module that owns each."""

    def __init__(self, src, modules):
        self.src = src
        self.modules = {m["folder"]: [d for d in m["deps"] if d] for m in modules}
        self.folder_of_name = {m["name"]: m["folder"] for m in modules}
        self.includes = {}
        for path in sorted(src.rglob("*")):
            if path.suffix in SUFFIXES:
                self.includes[path.relative_to(src).as_posix()] = self.read_includes(path)

    def read_includes(self, path):
        found = []
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(1)
            beside = path.parent / target
            if not (self.src / target).is_file() and beside.is_file():
                target = beside.resolve().relative_to(self.src.resolve()).as_posix()
            if (self.src / target).is_file():
                found.append((number, target))
        return found

    def module_of(self, file):
        """The longest declared module folder that holds the file, else the file's own folder."""
        folder = file.rsplit("/", 1)[0] if "/" in file else ""
        parts = folder.split("/")
        for length in range(len(parts), 0, -1):
            candidate = "/".join(parts[:length])
            if candidate in self.modules:
                return candidate
        return folder

    def reachable(self, folder):
        """Folders of all modules that `folder` declares, directly or through others."""
        seen, waiting = set(), [folder]
        while waiting:
            for name in self.modules.get(waiting.pop(), []):
                target = self.folder_of_name.get(name)
                if target is not None and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return seen


def is_test(file):
    return file.endswith("_test.cpp") or "/testing/" in file


def check_include(tree, file, line, target):
    source_module, target_module = tree.module_of(file), tree.module_of(target)
    if source_module == target_module:
        return None
    where = f"src/{file}:{line}: {source_module} includes {target_module} ({target})"
    if is_test(file) and any(matches(target_module, t) for t in TESTS_MAY):
        return None
    if not is_allowed(source_module, target_module):
        return f"{where}: this direction is not allowed (ARCHITECTURE.md, direction of dependencies)"
    declared = source_module not in tree.modules or target_module in tree.reachable(source_module)
    if not declared and not is_test(file):
        return f"{where}: src/{source_module}/CMakeLists.txt does not declare it in DEPS"
    return None


def check_declared(tree):
    for folder, names in tree.modules.items():
        for name in names:
            target = tree.folder_of_name.get(name)
            if target is None:
                yield f"src/{folder}/CMakeLists.txt:1: {folder} declares '{name}', which is no module"
            elif not is_allowed(folder, target):
                yield (f"src/{folder}/CMakeLists.txt:1: {folder} declares {target}: this direction "
                       "is not allowed (ARCHITECTURE.md, direction of dependencies)")


def find_cycle(graph):
    """One cycle of a {node: [node]} graph as a list that ends where it starts, or None."""
    state, path = {}, []

    def visit(file):
        state[file] = "open"
        path.append(file)
        for target in graph.get(file, []):
            if state.get(target) == "open":
                return path[path.index(target):] + [target]
            if target not in state:
                cycle = visit(target)
                if cycle:
                    return cycle
        path.pop()
        state[file] = "done"
        return None

    for file in graph:
        if file not in state:
            cycle = visit(file)
            if cycle:
                return cycle
    return None


def violations(src, modules):
    tree = Tree(src, modules)
    found = list(check_declared(tree))
    for file, includes in tree.includes.items():
        for line, target in includes:
            problem = check_include(tree, file, line, target)
            if problem:
                found.append(problem)
    cycle = find_cycle({file: [t for _, t in inc] for file, inc in tree.includes.items()})
    if cycle:
        line = next(n for n, t in tree.includes[cycle[0]] if t == cycle[1])
        found.append(f"src/{cycle[0]}:{line}: include cycle: {' -> '.join(cycle)}")
    cycle = find_cycle({folder: [tree.folder_of_name[n] for n in names if n in tree.folder_of_name]
                        for folder, names in tree.modules.items()})
    if cycle:
        found.append(f"src/{cycle[0]}/CMakeLists.txt:1: module cycle: {' -> '.join(cycle)}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--modules", default=ROOT / "build/dev/modules.json", type=pathlib.Path)
    parser.add_argument("--src", default=ROOT / "src", type=pathlib.Path)
    options = parser.parse_args()
    if not options.modules.is_file():
        sys.exit(f"check_layering: {options.modules} is missing: run cmake --preset dev first")
    found = violations(options.src, json.loads(options.modules.read_text()))
    for problem in found:
        print(problem)
    print(f"layering: {len(found)} violations")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
