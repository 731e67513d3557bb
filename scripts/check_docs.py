#!/usr/bin/env python3
"""Checks that the documents are true.

Without arguments: runs every command block of README.md and docs/tutorial.md, in order, in one
scratch copy of the checkout's view per document. With --links: every relative link points to a file.

A block is fenced as ```console (lines after `$ ` are commands, the others are what must appear in
the output, `...` matching anything) or ```sh (every line is a command). A comment before the
fence changes that:
    <!-- docs: skip REASON -->        not run (say why: needs an account, takes minutes, ...)
    <!-- docs: exit N -->             the last command must end with N
    <!-- docs: expect TEXT -->        TEXT must appear in the output
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import os
import signal

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "docs/tutorial.md"]
BLOCK_LIMIT_S = 300
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```\s*$", re.M | re.S)
MARK = re.compile(r"<!-- docs: (\w+)\s*(.*?) -->")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


class Block:
    """One fenced block: its commands, what must appear, how it must end."""

    def __init__(self, line, kind, body, marks):
        self.line, self.marks = line, marks
        self.skip = next((text for word, text in marks if word == "skip"), None)
        self.exit = next((int(text) for word, text in marks if word == "exit"), 0)
        self.expected = [text for word, text in marks if word == "expect"]
        if kind == "sh":
            self.script = body
        else:
            commands, shown = [], []
            for text in body.splitlines():
                is_more = commands and not shown and commands[-1].endswith("\\")
                if text.startswith("$ "):
                    commands.append(text[2:])
                elif is_more or text.startswith("> "):
                    commands.append(text.removeprefix("> "))
                elif text.strip():
                    shown.append(text.strip())
            self.script = "\n".join(commands)
            self.expected += shown


def blocks(text):
    """The blocks to run, in order. Marks stand in the lines just above the fence."""
    found = []
    for match in FENCE.finditer(text):
        if match.group(1) not in ("console", "sh"):
            continue
        above = text[:match.start()].rstrip("\n").split("\n")
        marks = []
        while above and MARK.fullmatch(above[-1].strip()):
            marks.append(MARK.fullmatch(above.pop().strip()).groups())
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(line, match.group(1), match.group(2), marks))
    return found


def appears(expected, output):
    """True when the line appears; `...` stands for anything within a line."""
    pattern = ".*".join(re.escape(part) for part in expected.split("..."))
    return re.search(pattern, output) is not None


def problem_of(block, status, output):
    if status != block.exit:
        return f"ended with {status}, not {block.exit}"
    for expected in block.expected:
        if not appears(expected, output):
            return f"did not print: {expected}"
    return ""


def run_script(script, folder, env, groups=None):
    child = subprocess.Popen(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=env, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, errors="replace",
                             stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output, _ = child.communicate(timeout=BLOCK_LIMIT_S)
        if groups is not None and is_alive(child.pid, 0):
            groups.append(child.pid)
        return child.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        return 124, child.communicate()[0] + f"\nstopped after {BLOCK_LIMIT_S} s"


def end_groups(groups):
    """Ends what the blocks left in the background, as a server of the tutorial."""
    for end in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + 10
        for group in groups:
            while is_alive(group, end) and time.monotonic() < deadline:
                time.sleep(0.05)


def is_alive(group, end):
    """Sends the signal; False when the group has no process any more."""
    try:
        os.killpg(group, end)
        return True
    except (ProcessLookupError, PermissionError):
        return False


def scratch_environment(folder):
    """A folder that shows the checkout's entries as links, and a home and PATH of its own."""
    view = folder / "herder"
    view.mkdir()
    for entry in ROOT.iterdir():
        if entry.name != ".git":
            (view / entry.name).symlink_to(entry)
    home = folder / "home"
    home.mkdir()
    keep = {k: v for k, v in os.environ.items() if k in ("LANG", "TERM", "CCACHE_DIR", "HERDER_JOBS")}
    return view, {**keep, "HOME": str(home), "XDG_STATE_HOME": str(home / "state"),
                  "PATH": f"{ROOT}/build/bin:{os.environ['PATH']}"}


def check_document(name, text):
    """(passed, failed) over the blocks of one document; they share one scratch environment."""
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="herder-docs-") as temporary:
        view, env = scratch_environment(pathlib.Path(temporary))
        groups = []
        for block in blocks(text):
            if block.skip is not None:
                print(f"ok - {name}:{block.line} # SKIP {block.skip}")
                continue
            status, output = run_script(block.script, view, env, groups)
            problem = problem_of(block, status, output)
            failed, passed = failed + bool(problem), passed + (not problem)
            print(f"{'not ok' if problem else 'ok'} - {name}:{block.line} {problem}".rstrip(), flush=True)
            if problem:
                print("    " + output.strip().replace("\n", "\n    "))
        end_groups(groups)
    return passed, failed


def broken_links(root):
    for path in sorted([*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("examples/**/*.md")]):
        text = re.sub(r"```.*?```", "", path.read_text(), flags=re.S)
        for target in LINK.findall(text):
            target = target.split("#")[0]
            if target and not re.match(r"[a-z]+:", target) and not (path.parent / target).exists():
                yield f"{path.relative_to(root)}: link to {target}, which is not there"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--links", action="store_true")
    options = parser.parse_args()
    if options.links:
        broken = list(broken_links(ROOT))
        print("\n".join([*(f"not ok - {b}" for b in broken), *(["ok - links"] if not broken else [])]))
        sys.exit(1 if broken else 0)
    failed = 0
    for name in DOCUMENTS:
        if (ROOT / name).is_file():
            failed += check_document(name, (ROOT / name).read_text())[1]
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
