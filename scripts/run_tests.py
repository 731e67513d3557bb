#!/usr/bin/env python3
"""Builds and runs every suite; the last line is "N passed, N failed".

Called by `./dev test [SUITE ...]`. Each suite prints one line per failing test (and its output) and
one line of counts. Counts come from what the suites themselves report: gtest's JSON, unittest's
last lines, TAP lines; a program that reports nothing counts as one test, by its exit status.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3"
RELEASE_TARGETS = ["herder", "herder-agent", "herder-sim"]
E2E_LIMIT_S = 420
SIM_SEEDS = 60

Counts = collections.namedtuple("Counts", "passed failed skipped")


def say(text):
    print(text, flush=True)


def add(a, b):
    return Counts(*(x + y for x, y in zip(a, b)))


NONE = Counts(0, 0, 0)


# ---- reading what suites report -------------------------------------------------------------

def parse_unittest(output, status):
    """Counts from the last lines of `python -m unittest`, or None when it is not unittest output."""
    ran = re.search(r"^Ran (\d+) tests? in ", output, re.M)
    if not ran:
        return None
    numbers = dict((k, int(v)) for k, v in re.findall(r"(\w+)=(\d+)", output[ran.end():]))
    failed = numbers.get("failures", 0) + numbers.get("errors", 0)
    if status != 0 and failed == 0:
        failed = 1
    skipped = numbers.get("skipped", 0)
    return Counts(max(0, int(ran.group(1)) - failed - skipped), failed, skipped)


def parse_tap(output, status):
    """Counts from TAP lines, or None when there are none. A short plan is a failure."""
    lines = re.findall(r"^(not ok|ok)\b([^\n]*)", output, re.M)
    plan = re.search(r"^1\.\.(\d+)", output, re.M)
    if not lines and not plan:
        return None
    skipped = sum(1 for word, rest in lines if word == "ok" and "# SKIP" in rest)
    failed = sum(1 for word, _ in lines if word == "not ok")
    passed = len(lines) - failed - skipped
    missing = int(plan.group(1)) - len(lines) if plan else 0
    failed += max(0, missing)
    if status != 0 and failed == 0:
        failed = 1
    return Counts(passed, failed, skipped)


def parse_any(output, status):
    counts = parse_tap(output, status) or parse_unittest(output, status)
    return counts or (Counts(1, 0, 0) if status == 0 else Counts(0, 1, 0))


def parse_gtest(text):
    """Counts and the names of failed tests from gtest's JSON report."""
    passed, skipped, names = 0, 0, []
    for suite in json.loads(text).get("testsuites", []):
        for test in suite.get("testsuite", []):
            if test.get("failures"):
                names.append(f"{suite['name']}.{test['name']}")
            elif test.get("result") == "SKIPPED" or test.get("status") == "NOTRUN":
                skipped += 1
            else:
                passed += 1
    return Counts(passed, len(names), skipped), names


def count_ctest(junit_text, reports):
    """Counts of one ctest run: gtest programs by their report, others as one test each.

    `reports` maps a test program's name to its JSON text. A program that ended badly without a
    failed test in its report (a crash) counts as one failure.
    """
    total, failures = NONE, []
    for case in ElementTree.fromstring(junit_text).iter("testcase"):
        name, ran_well = case.get("name"), case.get("status") == "run"
        report = reports.get(f"herder_{name}_test")
        counts, names = (NONE, [])
        if report is not None:
            counts, names = parse_gtest(report)
        if ran_well and report is None:
            counts = Counts(1, 0, 0)
        if not ran_well and not names:
            counts, names = add(counts, Counts(0, 1, 0)), [f"{name} (ended badly)"]
        total, failures = add(total, counts), failures + names
    return total, failures


# ---- running --------------------------------------------------------------------------------

