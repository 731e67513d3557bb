#!/usr/bin/env python3
"""Drives `herder vastsim` with other people's Vast.ai clients, unchanged: the official SDK, dstack's and SkyPilot's.
Compares what each session prints with golden/, numbers blanked. Optional and outside the gate; each client lives in a
virtual environment of its own, and one that is missing is left out and named.

usage: tests/vastai_cli/peers.py HERDER [--update] [--sdk VENV] [--dstack VENV] [--skypilot VENV]
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from run import FOLDER, HERE, plain

# What to install, where nothing is given: build/vastai_cli/NAME.
PACKAGES = {"sdk": "vastai==1.9.1", "dstack": "dstack==0.22.5", "skypilot": "skypilot[vast]==0.14.1"}


class Market:
    """`herder vastsim` for one session."""

    def __init__(self, herder, home):
        self.file = pathlib.Path(home) / "url"
        self.process = subprocess.Popen([herder, "vastsim", "--seed", "3", "--time-scale", "20", "--url-file", self.file,
                                         "--die-with-parent"], stderr=subprocess.DEVNULL)

    def __enter__(self):
        deadline = time.monotonic() + 60
        while not self.file.exists():
            if time.monotonic() > deadline:
                raise SystemExit("the market did not start")
            time.sleep(0.05)
        return self.file.read_text().strip()

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)


def run_session(name, python, herder):
    """What the session printed, and what it said when it failed."""
    with tempfile.TemporaryDirectory() as home, Market(herder, home) as url:
        environment = {**os.environ, "VAST_URL": url, "VAST_API_KEY": "demo", "HOME": home, "NO_COLOR": "1"}
        ended = subprocess.run([python, HERE / f"{name}_session.py"], env=environment, capture_output=True, text=True,
                               timeout=600, check=False)
    return ended.stdout, "" if ended.returncode == 0 else ended.stderr[-2000:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("herder", type=pathlib.Path)
    parser.add_argument("--update", action="store_true", help="write golden/ anew")
    for name, package in PACKAGES.items():
        parser.add_argument(f"--{name}", type=pathlib.Path, default=FOLDER / ("venv" if name == "sdk" else name),
                            help=f"virtual environment with {package}")
    options, failed = parser.parse_args(), []
    for name, package in PACKAGES.items():
        python = getattr(options, name) / "bin/python"
        if not python.exists():
            print(f"{name}: left out, {python} is not there (a virtual environment with {package})")
            continue
        text, error = run_session(name, python, options.herder)
        golden = HERE / "golden" / f"peer_{name}.txt"
        if error:
            failed.append(name)
            print(f"{name}: failed after\n{text}{error}")
        elif options.update:
            golden.write_text(plain(text))
            print(f"{name}: {len(text.splitlines())} steps written")
        elif not golden.exists() or golden.read_text() != plain(text):
            failed.append(name)
            print(f"{name}: differs\n{plain(text)}")
        else:
            print(f"{name}: {len(text.splitlines())} steps, as recorded")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
