#!/usr/bin/env python3
"""A real training job survives losing its machine: `./dev demo`.

Starts a server with a simulated market on this machine, launches examples/digits on an interruptible
rental, takes its machine away without a word, and checks that nothing was lost: neither a weight, nor
a machine, nor a cent. Nothing is rented and nothing costs money.
"""
import argparse
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from demo_checks import all_checks  # noqa: E402
from demo_view import Screen, bar, timeline  # noqa: E402
from local_herder import FINISHED, ROOT, LocalHerder, TimedOut, clean_environment  # noqa: E402

STEPS, SAVE_EVERY, STEP_TIME_S = 400, 25, 0.05
# The market's clock and the server's run so many times as fast: boots take little of the reader's time,
# and the bill, which the market rounds to tenths of a cent, becomes a few cents.
TIME_SCALE = 30
TOLD_EVERY = 100  # steps; where there is no status line, not every checkpoint is worth a line
LIMIT_S = 240  # far more than it takes; a demo that hangs is worse than one that fails
NAME = "digits"


def draw_steps(seed, interruptions):
    """The steps at which the market strikes: one in each equal part of the training, between two saves."""
    draw, steps = random.Random(seed), []
    first, last = 2 * SAVE_EVERY, STEPS - 2 * SAVE_EVERY
    part = (last - first) // max(1, interruptions)
    for number in range(interruptions):
        step = draw.randrange(first + number * part, first + (number + 1) * part)
        steps.append(step - step % SAVE_EVERY + draw.randrange(5, SAVE_EVERY - 4))
    return steps


def stage(folder):
    """The job's folder: the example and the data, nothing else."""
    place = folder / NAME
    shutil.copytree(ROOT / "examples/digits", place, ignore=shutil.ignore_patterns("__pycache__", "checkpoints"))
    subprocess.run([ROOT / "scripts/fetch_digits", ROOT / "build/data/digits.csv.gz"], check=True)
    (place / "data").mkdir(exist_ok=True)
    shutil.copy(ROOT / "build/data/digits.csv.gz", place / "data/digits.csv.gz")
    return place


class Reference:
    """The same training without a job and without a pause, in an empty folder of its own."""

    def __init__(self, folder, staged):
        self.folder = folder / "uninterrupted"
        self.folder.mkdir()
        for name in ("train.py", "data"):
            (self.folder / name).symlink_to(staged / name)
        python = subprocess.run([ROOT / "scripts/find_python"], check=True, text=True, capture_output=True)
        env = clean_environment(PYTHONPATH=ROOT / "sdk/python", DIGITS_CSV=staged / "data/digits.csv.gz")
        self.log = open(folder / "uninterrupted.log", "wb")
        self.process = subprocess.Popen(
            ["nice", python.stdout.strip(), "train.py", "--steps", str(STEPS), "--step-time", "0"],
            cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)

    def wait(self):
        if self.process.wait(LIMIT_S) != 0:
            raise RuntimeError(f"the uninterrupted run failed, see {self.log.name}")
        return self.folder / "outputs"

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Story:
    """Follows the job to its end, tells what happens and strikes when it is time."""

    def __init__(self, screen, herder, strikes):
        self.screen, self.api, self.market = screen, herder.api, herder.market
        self.strikes = list(strikes)
        self.attempt = self.saved = self.told_step = 0
        self.status = self.text = None
        self.taken_at = []

    def follow(self):
        deadline = time.monotonic() + LIMIT_S
        while True:
            job = self.api.job(NAME)
            self._tell(job)
            if job["status"] in FINISHED:
                return job
            if time.monotonic() > deadline:
                raise TimedOut(f"the job was still {job['status']} after {LIMIT_S} s: {job['status_text']}")
            if self.strikes and job["status"] == "running":
                self._maybe_strike(job)
            time.sleep(0.1)

    def _tell(self, job):
        step, saved = job.get("step") or 0, job.get("last_checkpoint_step") or 0
        if job["status"] != self.status:
            self.screen.at(f"{job['status']:<11}{job['status_text']}")
            if job["status"] == "running":
                self._tell_start(job)
        elif job["status"] == "running":
            self.screen.status(f"{bar(step, STEPS)} step {step} of {STEPS}, saved up to step {saved}")
            if saved // TOLD_EVERY > self.saved // TOLD_EVERY and not self.screen.is_terminal:
                self.screen.at(f"           step {step}, checkpoint of step {saved} committed")
        else:
            self.screen.status(job["status_text"])
        self.status, self.saved = job["status"], max(saved, self.saved)

    def _tell_start(self, job):
        attempt = job["attempt_list"][-1]
        resumed = attempt.get("resumed_step") or 0
        if not resumed:
            return
        repeated = max(0, (self.taken_at or [0])[-1] - resumed)
        self.screen.at(f"RESUMED    on contract {attempt['contract']} after step {resumed}: "
                       f"about {repeated} steps are repeated", "32;1")

    def _maybe_strike(self, job):
        """Takes the machine at the drawn step, once this attempt has something committed."""
        attempt, wanted = job["attempt_list"][-1], self.strikes[0]
        known = max(job.get("step") or 0, job.get("last_checkpoint_step") or 0)
        floor = max(attempt.get("resumed_step") or 0, 0)
        if (job.get("last_checkpoint_step") or 0) <= floor or known < wanted - wanted % SAVE_EVERY:
            return
        time.sleep(max(0, wanted - known) * STEP_TIME_S)
        self.taken_at.append(self.strikes.pop(0))
        self.market.outbid(int(attempt["contract"]))
        self.screen.at(f"TAKEN      the market gave contract {attempt['contract']} to somebody else "
                       f"near step {wanted}: killed, no warning", "31;1")


