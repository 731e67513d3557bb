"""When a save is due: steps, time, and the rule."""

import math
import os
import unittest
from unittest import mock

from sandbox import SandboxTest

from herder import CheckpointManager, _interval


class ParseTest(SandboxTest):
    def test_steps_times_and_the_rule(self):
        for text, steps, seconds in (
            ("500", 500, None), ("25 steps", 25, None), ("1 step", 1, None), ("10m", None, 600.0),
            (" 1h30m ", None, 5400.0), ("45s", None, 45.0), ("auto", None, None),
        ):  # fmt: skip
            found = _interval.parse(text)
            self.assertEqual((found.steps, found.seconds), (steps, seconds), text)
        for text in ("", "0", "0s", "-5", "5 minutes", "often", "m", "1.5h"):
            self.assertIsNone(_interval.parse(text), text)


class RuleTest(SandboxTest):
    def test_it_is_the_root_of_twice_the_cost_times_what_a_machine_of_that_age_lasts(self):
        self.assertAlmostEqual(_interval.auto_seconds(30, 0, 0), math.sqrt(2 * 30 * 1440))
        self.assertAlmostEqual(_interval.auto_seconds(30, 3600, 0), math.sqrt(2 * 30 * 5040))

    def test_cheap_saves_come_often_and_old_machines_are_trusted_longer(self):
        self.assertLess(_interval.auto_seconds(0.2, 0, 0), _interval.auto_seconds(5, 0, 0))
        self.assertLess(_interval.auto_seconds(5, 0, 0), _interval.auto_seconds(5, 86400, 0))
        self.assertEqual(_interval.auto_seconds(None, 0, 0), _interval.auto_seconds(5.0, 0, 0))

    def test_it_keeps_to_its_limits_and_never_outruns_the_upload(self):
        self.assertEqual(_interval.auto_seconds(0.0, 0, 0), 10.0)
        self.assertEqual(_interval.auto_seconds(9999, 9e6, 0), 3600.0)

    def test_a_save_at_a_stop_is_begun_where_it_fits(self):
        for left, write, fits in ((10, 9, True), (10, 9.5, False), (1, 0.4, True), (1, 0.6, False), (0, 0, False)):
            self.assertEqual(_interval.fits(1000.0 + left, 1000.0, write), fits, (left, write))
        self.assertFalse(_interval.fits(990.0, 1000.0, 0.1), "the time is over")
        self.assertTrue(_interval.fits(None, 1000.0, 5.0))
        self.assertTrue(_interval.fits(1001.0, 1000.0, None))
        self.assertAlmostEqual(_interval.auto_seconds(0.1, 0, 600), 660.0)
        self.assertAlmostEqual(_interval.auto_seconds(0.1, 0, 7200), 7920.0)

    def test_no_interval_loses_less_on_a_machine_that_fails_at_that_rate(self):
        cost, mean = 12.0, 1440.0

        def lost(interval):  # for each second of training: writing, and half an interval a loss
            return cost / interval + interval / 2 / mean

        best = _interval.auto_seconds(cost, 0, 0)
        self.assertTrue(all(lost(best) <= lost(best * factor) for factor in (0.5, 0.8, 0.95, 1.05, 1.3, 2)))


class DueTest(SandboxTest):
    def run_steps(self, seconds_a_step, steps, **arguments):
        """The steps that are saved by a training whose clock moves so much a step."""
        clock = mock.Mock(side_effect=None, return_value=100.0)
        with mock.patch("time.monotonic", clock), self.stderr():
            manager = CheckpointManager(background=False, **arguments)
            saved = []
            for step in range(1, steps + 1):
                clock.return_value += seconds_a_step
                if manager.save(None, None, step):
                    saved.append(step)
        return saved

    def test_every_so_much_time(self):
        self.assertEqual(self.run_steps(20.0, 10, every="1m"), [3, 6, 9])
        self.assertEqual(self.run_steps(50.0, 6, every="1m"), [2, 4, 6])

    def test_the_rule_saves_more_rarely_as_the_machine_ages_and_less_often_than_uploads_end(self):
        self.enter_job()
        with mock.patch.object(_interval, "upload_seconds", return_value=0.0):
            saved = self.run_steps(1.0, 400, every="auto")
        self.assertEqual(saved[0], math.ceil(math.sqrt(2 * 5 * (1440 + saved[0]))))
        self.assertEqual(saved[2] - saved[1], 10)  # a save that costs nothing: the least
        with open(self.path("run", "upload_seconds"), "w") as file:
            file.write("300\n")
        self.assertEqual(self.run_steps(1.0, 700, every="auto", prefix="b"), [330, 660])

    def test_what_the_agent_says_of_uploads(self):
        self.assertEqual(_interval.upload_seconds(), 0.0)
        self.enter_job()
        self.assertEqual(_interval.upload_seconds(), 0.0)
        for text, seconds in (("12.5\n", 12.5), ("", 0.0), ("x", 0.0), ("-3", 0.0)):
            with open(os.path.join(self.path("run"), "upload_seconds"), "w") as file:
                file.write(text)
            self.assertEqual(_interval.upload_seconds(), seconds, text)


class PreemptTest(SandboxTest):
    def setUp(self):
        super().setUp()
        self.enter_job()

    def stop_with(self, left, write):
        """What a save does when so many seconds are left and the last one took so many."""
        with self.stderr() as said:
            manager = CheckpointManager(interval_steps=100, prefix=f"{left} {write}")
            manager.save({}, None, 1)
            manager._saver.writer.write_seconds = write
            deadline = "null" if left is None else 1000.0 + left
            self.ask_to_stop(f'{{"reason": "preemption", "deadline": {deadline}}}')
            with mock.patch("time.time", return_value=1000.0):
                path = manager.save({}, None, 2)
        self.assertTrue(manager.should_stop)
        return bool(path), said.getvalue()

    def test_a_save_that_ends_in_time_is_made(self):
        for left, write in ((30, 20.0), (30, None), (None, 500.0)):
            self.assertEqual(self.stop_with(left, write), (True, ""))

    def test_a_save_that_would_be_cut_off_is_not_begun(self):
        saved, said = self.stop_with(20, 19.5)
        self.assertFalse(saved)
        self.assertIn("too little time left", said)


if __name__ == "__main__":
    unittest.main()
