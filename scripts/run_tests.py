#!/usr/bin/env python3
"""Builds and runs every suite; the last line is "N passed, N failed".

Called by `./dev test [SUITE ...]`. Each suite prints one line per failing test (and its output) and
one line of counts. Counts come from what the suites themselves report: gtest's JSON, unittest's
last lines, TAP lines; a program that reports nothing counts as one test, by its exit status.
"""
import argparse
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time

import suite_processes
from suite_counts import NONE, Counts, add, count_ctest, parse_any, parse_gtest, parse_totals, whole_skip
from suite_processes import LEFT_RUNNING, ROOT, become_reaper, run, run_side_by_side, time_left

PYTHON = "/usr/bin/python3"
RELEASE_TARGETS = ["herder", "herder-agent", "herder-sim", "s3d"]
SIM_TEST = "herder_sim_test"  # of the release preset: too slow without optimisation
# Seconds, generous for two busy cores: they are for what hangs, and --limit is for the whole.
BUILD_LIMIT_S, UNIT_LIMIT_S, SIM_LIMIT_S, E2E_LIMIT_S, DOCS_LIMIT_S = 3600, 1200, 900, 900, 600
E2E_GRACE_S = 30  # for a runner to end its program and to say so
SIM_SEEDS, COMPILER_SEEDS = 300, 20


def say(text):
    print(text, flush=True)


def has_target(preset, target):
    return run(["ninja", "-C", f"build/{preset}", "-t", "query", target], limit_s=60)[0] == 0


def build_progress(preset):
    def show_last(text):
        steps = re.findall(r"^\[(\d+)/(\d+)\]", text, re.M)
        if steps:
            say(f"     preset {preset}: {steps[-1][0]} of {steps[-1][1]} steps")
    return show_last


def configure_and_build(preset, jobs, targets=()):
    """An error text, or "" when all of it was built."""
    status, output = run(["cmake", "--preset", preset], limit_s=300)
    if status != 0:
        return output
    if targets:
        targets = [t for t in targets if has_target(preset, t)]
        if not targets:
            return ""
    status, output = run(["nice", "-n", "2", "ninja", "-C", f"build/{preset}", "-j", jobs, *targets],
                         BUILD_LIMIT_S, progress=build_progress(preset))
    return output if status != 0 else ""


def link_release_binaries():
    folder = ROOT / "build" / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    for name in RELEASE_TARGETS:
        built, link = ROOT / "build/release/bin" / name, folder / name
        if built.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(f"../release/bin/{name}")


def show(output):
    say("\n".join("    " + line for line in output.rstrip().splitlines()[-200:]))


def one_program(title, command, limit_s=E2E_LIMIT_S, env=None):
    """Runs one program of a suite and prints its output when something failed."""
    began = time.monotonic()
    status, output = run(command, limit_s, env)
    counts = parse_any(output, status)
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    if why := whole_skip(output):
        skipped = f", skipped: {why}"
    say(f"  {'not ok' if counts.failed else 'ok'} {title} ({time.monotonic() - began:.1f} s{skipped})")
    if counts.failed:
        show(output)
    elif LEFT_RUNNING in output:
        show(output[output.rindex(LEFT_RUNNING):])
    return counts


def unittest_command(folder):
    return [PYTHON, "-m", "unittest", "discover", "-s", folder, "-p", "*test*.py"]


# ---- suites ---------------------------------------------------------------------------------

def suite_build(options):
    total = NONE
    for preset, targets in (("dev", ()), ("release", [*RELEASE_TARGETS, SIM_TEST])):
        began = time.monotonic()
        error = configure_and_build(preset, options.jobs, targets)
        say(f"  {'not ok' if error else 'ok'} preset {preset} ({time.monotonic() - began:.1f} s)")
        if error:
            show(error)
        total = add(total, Counts(0, 1, 0) if error else Counts(1, 0, 0))
    link_release_binaries()
    return total


def suite_rules(options):
    total = one_program("tidy", [PYTHON, "scripts/tidy.py"])
    return add(total, one_program("layering", [PYTHON, "scripts/check_layering.py"]))


def suite_scripts(options):
    return one_program("scripts/tests", unittest_command("scripts/tests"))


def fresh_results(preset):
    results = ROOT / f"build/{preset}/test-results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    return results


def check_answers(record, *flags):
    """Holds the answers of the API that the tests saw against its description."""
    return one_program("the API's answers are as described", [PYTHON, "scripts/check_api.py", record, *flags])


