"""Stopping: the file, the signal, exit codes; and the lines of log."""

import os
import signal
import subprocess
import sys
import unittest

from sandbox import SDK, SandboxTest

import herder


class StopTest(SandboxTest):
    def run_script(self, text, **environ):
        """Runs a script that signals itself; returns the finished process."""
        environ = {**os.environ, "PYTHONPATH": SDK, **environ}
        return subprocess.run(
            [sys.executable, "-c", text], env=environ, capture_output=True, text=True, timeout=60
        )

    def test_the_stop_file_is_read_whatever_it_holds(self):
        self.enter_job()
        self.assertIsNone(herder.stop_requested())
        for text, reason, deadline in (
            ('{"reason": "budget", "deadline": 12.5}', "budget", 12.5),
            ('{"reason": "cancel", "deadline": null}', "cancel", None),
            ('{"reas', "unknown", None),
            ("", "unknown", None),
            ("[1]", "unknown", None),
        ):
            self.ask_to_stop(text)
            self.assertEqual(herder.stop_requested(), (reason, deadline), text)

    def test_sigterm_saves_and_ends_with_code_0_and_the_stop_file(self):
        self.enter_job()
        done = self.run_script(
            "import os, signal, herder\n"
            "manager = herder.CheckpointManager(interval_steps=1000)\n"
            "for step in manager.steps(50, {'w': 1}):\n"
            "    if step == 3: os.kill(os.getpid(), signal.SIGTERM)\n"
            "print(step)\n"
        )
        self.assertEqual((done.returncode, done.stdout), (0, "3\n"), done.stderr)
        self.assertEqual(self.lines("run", "stop"), [{"reason": "signal", "deadline": None}])
        self.assertEqual([line["kind"] for line in self.lines("run", "checkpoints.jsonl")], ["preempt"])

    def test_a_handler_set_before_is_still_called(self):
        done = self.run_script(
            "import os, signal, herder\n"
            "signal.signal(signal.SIGTERM, lambda *_: print('mine'))\n"
            "manager = herder.CheckpointManager()\n"
            "print(manager.should_stop)\n"
            "os.kill(os.getpid(), signal.SIGTERM)\n"
            "print(manager.should_stop)\n"
        )
        self.assertEqual(done.stdout, "False\nmine\nTrue\n", done.stderr)

    def test_a_forked_worker_still_ends_by_sigterm(self):
        done = self.run_script(
            "import os, signal, time, herder\n"
            "herder.CheckpointManager().should_stop\n"
            "reader, writer = os.pipe()\n"
            "child = os.fork()\n"
            "if child == 0:\n"
            "    os.write(writer, b'up')\n"
            "    time.sleep(30)\n"
            "    os._exit(9)\n"
            "os.read(reader, 2)\n"
            "os.kill(child, signal.SIGTERM)\n"
            "print(os.WTERMSIG(os.waitpid(child, 0)[1]))\n"
        )
        self.assertEqual(done.stdout, "15\n", done.stderr)

    def test_only_importing_leaves_signals_alone(self):
        done = self.run_script("import os, signal, herder\nos.kill(os.getpid(), signal.SIGTERM)\n")
        self.assertEqual(done.returncode, -signal.SIGTERM)

    def test_on_preempt_is_called_once_with_the_deadline_and_ends_the_process(self):
        self.enter_job()
        self.ask_to_stop()
        script = (
            "import os, signal, herder\n"
            "@herder.on_preempt\n"
            "def save_now(deadline): print('saving until', deadline)\n"
            "os.kill(os.getpid(), signal.SIGTERM)\n"
            "print('not reached')\n"
        )
        done = self.run_script(script)
        self.assertEqual((done.returncode, done.stdout), (0, "saving until 1234.5\n"), done.stderr)
        stays = self.run_script(script.replace("on_preempt", "on_preempt(then_exit=False)"))
        self.assertEqual(stays.stdout, "saving until 1234.5\nnot reached\n", stays.stderr)

    def test_job_gives_exit_codes(self):
        self.enter_job()
        script = (
            "import herder\n"
            "with herder.job() as job:\n"
            "    job.at_exit(lambda: print('left', job.id, job.attempt, job.stop_reason))\n"
            "    {}\n"
        )
        for body, stop, code, left in (
            ("pass", False, 0, "left job-1 2 None\n"),
            ("raise RuntimeError('mine')", False, 1, "left job-1 2 None\n"),
            ("raise RuntimeError('worker killed')", True, 0, "left job-1 2 preemption\n"),
            ("raise SystemExit(3)", True, 3, "left job-1 2 preemption\n"),
        ):
            if stop:
                self.ask_to_stop()
            done = self.run_script(script.format(body))
            self.assertEqual((done.returncode, done.stdout), (code, left), body + done.stderr)
            self.assertEqual("Traceback" in done.stderr, "RuntimeError" in body, done.stderr)


class LogTest(SandboxTest):
    def test_metrics_are_lines_with_step_and_time(self):
        self.enter_job()
        herder.log({"train/loss": 0.5, "bad": float("inf"), "note": "x"}, step=10)
        herder.log_metrics({"lr": 1})
        first, second = self.lines("run", "metrics.jsonl")
        self.assertGreater(first.pop("t"), 1.6e9)
        self.assertEqual(first, {"step": 10, "train/loss": 0.5, "bad": "Infinity", "note": "x"})
        self.assertEqual((second["step"], second["lr"]), (10, 1))

    def test_outside_a_job_they_go_below_the_current_folder_and_it_is_said_once(self):
        with self.stderr() as said:
            herder.log({"loss": 1}, step=1)
            herder.log({"loss": 2}, step=2)
        self.assertEqual([line["loss"] for line in self.lines("herder", "metrics.jsonl")], [1, 2])
        self.assertEqual(said.getvalue().count("\n"), 1)

    def test_wrong_values_are_refused_by_name(self):
        with self.assertRaisesRegex(TypeError, "metric 'loss': a list is no number"):
            herder.log({"loss": [1]}, step=1)
        with self.assertRaisesRegex(ValueError, "'step': the name is reserved"):
            herder.log({"step": 1}, step=1)

    def test_a_full_disk_does_not_end_the_training(self):
        self.enter_job()
        os.environ["HERDER_DIR"] = "/dev/null/nowhere"
        with self.stderr() as said:
            herder.log({"loss": 1}, step=1)
        self.assertIn("training goes on", said.getvalue())

    def test_the_heartbeat_is_touched_at_most_once_a_second(self):
        self.enter_job()
        herder.log({"loss": 1}, step=1)
        beat = self.path("run", "heartbeat")
        os.utime(beat, (1, 1))
        herder.log({"loss": 1}, step=2)
        self.assertEqual(os.stat(beat).st_mtime, 1)
        herder._report._last_beat.clear()
        herder.log({"loss": 1}, step=3)
        self.assertGreater(os.stat(beat).st_mtime, 1)


if __name__ == "__main__":
    unittest.main()
