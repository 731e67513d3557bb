"""Counts of tests, read out of what suites report: gtest's JSON, ctest's JUnit, unittest's last lines, TAP."""
import collections
import json
import re
import xml.etree.ElementTree as ElementTree

Counts = collections.namedtuple("Counts", "passed failed skipped")


def add(a, b):
    return Counts(*(x + y for x, y in zip(a, b)))


NONE = Counts(0, 0, 0)


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


def whole_skip(output):
    """Why a program of TAP lines did nothing at all, or ""."""
    plan = re.search(r"^1\.\.0 # SKIP ?([^\n]*)", output, re.M)
    return (plan.group(1) or "no reason given") if plan else ""


def parse_tap(output, status):
    """Counts from TAP lines, or None when there are none. A short plan is a failure."""
    lines = re.findall(r"^(not ok|ok)\b([^\n]*)", output, re.M)
    plan = re.search(r"^1\.\.(\d+)", output, re.M)
    if not lines and not plan:
        return None
    skipped = sum(1 for word, rest in lines if word == "ok" and "# SKIP" in rest)
    if not lines and whole_skip(output):
        skipped = 1
    failed = sum(1 for word, _ in lines if word == "not ok")
    passed = sum(1 for word, rest in lines if word == "ok" and "# SKIP" not in rest)
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


def parse_totals(output):
    """Counts from a last line "N passed, N failed[, N skipped]", or None when there is none."""
    found = re.search(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\Z", output.rstrip(), re.M)
    return Counts(*(int(number or 0) for number in found.groups())) if found else None


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
