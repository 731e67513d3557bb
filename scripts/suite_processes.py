"""Programs that suites run: each within its time, and nothing that one started is left when it has ended."""
import ctypes
import os
import pathlib
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRESS_S = 60
PR_SET_CHILD_SUBREAPER = 36
LEFT_RUNNING = "left running, ended now: "

deadline = None  # monotonic seconds at which the whole run ends; None: no such limit


def processes():
    """{pid: parent's pid} of every process."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            pass  # ended meanwhile
    return found


def descendants():
    """Pids of everything that this process started, directly or not (see become_reaper)."""
    parents, found = processes(), []
    for pid in parents:
        line, up = [], pid
        while up in parents and up != os.getpid():
            line.append(up)
            up = parents[up]
        if up == os.getpid() and line:
            found.append(pid)
    return found


def become_reaper():
    """What a test leaves behind, in whatever session, becomes our child instead of init's."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_descendants():
    """The command lines of what was still there. A process that only just ends is given a moment."""
    names = []
    for _ in range(50):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            break
        for pid in descendants():
            try:
                name = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                os.kill(pid, signal.SIGKILL)
                names += [name.strip()] if name else []
            except OSError:
                pass  # ended meanwhile, or it runs as another user
        time.sleep(0.02)
    return list(dict.fromkeys(names))


def time_left(limit_s):
    if deadline is None:
        return limit_s
    return max(1.0, min(limit_s, deadline - time.monotonic()))


def follow(child, limit_s, output, progress):
    """Waits for the child; every PROGRESS_S calls progress with the output so far. False: over the limit."""
    end = time.monotonic() + limit_s
    while True:
        wait = end - time.monotonic()
        if wait <= 0:
            return False
        try:
            child.wait(min(wait, PROGRESS_S) if progress else wait)
            return True
        except subprocess.TimeoutExpired:
            if progress:
                progress(pathlib.Path(output.name).read_text(errors="replace"))


def start(command, output, env):
    return subprocess.Popen(
        [str(c) for c in command], cwd=ROOT, env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)


def run(command, limit_s, env=None, progress=None):
    """(status, output) of a command. Nothing that it started is left when this returns."""
    limit_s = time_left(limit_s)
    with tempfile.NamedTemporaryFile(prefix="herder-test-") as output:
        # A file, not a pipe: a pipe stays open as long as anything that inherited it lives.
        child = start(command, output, env)
        try:
            ended = follow(child, limit_s, output, progress)
            status, note = (child.returncode, "") if ended else (124, f"\nstopped after {limit_s:.0f} s\n")
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
            left = kill_descendants()
        if left and not note:
            note = f"\n{LEFT_RUNNING}{'; '.join(left)}\n"
        return status, pathlib.Path(output.name).read_text(errors="replace") + note


def run_side_by_side(commands, at_most, limit_s, env=None):
    """(place in commands, status, output) of each as it ends, `at_most` of them at a time.

    A command is a function, called when it is its turn, so that it can be told how much time is left. Each command has to end what it started, within its limit_s; what is left at the end of all is killed.
    """
    waiting, running = list(enumerate(commands)), []
    try:
        while waiting or running:
            while waiting and len(running) < at_most:
                place, command = waiting.pop(0)
                output = tempfile.NamedTemporaryFile(prefix="herder-test-")
                running.append((place, start(command(), output, env), time.monotonic() + time_left(limit_s), output))
            time.sleep(0.05)
            for each in [r for r in running if r[1].poll() is not None or time.monotonic() > r[2]]:
                running.remove(each)
                place, child, _, output = each
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGKILL)
                with output:
                    status = child.wait()
                    yield place, status, pathlib.Path(output.name).read_text(errors="replace")
    finally:
        kill_descendants()
