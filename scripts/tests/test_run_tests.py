"""What ./dev test reads out of its suites, and how it runs them."""
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import run_tests  # noqa: E402
import suite_counts  # noqa: E402
import suite_processes  # noqa: E402
from suite_counts import Counts  # noqa: E402

GTEST = json.dumps({"testsuites": [{"name": "A", "testsuite": [
    {"name": "good", "status": "RUN", "result": "COMPLETED"},
    {"name": "bad", "status": "RUN", "result": "COMPLETED", "failures": [{"failure": "x"}]},
    {"name": "left_out", "status": "RUN", "result": "SKIPPED"},
    {"name": "disabled", "status": "NOTRUN", "result": "SUPPRESSED"}]}]})
GOOD = json.dumps({"testsuites": [{"name": "A", "testsuite": [{"name": "good", "status": "RUN"}]}]})


def junit(*cases):
    inner = "".join(f'<testcase name="{n}" status="{s}"/>' for n, s in cases)
    return f"<testsuite>{inner}</testsuite>"


class Unittest(unittest.TestCase):
    def test_all_passed(self):
        self.assertEqual(Counts(3, 0, 0), suite_counts.parse_unittest("Ran 3 tests in 0.1s\n\nOK\n", 0))

    def test_failures_errors_and_skips(self):
        text = "Ran 9 tests in 0.1s\n\nFAILED (failures=2, errors=1, skipped=1)\n"
        self.assertEqual(Counts(5, 3, 1), suite_counts.parse_unittest(text, 1))

    def test_a_bad_exit_is_a_failure(self):
        self.assertEqual(Counts(1, 1, 0), suite_counts.parse_unittest("Ran 2 tests in 0.1s\n\nOK\n", 139))


class Tap(unittest.TestCase):
    def test_counts(self):
        text = "1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no GPU\n"
        self.assertEqual(Counts(1, 1, 1), suite_counts.parse_tap(text, 1))

    def test_a_short_plan_is_a_failure(self):
        self.assertEqual(Counts(1, 2, 0), suite_counts.parse_tap("1..3\nok 1 - a\n", 0))

    def test_a_crash_after_the_last_line_is_a_failure(self):
        self.assertEqual(Counts(1, 1, 0), suite_counts.parse_tap("ok 1 - a\n", 134))

    def test_a_program_that_did_nothing_is_skipped_and_says_why(self):
        text = "1..0 # SKIP build/bin/s3d is not built\n"
        self.assertEqual(Counts(0, 0, 1), suite_counts.parse_any(text, 0))
        self.assertEqual("build/bin/s3d is not built", suite_counts.whole_skip(text))
        self.assertEqual("", suite_counts.whole_skip("1..1\nok 1 - a # SKIP no GPU\n"))


class Any(unittest.TestCase):
    def test_a_silent_program_counts_by_its_status(self):
        self.assertEqual(Counts(1, 0, 0), suite_counts.parse_any("all well\n", 0))
        self.assertEqual(Counts(0, 1, 0), suite_counts.parse_any("", 2))


class Totals(unittest.TestCase):
    def test_only_the_last_line_counts(self):
        self.assertEqual(Counts(3, 1, 0), suite_counts.parse_totals("9 passed, 9 failed\nok\n3 passed, 1 failed\n"))
        self.assertEqual(Counts(3, 0, 2), suite_counts.parse_totals("3 passed, 0 failed, 2 skipped\n"))
        self.assertIsNone(suite_counts.parse_totals("3 passed, 0 failed\nTerminated\n"))


class Gtest(unittest.TestCase):
    def test_report(self):
        self.assertEqual((Counts(1, 1, 2), ["A.bad"]), suite_counts.parse_gtest(GTEST))

    def test_ctest_uses_reports_and_counts_others_once(self):
        text = junit(("base", "run"), ("plain", "run"), ("jobs", "fail"))
        counts, names = suite_counts.count_ctest(
            text, {"herder_base_test": GOOD, "herder_jobs_test": GTEST})
        self.assertEqual(Counts(3, 1, 2), counts)
        self.assertEqual(["A.bad"], names)

    def test_a_crash_counts_though_no_test_failed(self):
        counts, names = suite_counts.count_ctest(
            junit(("base", "fail"), ("other", "fail")), {"herder_base_test": GOOD})
        self.assertEqual(Counts(1, 2, 0), counts)
        self.assertEqual(["base (ended badly)", "other (ended badly)"], names)