def suite_unit(options):
    results = fresh_results("dev")
    junit = results / "ctest.xml"
    _, output = run(
        ["ctest", "--preset", "dev", "-j", options.jobs, "--timeout", "300", "--output-junit", junit],
        UNIT_LIMIT_S, env={"GTEST_OUTPUT": f"json:{results}/", "HERDER_API_RECORD": f"{results}/answers"})
    if not junit.exists():
        show(output)
        return Counts(0, 1, 0)
    reports = {path.stem: path.read_text() for path in results.glob("*.json")}
    counts, failures = count_ctest(junit.read_text(), reports)
    for name in failures:
        say(f"  not ok {name}")
    if failures:
        show(output)
    return add(counts, check_answers(results / "answers"))


def suite_sdk(options):
    if not (ROOT / "sdk/python/tests").is_dir():
        return NONE
    os.environ["PYTHONPATH"] = str(ROOT / "sdk/python")
    return one_program("sdk/python/tests", unittest_command("sdk/python/tests"))


def gtest_program(title, program, limit_s):
    """Runs one gtest program and counts its tests, not itself."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="herder-test-") as folder:
        report = pathlib.Path(folder) / "report.json"
        status, output = run([program], limit_s, env={"GTEST_OUTPUT": f"json:{report}"})
        counts, names = parse_gtest(report.read_text()) if report.exists() else (NONE, [])
    if (status != 0 and not names) or counts == NONE:
        counts, names = add(counts, Counts(0, 1, 0)), ["ended badly"]
    say(f"  {'not ok' if counts.failed else 'ok'} {title} ({time.monotonic() - began:.1f} s)")
    for name in names:
        say(f"  not ok {name}")
    if counts.failed:
        show(output)
    return counts


def sim_program(title, *arguments, last_lines=1):
    """One run of the simulator; its last lines are printed, for they are what it found."""
    began = time.monotonic()
    status, output = run([ROOT / "build/release/bin/herder-sim", *arguments], SIM_LIMIT_S)
    say(f"  {'not ok' if status else 'ok'} {title} ({time.monotonic() - began:.1f} s)")
    show(output if status else "\n".join(output.rstrip().splitlines()[-last_lines:]))
    return Counts(0, 1, 0) if status else Counts(1, 0, 0)


def suite_sim(options):
    folder = ROOT / "build/release/bin"
    missing = [name for name in ("herder-sim", SIM_TEST) if not (folder / name).exists()]
    if missing:
        say(f"  not ok {' and '.join(missing)} not built: run ./dev test build first")
        return Counts(0, len(missing), 0)
    total = gtest_program("unit tests of the simulator", folder / SIM_TEST, UNIT_LIMIT_S)
    jobs = ("--jobs", options.jobs)
    total = add(total, sim_program(f"{SIM_SEEDS} seeds", "--seeds", SIM_SEEDS, *jobs))
    total = add(total, sim_program("a crash at every commit", "--crash-sweep", *jobs))
    return add(total, sim_program("planted defects", "--mutant", "all", *jobs, last_lines=30))


def totals_line(total):
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    return f"{total.passed} passed, {total.failed} failed{skipped}"


def suite_e2e(options):
    """End-to-end programs wait more than they compute: one more side by side than jobs are allowed."""
    record = fresh_results("release") / "answers"
    paths = [path for path in sorted((ROOT / "tests/e2e").glob("*")) if path.is_file() and os.access(path, os.X_OK)]
    total = NONE

    def command(path):
        # Each is held to its limit by a runner of its own, which also ends what it left; the grace is for that.
        limit_s = max(1.0, time_left(E2E_LIMIT_S + E2E_GRACE_S) - E2E_GRACE_S)
        return [PYTHON, "scripts/run_tests.py", "--program", path.relative_to(ROOT), "--limit", limit_s]

    for place, status, output in run_side_by_side(
            [lambda path=path: command(path) for path in paths], int(options.jobs) + 1, E2E_LIMIT_S + E2E_GRACE_S,
            env={"HERDER_API_RECORD": str(record)}):
        counts = parse_totals(output)
        if counts is None:
            say(f"  not ok {paths[place].relative_to(ROOT)}: its runner ended with {status}")
            counts = Counts(0, 1, 0)
        lines = output.rstrip().splitlines()
        say("\n".join(lines[:-1] if lines[-1:] == [totals_line(counts)] else lines))
        total = add(total, counts)
    return add(total, check_answers(record, "--partial"))


def run_program(path, limit_s):
    """What suite_e2e starts for one program: its line, its output when it failed, its counts."""
    total = one_program(path, [ROOT / path], limit_s or E2E_LIMIT_S)
    say(totals_line(total))
    return total


def suite_docs(options):
    return add(one_program("links and files", [PYTHON, "scripts/check_docs.py", "--links"]),
               one_program("command blocks", [PYTHON, "scripts/check_docs.py"], DOCS_LIMIT_S))


def hash_of(preset):
    """What the preset's simulator makes of a few seeds, or "" when it fails."""
    program = ROOT / f"build/{preset}/bin/herder-sim"
    status, output = run([program, "--seeds", COMPILER_SEEDS, "--hours", "24", "--jobs", "1"], SIM_LIMIT_S)
    found = re.search(r"^sim: .* hash=([0-9a-f]+) ", output, re.M)
    say(f"     preset {preset}: {found.group(1) if found else output[-500:]}")
    return found.group(1) if found and status == 0 else ""


