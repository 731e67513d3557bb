#!/usr/bin/env python3
"""Checks that the documents are true.

Without arguments: runs every command block of README.md and docs/tutorial.md, in order, each document
in one shell on a terminal of its own, as a reader who pastes them would, with a home folder of its
own and the release binaries. Names as arguments: only these documents. With --links: every relative
link points to a file.

A block is fenced as ```console (lines after `$ ` are commands, the others are what must appear in
the output, in this order, `...` matching anything within a line and one space any number of them) or
```sh (every line is a command). A comment before the fence changes that:
    <!-- docs: skip REASON -->        not run; the reason is one that installs packages, or an account
    <!-- docs: exit N -->             the last command must end with N
    <!-- docs: expect TEXT -->        TEXT must appear in the output
"""
import argparse
import contextlib
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "docs/tutorial.md"]
BLOCK_LIMIT_S = 300
COLUMNS = 120
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


def squeezed(text):
    return re.sub(r"[ \t]+", " ", text)


def position(expected, output, start=0):
    """Where the output goes on after the expected line, or -1; `...` is anything within a line."""
    pattern = ".*".join(re.escape(part) for part in squeezed(expected).split("..."))
    found = re.compile(pattern).search(output, start)
    return found.end() if found else -1


def problem_of(block, status, output):
    if status != block.exit:
        return f"ended with {status}, not {block.exit}"
    at, output = 0, squeezed(output)
    for expected in block.expected:
        at = position(expected, output, at)
        if at < 0:
            return f"did not print (in this order): {expected}"
    return ""


class Shell:
    """One bash on a terminal; what its blocks set, start and change is there for the next ones."""

    def __init__(self, folder, env):
        self.end_mark = f"end-of-block-{os.urandom(8).hex()}"
        self.scripts = tempfile.TemporaryDirectory(prefix="herder-block-")
        self.terminal, inner = pty.openpty()
        settings = termios.tcgetattr(inner)
        settings[1] &= ~termios.OPOST  # line ends as they are
        termios.tcsetattr(inner, termios.TCSANOW, settings)
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        self.bash = subprocess.Popen(["bash"], cwd=folder, env=env, stdin=subprocess.PIPE, stdout=inner,
                                     stderr=inner, text=True, start_new_session=True)
        os.close(inner)

    def run(self, script, expected_status=0):
        """(status, output). Without an expected failure the shell ends at the first command that fails."""
        path = pathlib.Path(self.scripts.name, "block.sh")
        path.write_text(script)
        stop = "set -euo pipefail" if expected_status == 0 else "set +e"
        with contextlib.suppress(BrokenPipeError):
            self.bash.stdin.write(f"{stop}\n. {path} </dev/null\nprintf '\\n%s %s\\n' {self.end_mark} $?\n")
            self.bash.stdin.flush()
        return self._read_to_mark()

    def _read_to_mark(self):
        data, deadline = b"", time.monotonic() + BLOCK_LIMIT_S
        mark = re.compile(rb"(.*)^" + self.end_mark.encode() + rb" (\d+)\n", re.M | re.S)
        while time.monotonic() < deadline:
            has_ended = self.bash.poll() is not None
            if select.select([self.terminal], [], [], 0.05)[0]:
                try:
                    data += os.read(self.terminal, 65536)
                    has_ended = False
                except OSError:  # nobody has the terminal open any more
                    has_ended = True
            found = mark.match(data)
            if found:
                return int(found.group(2)), found.group(1).decode(errors="replace")
            if has_ended:
                return self.bash.wait(), data.decode(errors="replace")
        return 124, data.decode(errors="replace") + f"\nstopped after {BLOCK_LIMIT_S} s"

    def is_over(self):
        return self.bash.poll() is not None

    def close(self):
        """Ends the shell and what its blocks left in the background."""
        for end in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + 10
            while is_alive(self.bash.pid, end) and time.monotonic() < deadline:
                self.bash.poll()
                time.sleep(0.05)
        with contextlib.suppress(BrokenPipeError):
            self.bash.stdin.close()
        os.close(self.terminal)
        self.scripts.cleanup()


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
    keep = {k: v for k, v in os.environ.items() if k in ("CCACHE_DIR", "HERDER_JOBS")}
    # Port 0: any free one, where a reader gets the usual one.
    return view, {**keep, "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm",
                  "PATH": os.environ["PATH"], "HERDER_LISTEN": "127.0.0.1:0"}


def stop_servers(env):
    """A server that the document put in the background, and did not stop because a block failed."""
    data = pathlib.Path(env["HOME"], ".local/state/herder")
    if (data / "server.json").exists():
        subprocess.run([ROOT / "build/bin/herder", "--data-dir", data, "down"], env=env, timeout=90,
                       check=False, capture_output=True)


def run_blocks(name, text, view, env):
    """Yields the block and what was wrong with it, "" for nothing, None for one that is not run."""
    shell = Shell(view, env)
    try:
        for block in blocks(text):
            if block.skip is not None:
                yield block, None, ""
                continue
            if shell.is_over():
                shell.close()
                shell = Shell(view, env)
            status, output = shell.run(block.script, block.exit)
            yield block, problem_of(block, status, output), output
    finally:
        shell.close()
        stop_servers(env)


def check_document(name, text):
    """(passed, failed) over the blocks of one document; they share one shell and one home folder."""
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="herder-docs-") as temporary:
        view, env = scratch_environment(pathlib.Path(temporary))
        for block, problem, output in run_blocks(name, text, view, env):
            if problem is None:
                print(f"ok - {name}:{block.line} # SKIP {block.skip}")
                continue
            failed, passed = failed + bool(problem), passed + (not problem)
            print(f"{'not ok' if problem else 'ok'} - {name}:{block.line} {problem}".rstrip(), flush=True)
            if problem:
                print("    " + output.strip().replace("\n", "\n    "), flush=True)
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
    parser.add_argument("documents", nargs="*", default=DOCUMENTS)
    options = parser.parse_args()
    if options.links:
        broken = list(broken_links(ROOT))
        print("\n".join([*(f"not ok - {b}" for b in broken), *(["ok - links"] if not broken else [])]))
        sys.exit(1 if broken else 0)
    failed = sum(check_document(name, (ROOT / name).read_text())[1] for name in options.documents)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