def show_command(screen, herder, words, note=""):
    """Runs one command as a user would and shows it with its output."""
    screen.command(["herder", *words])
    ended = herder.cli("-o", "table", *words)
    screen.block(ended.stdout)
    if ended.returncode != 0:
        screen.block(ended.stderr)
        raise RuntimeError(f"herder {words[0]} ended with exit code {ended.returncode}{note}")
    screen.block(ended.stderr)


def show_timeline(screen, api, job):
    screen.heading("Timeline")
    commits = []
    for event in api.events(job["id"]):
        if event["kind"] == "checkpoint.committed":
            commits.append(event["at"])
    attempts = job["attempt_list"]
    numbered = [(next((a["number"] for a in reversed(attempts) if a["started_at"] <= at), 1), at) for at in commits]
    for line in timeline(attempts, numbered, job["submitted_at"]):
        screen.line("  " + line)


def show_checks(screen, herder, reference, taken_at):
    screen.heading("Checks")
    all_hold = True
    for holds, title, detail in all_checks(herder.api, herder.market, NAME, reference, taken_at):
        screen.check(holds, title, detail)
        all_hold = all_hold and holds
    return all_hold


def play(screen, herder, staged, reference, strikes):
    screen.heading("Launch: an interruptible rental, to be had cheaply because it can be taken away")
    show_command(screen, herder, ["launch", str((staged / "job.yaml").relative_to(ROOT)), "-y", "-d"])
    screen.heading("What happens")
    story = Story(screen, herder, strikes)
    job = story.follow()
    if story.strikes:
        raise RuntimeError(f"the job ended before the market could strike at step {story.strikes[0]}")
    reference = reference.wait()
    show_timeline(screen, herder.api, job)
    all_hold = show_checks(screen, herder, reference, story.taken_at)
    screen.heading("What it cost")
    show_command(screen, herder, ["cost", "report", "--by", "job"])
    return all_hold


def show_next(screen, herder, kept):
    screen.heading("Next")
    if kept:
        screen.line(f"  The server is up at {herder.url} (process {herder.service.pid}); ask it:")
        screen.line(f"    export HERDER_DATA_DIR={herder.data}")
        for words in (f"show {NAME}", f"logs {NAME}", f"events {NAME}", f"outputs ls {NAME}"):
            screen.line(f"    build/bin/herder {words}")
        screen.line(f"    kill {herder.service.pid}    # ends the server and its market")
        return
    screen.line("  ./dev demo --interruptions 3    # lose three machines")
    screen.line("  ./dev demo --keep               # leave the server up and look around")
    screen.line("  docs/tutorial.md                # your own training script, step by step")


def run(options, screen, folder):
    strikes = draw_steps(options.seed, options.interruptions)
    screen.line(screen.paint("Herder demo: a training job survives losing its machine", "1"))
    screen.line("The market is a simulation on this machine: nothing is rented, nothing costs money. Its clock")
    screen.line(f"runs {TIME_SCALE} times as fast as yours, so that the job's seconds cost what minutes do.")
    screen.line()
    staged = stage(folder)
    reference = Reference(folder, staged)
    herder = LocalHerder(folder, demo=True, flags=["--seed", options.seed, "--time-scale", TIME_SCALE], keep=options.keep)
    is_left_up = False
    try:
        herder.start()
        screen.at(f"server and market are up at {herder.url}, in one process")
        all_hold = play(screen, herder, staged, reference, strikes)
        show_next(screen, herder, options.keep)
        is_left_up = options.keep
    finally:
        reference.stop()
        if not is_left_up:
            herder.stop()
    took = time.monotonic() - screen.began
    screen.line()
    screen.line(screen.paint(f"{'All checks hold' if all_hold else 'NOT all checks hold'}; took {took:.0f} s "
                             f"(seed {options.seed}).", "32;1" if all_hold else "31;1"))
    return 0 if all_hold else 1


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="where the market strikes, its machines and prices")
    parser.add_argument("--interruptions", type=int, default=1, help="how often the machine is taken (0 to 5)")
    parser.add_argument("--keep", action="store_true", help="leave the server up and print how to reach it")
    options = parser.parse_args()
    if not 0 <= options.interruptions <= 5:
        parser.error("--interruptions takes 0 to 5")
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    os.environ.setdefault("COLUMNS", "96")
    (ROOT / "build").mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="demo-", dir=ROOT / "build"))
    screen, code = Screen(), 1
    try:
        code = run(options, screen, folder)
    except KeyboardInterrupt:
        screen.line("\ninterrupted: server, market and machines are gone")
        code = 130
    except (RuntimeError, TimedOut, OSError, subprocess.SubprocessError) as error:
        screen.line(f"\nthe demo failed: {error}")
    if code in (0, 130) and not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        screen.line(f"files: {folder.relative_to(ROOT)} (server.log, state, {NAME})")
    sys.exit(code)


if __name__ == "__main__":
    main()