def suite_compilers(options):
    """g++ without optimisation against clang++ with it: one seed is one run, whoever compiled it."""
    for preset in ("gcc", "release"):
        error = configure_and_build(preset, options.jobs, ["herder-sim"])
        if error:
            say(f"  not ok preset {preset}")
            show(error)
            return Counts(0, 1, 0)
    gcc, clang = hash_of("gcc"), hash_of("release")
    same = gcc == clang != ""
    say(f"  {'ok' if same else 'not ok'} {COMPILER_SEEDS} seeds are the same runs with both compilers")
    return Counts(1, 0, 0) if same else Counts(0, 1, 0)


SUITES = {
    "build": suite_build, "rules": suite_rules, "scripts": suite_scripts, "unit": suite_unit,
    "sdk": suite_sdk, "sim": suite_sim, "e2e": suite_e2e, "docs": suite_docs,
    "compilers": suite_compilers,
}
# Only by name: it compiles the simulator once more.
BY_NAME_ONLY = ("compilers",)


def run_suites(names, options):
    """The counts of these suites together."""
    total = NONE
    for name in names:
        say(f"== {name}")
        began = time.monotonic()
        counts = SUITES[name](options)
        total = add(total, counts)
        nothing = " (nothing there yet)" if counts == NONE else ""
        say(f"== {name}: {totals_line(counts)}{nothing}, {time.monotonic() - began:.1f} s")
        if name == "build" and counts.failed:
            say("== the build failed: the suites that need programs are left out")
            names[:] = [n for n in names if n in ("build", "rules", "scripts")]
    return total


def only_one():
    """The build folder has room for one run; the lock lasts as long as what this returns."""
    (ROOT / "build").mkdir(exist_ok=True)
    lock = open(ROOT / "build/.lock", "a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another ./dev in this folder to end (Ctrl-C gives up)")
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def interrupt(*_):
    raise KeyboardInterrupt


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev test", description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"only these: {' '.join(SUITES)} (by name only: {' '.join(BY_NAME_ONLY)})")
    parser.add_argument("--jobs", default="2", help="parallel level (2)")
    parser.add_argument("--limit", type=float, metavar="SECONDS", help="end what is still running then, as failed")
    parser.add_argument("--program", metavar="PATH", help=argparse.SUPPRESS)  # of suite_e2e's own runners
    options = parser.parse_args()
    unknown = [s for s in options.suites if s not in SUITES]
    if unknown:
        parser.error(f"unknown suite {unknown[0]}; there are: {' '.join(SUITES)}")
    return options


def run_all(options):
    """Counts of all suites that were asked for."""
    began = time.monotonic()
    lock = only_one()
    if options.limit:
        suite_processes.deadline = time.monotonic() + options.limit
    total = run_suites(options.suites or [s for s in SUITES if s not in BY_NAME_ONLY], options)
    lock.close()
    say(f"all of it took {(time.monotonic() - began) / 60:.1f} minutes")
    say(totals_line(Counts(total.passed, total.failed, 0)))
    return total


def main():
    options = parse_arguments()
    become_reaper()
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        total = run_all(options) if not options.program else run_program(options.program, options.limit)
    except KeyboardInterrupt:
        say("interrupted; nothing was left running")
        sys.exit(130)
    sys.exit(1 if total.failed or not total.passed else 0)


if __name__ == "__main__":
    main()
