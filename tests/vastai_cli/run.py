#!/usr/bin/env python3
"""Drives `herder vastsim` with the unchanged official `vastai` CLI and compares what it prints with
golden/, numbers blanked. Optional and outside the gate: it installs the CLI from PyPI into
build/vastai_cli, and says that it was skipped where that cannot be done.

usage: tests/vastai_cli/run.py HERDER [--update]
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parent.parent / "build" / "vastai_cli"
CLI = "vastai==1.9.1"  # PyPI, August 2026

# In this order; {ask} and {id} are filled in as they become known. A name that is None has no golden.
COMMANDS = [
    ("search_offers", ["search", "offers", "gpu_name=RTX_4090 num_gpus=1", "--limit", "3", "-o", "dph_total"]),
    ("search_bids", ["search", "offers", "gpu_name=RTX_4090 num_gpus=1", "--limit", "2", "--type=bid"]),
    ("create", ["create", "instance", "{ask}", "--image", "debian:12", "--disk", "10", "--label", "cli",
                "--bid_price", "0.4", "--onstart-cmd", "echo hello", "--env", "-e A=b -p 8080:8080"]),
    (None, ["WAIT"]),
    ("show_instance", ["show", "instance", "{id}"]),
    ("show_instances", ["show", "instances"]),
    ("logs", ["logs", "{id}", "--tail", "5"]),
    ("label", ["label", "instance", "{id}", "relabelled"]),
    ("change_bid", ["change", "bid", "{id}", "--price", "0.3"]),
    ("reboot", ["reboot", "instance", "{id}"]),
    ("stop", ["stop", "instance", "{id}"]),
    ("start", ["start", "instance", "{id}"]),
    ("show_user", ["show", "user"]),
    ("charges", ["show", "invoices-v1", "--charges", "--start-date", "{day}", "--end-date", "{next_day}"]),
    ("invoices", ["show", "invoices-v1", "--invoices", "--start-date", "{day}", "--end-date", "{next_day}"]),
    ("ssh_keys", ["show", "ssh-keys"]),
    ("api_keys", ["show", "api-keys"]),
    ("search_volumes", ["search", "volumes", "--limit", "2"]),
    ("show_volumes", ["show", "volumes"]),
    ("env_var", ["create", "env-var", "TOK", "abc"]),
    ("env_vars", ["show", "env-vars"]),
    ("deposit", ["show", "deposit", "{id}"]),
    ("destroy", ["destroy", "instance", "{id}", "-y"]),
    ("show_gone", ["show", "instance", "{id}"]),
]


def install():
    """The CLI's program, or None where the package cannot be had."""
    program = FOLDER / "venv" / "bin" / "vastai"
    if program.exists():
        return program
    venv.create(FOLDER / "venv", with_pip=True)
    pip = [FOLDER / "venv" / "bin" / "pip", "install", "-q", CLI]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=600, check=False)
    return program if done.returncode == 0 and program.exists() else None


def plain(text):
    """Without colours, numbers and runs of blanks."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    text = re.sub(r"[0-9a-f]{32,}", "HEX", text)
    text = re.sub(r"\d+(\.\d+)?(e-?\d+)?", "#", text)
    lines = (re.sub(r"[ \t─═]+", " ", line).rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


class Session:
    def __init__(self, program, url, home):
        self.program, self.values = program, {}
        self.env = {**os.environ, "VAST_URL": url, "HOME": home, "COLUMNS": "200", "TERM": "dumb"}
        now = time.time()
        self.values["day"] = time.strftime("%Y-%m-%d", time.gmtime(now - 86400))
        self.values["next_day"] = time.strftime("%Y-%m-%d", time.gmtime(now + 2 * 86400))

    def run(self, arguments):
        words = [word.format(**self.values) for word in arguments]
        done = subprocess.run([self.program, "--api-key", "demo", *words], env=self.env,
                              capture_output=True, text=True, timeout=120, check=False)
        text = done.stdout + done.stderr
        if arguments[:2] == ["search", "offers"] and "ask" not in self.values:
            ids = re.findall(r"\b3650\d{4}\b", text)
            self.values["ask"] = ids[0] if ids else "0"
        found = re.search(r"'new_contract': (\d+)", text)
        if found:
            self.values["id"] = found.group(1)
        return text

    def wait_until_running(self):
        for _ in range(60):
            if "running" in self.run(["show", "instance", "{id}"]):
                return
        raise SystemExit("the rented instance did not run")


def compare(session, update):
    differing = []
    for name, arguments in COMMANDS:
        if arguments == ["WAIT"]:
            session.wait_until_running()
            continue
        text = session.run(arguments)
        golden = HERE / "golden" / f"{name}.txt"
        if update:
            golden.parent.mkdir(exist_ok=True)
            golden.write_text(plain(text))
        elif not golden.exists() or golden.read_text() != plain(text):
            differing.append(name)
            print(f"--- {name}: {' '.join(arguments)}\n{plain(text)}")
    return differing


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("herder", type=pathlib.Path)
    parser.add_argument("--update", action="store_true", help="write golden/ anew")
    options = parser.parse_args()
    program = install()
    if program is None:
        print(f"skipped: {CLI} cannot be installed from PyPI here")
        return 0
    with tempfile.TemporaryDirectory() as home:
        url_file = pathlib.Path(home) / "url"
        market = subprocess.Popen([options.herder, "vastsim", "--seed", "3", "--time-scale", "20", "--url-file",
                                   url_file, "--die-with-parent"], stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 20
            while not url_file.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            differing = compare(Session(program, url_file.read_text().strip(), home), options.update)
        finally:
            market.terminate()
            market.wait(20)
    print(f"{len(COMMANDS) - 1} commands, {len(differing)} differ" + ("" if not differing else ": " + ", ".join(differing)))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