class GtestProgram(unittest.TestCase):
    def program(self, report, status):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "program"
        path.write_text(f"#!/bin/sh\n{report}\nexit {status}\n")
        path.chmod(0o755)
        return path

    def counts(self, *program):
        with contextlib.redirect_stdout(io.StringIO()):
            return run_tests.gtest_program("it", self.program(*program), 30)

    def test_its_tests_are_counted(self):
        self.assertEqual(Counts(1, 1, 2), self.counts(f"echo '{GTEST}' >${{GTEST_OUTPUT#json:}}", 1))

    def test_a_crash_before_or_after_its_tests_is_a_failure(self):
        self.assertEqual(Counts(1, 1, 0), self.counts(f"echo '{GOOD}' >${{GTEST_OUTPUT#json:}}", 139))
        self.assertEqual(Counts(0, 1, 0), self.counts(":", 139))

    def test_no_report_is_a_failure_whatever_it_says(self):
        self.assertEqual(Counts(0, 1, 0), self.counts(":", 0))


class Run(unittest.TestCase):
    def setUp(self):
        suite_processes.become_reaper()
        self.addCleanup(setattr, suite_processes, "deadline", None)

    def test_a_program_over_its_limit_is_stopped_with_its_children(self):
        status, output = suite_processes.run(["sh", "-c", "echo begun; sleep 60 & wait"], limit_s=2)
        self.assertEqual(124, status)
        self.assertIn("begun", output)
        self.assertIn("stopped after", output)
        self.assertEqual([], suite_processes.descendants())

    def test_what_a_program_leaves_in_a_session_of_its_own_is_ended_and_named(self):
        status, output = suite_processes.run(["sh", "-c", "setsid sleep 61 & echo done"], limit_s=20)
        self.assertEqual(0, status)
        self.assertIn("left running, ended now: ", output)
        self.assertEqual([], suite_processes.descendants())

    def test_nothing_left_nothing_said(self):
        self.assertEqual((3, "text\n"), suite_processes.run(["sh", "-c", "echo text; exit 3"], limit_s=20))

    def test_the_end_of_the_whole_run_ends_a_program_too(self):
        suite_processes.deadline = time.monotonic() + 0.2
        self.assertEqual(124, suite_processes.run(["sleep", "60"], limit_s=60)[0])

    def test_a_stopped_program_counts_as_failed(self):
        self.assertEqual(Counts(1, 1, 0), suite_counts.parse_any("ok 1 - a\nstopped after 1 s\n", 124))


class SideBySide(unittest.TestCase):
    def setUp(self):
        suite_processes.become_reaper()

    def test_two_at_a_time_and_each_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            # Each waits until the other is there as well: alone it would be over the limit.
            meet = "touch {0}/{1}; while [ ! -e {0}/{2} ]; do sleep 0.02; done; echo {1}; exit {3}"
            commands = [lambda words=words: ["sh", "-c", meet.format(folder, *words)]
                        for words in (("a", "b", 0), ("b", "a", 3))]
            ends = sorted(suite_processes.run_side_by_side(commands + [lambda: ["echo", "c"]], 2, 30))
        self.assertEqual([(0, 0, "a\n"), (1, 3, "b\n"), (2, 0, "c\n")], ends)

    def test_one_over_its_limit_ends_and_leaves_nothing(self):
        ends = list(suite_processes.run_side_by_side([lambda: ["sh", "-c", "setsid sleep 60 & wait"]], 2, 0.2))
        self.assertEqual([(0, -9, "")], ends)
        self.assertEqual([], suite_processes.descendants())


class Program(unittest.TestCase):
    """One end-to-end program, as the suite starts it."""

    def told(self, script):
        with tempfile.TemporaryDirectory(dir=suite_processes.ROOT / "build") as folder:
            path = pathlib.Path(folder) / "program"
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
            return subprocess.run([sys.executable, run_tests.__file__, "--program", path], text=True,
                                  stdout=subprocess.PIPE, check=False)

    def test_its_line_and_its_counts(self):
        done = self.told("echo '1..2'; echo 'ok 1 - a'; echo 'ok 2 - b # SKIP no GPU'")
        self.assertEqual((0, Counts(1, 0, 1)), (done.returncode, suite_counts.parse_totals(done.stdout)))
        self.assertIn("  ok ", done.stdout)

    def test_a_failure_shows_what_it_printed(self):
        done = self.told("echo 'not ok 1 - a'; echo the reason; exit 1")
        self.assertEqual((1, Counts(0, 1, 0)), (done.returncode, suite_counts.parse_totals(done.stdout)))
        self.assertIn("the reason", done.stdout)


if __name__ == "__main__":
    unittest.main()