def run(command, limit_s=None, env=None):
    """(status, output) of a command in its own process group, which is gone when this returns."""
    child = subprocess.Popen(
        [str(c) for c in command], cwd=ROOT, env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", start_new_session=True)
    try:
        output, _ = child.communicate(timeout=limit_s)
        return child.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        output, _ = child.communicate()
        return 124, output + f"\nstopped after {limit_s} s\n"
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        raise


def has_target(preset, target):
    return run(["ninja", "-C", f"build/{preset}", "-t", "query", target])[0] == 0


def configure_and_build(preset, jobs, targets=()):
    """An error text, or "" when all of it was built."""
    status, output = run(["cmake", "--preset", preset])
    if status != 0:
        return output
    if targets:
        targets = [t for t in targets if has_target(preset, t)]
        if not targets:
            return ""
    status, output = run(["nice", "-n", "2", "ninja", "-C", f"build/{preset}", "-j", jobs, *targets])
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


def one_program(title, command, limit_s=E2E_LIMIT_S):
    """Runs one program of a suite and prints its output when something failed."""
    status, output = run(command, limit_s)
    counts = parse_any(output, status)
    if counts.failed:
        say(f"  not ok {title}")
        show(output)
    else:
        say(f"  ok {title}" + (f" ({counts.skipped} skipped)" if counts.skipped else ""))
    return counts


def unittest_command(folder):
    return [PYTHON, "-m", "unittest", "discover", "-s", folder, "-p", "*test*.py"]


# ---- suites ---------------------------------------------------------------------------------

def suite_build(options):
    total = NONE
    for preset, targets in (("dev", ()), ("release", RELEASE_TARGETS)):
        error = configure_and_build(preset, options.jobs, targets)
        say(f"  {'not ok' if error else 'ok'} preset {preset}")
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


def suite_unit(options):
    results = ROOT / "build/dev/test-results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    junit = results / "ctest.xml"
    _, output = run(
        ["ctest", "--preset", "dev", "-j", options.jobs, "--timeout", "300", "--output-junit", junit],
        env={"GTEST_OUTPUT": f"json:{results}/"})
    if not junit.exists():
        show(output)
        return Counts(0, 1, 0)
    reports = {path.stem: path.read_text() for path in results.glob("*.json")}
    counts, failures = count_ctest(junit.read_text(), reports)
    for name in failures:
        say(f"  not ok {name}")
    if failures:
        show(output)
    return counts


def suite_sdk(options):
    if not (ROOT / "sdk/python/tests").is_dir():
        return NONE
    os.environ["PYTHONPATH"] = str(ROOT / "sdk/python")
    return one_program("sdk/python/tests", unittest_command("sdk/python/tests"))


def suite_sim(options):
    program = ROOT / "build/release/bin/herder-sim"
    if not program.exists():
        return NONE
    status, output = run([program, "--seeds", SIM_SEEDS], limit_s=600)
    say(f"  {'ok' if status == 0 else 'not ok'} {SIM_SEEDS} seeds")
    show(output if status else "\n".join(output.rstrip().splitlines()[-1:]))
    return Counts(1, 0, 0) if status == 0 else Counts(0, 1, 0)


def suite_e2e(options):
    total = NONE
    for path in sorted((ROOT / "tests/e2e").glob("*")):
        if path.is_file() and os.access(path, os.X_OK):
            total = add(total, one_program(str(path.relative_to(ROOT)), [path]))
    return total


def suite_docs(options):
    return add(one_program("links and files", [PYTHON, "scripts/check_docs.py", "--links"]),
               one_program("command blocks", [PYTHON, "scripts/check_docs.py"], limit_s=600))


SUITES = {
    "build": suite_build, "rules": suite_rules, "scripts": suite_scripts, "unit": suite_unit,
    "sdk": suite_sdk, "sim": suite_sim, "e2e": suite_e2e, "docs": suite_docs,
}


def run_suites(names, options):
    total = NONE
    for name in names:
        say(f"== {name}")
        began = time.monotonic()
        counts = SUITES[name](options)
        total = add(total, counts)
        skipped = f", {counts.skipped} skipped" if counts.skipped else ""
        nothing = " (nothing there yet)" if counts == NONE else ""
        say(f"== {name}: {counts.passed} passed, {counts.failed} failed{skipped}{nothing}, "
            f"{time.monotonic() - began:.1f} s")
        if name == "build" and counts.failed:
            say("== the build failed: the suites that need programs are left out")
            names[:] = [n for n in names if n in ("build", "rules", "scripts")]
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", help="only these: " + " ".join(SUITES))
    parser.add_argument("--jobs", default="2")
    options = parser.parse_args()
    unknown = [s for s in options.suites if s not in SUITES]
    if unknown:
        parser.error(f"unknown suite {unknown[0]}; there are: {' '.join(SUITES)}")
    total = run_suites(list(options.suites or SUITES), options)
    say(f"{total.passed} passed, {total.failed} failed")
    sys.exit(1 if total.failed or not total.passed else 0)


if __name__ == "__main__":
    main()
