#!/usr/bin/env python3
"""tidy, layering, formatting and clang-tidy on the C++ files that differ from main (--all: on every
file). Needs a configured dev preset (compile_commands.json)."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def lines(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()


def changed(ending):
    """C++ files that differ from the merge base with main, or are new."""
    base = (lines("git", "merge-base", "HEAD", "main") or ["HEAD"])[0]
    names = lines("git", "diff", "--name-only", base)
    names += lines("git", "ls-files", "--others", "--exclude-standard")
    return sorted({n for n in names if n.startswith("src/") and n.endswith(ending) and (ROOT / n).exists()})


def header_filter(every):
    """Of a changed source its unchanged headers are not looked at: who changes those is told."""
    return [] if every else ["--header-filter", "/(" + "|".join(map(re.escape, changed(".h"))) + ")$"]


def run(title, command):
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    print(f"lint: {title}: {'ok' if status == 0 else 'findings'}", flush=True)
    return status == 0


def main():
    every = "--all" in sys.argv[1:]
    sources = lines("git", "ls-files", "src/*.cpp") if every else changed(".cpp")
    sound = run("tidy", [sys.executable, "scripts/tidy.py"])
    sound = run("layering", [sys.executable, "scripts/check_layering.py"]) and sound
    if sources:
        sound = run("format", ["clang-format-19", "--dry-run", "--Werror", *sources]) and sound
        sound = run(f"clang-tidy on {len(sources)} files",
                    ["clang-tidy-19", "--quiet", "-p", "build/dev", *header_filter(every), *sources]) and sound
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
