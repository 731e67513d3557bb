"""Torn folders, and processes killed in the middle of a save."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import unittest

from sandbox import SDK, SandboxTest

from herder import CheckpointManager

SAVER = """
import sys
from herder import CheckpointManager
manager = CheckpointManager(prefix="p", interval_steps=1, keep=2)
step = (manager.load_latest() or {"step": 0})["step"]
print("ready", step, flush=True)
while True:
    step += 1
    manager.save({"values": [step] * 3000, "image": bytes([step % 256]) * 200000}, None, step)
    if "--wait" in sys.argv:
        manager.wait()
    print("saved", step, flush=True)
"""


class TornTest(SandboxTest):
    def setUp(self):
        super().setUp()
        with self.stderr():
            manager = CheckpointManager(prefix="p", interval_steps=1, keep=9)
        for step in (1, 2):
            manager.save({"step": step, "image": b"x" * 5000}, None, step)
        manager.wait()
        self.newest = os.path.join(manager.directory, "step-000000002")
        self.manager = manager

    def load(self):
        with self.stderr() as said:
            state = self.manager.load_latest()
        return state, said.getvalue()

    def assert_falls_back(self, why):
        state, said = self.load()
        self.assertEqual(state["model_state"]["step"], 1, why)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertIn("skipped the checkpoint " + self.newest, said)
        return said

    def test_every_file_cut_anywhere_is_noticed(self):
        draw = random.Random(20261123)
        whole = self.path("whole")
        shutil.copytree(self.newest, whole)
        for name in sorted(os.listdir(whole)):
            size = os.path.getsize(os.path.join(whole, name))
            for cut in [0, 1, size - 2] + [draw.randrange(size - 1) for _ in range(20)]:
                os.truncate(os.path.join(self.newest, name), cut)
                self.assert_falls_back(f"{name} cut at {cut}")
                shutil.copy(os.path.join(whole, name), self.newest)
        self.assertEqual(self.load()[0]["step"], 2)

    def test_a_changed_byte_is_noticed(self):
        draw = random.Random(7)
        path = os.path.join(self.newest, "state.json")
        with open(path, "rb") as file:
            whole = file.read()
        for _ in range(20):
            place = draw.randrange(len(whole))
            with open(path, "wb") as file:
                file.write(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            self.assertIn("state.json does not have the sha256", self.assert_falls_back(str(place)))

    def test_a_missing_file_is_noticed(self):
        os.remove(os.path.join(self.newest, "state.json"))
        self.assertIn("state.json cannot be read", self.assert_falls_back("missing"))

    def test_a_manifest_of_another_step_is_noticed(self):
        path = os.path.join(self.newest, "manifest.json")
        with open(path) as file:
            manifest = json.load(file)
        for wrong in ({"step": 3}, {"files": []}, {"format": "other/1"}, {"files": [{"path": "../x"}]}):
            with open(path, "w") as file:
                json.dump({**manifest, **wrong}, file)
            self.assert_falls_back(str(wrong))

    def test_nothing_whole_is_no_checkpoint(self):
        shutil.rmtree(os.path.join(self.manager.directory, "step-000000001"))
        os.remove(os.path.join(self.newest, "manifest.json"))
        self.assertIsNone(self.load()[0])

    def test_unfinished_folders_are_ignored_and_removed_by_the_next_save(self):
        left = os.path.join(self.manager.directory, ".tmp-999999999-abcd")
        shutil.copytree(self.newest, left)
        self.assertEqual(self.load()[0]["step"], 2)
        self.manager.save({}, None, 3)
        self.manager.wait()
        self.assertFalse(os.path.exists(left))


class KilledTest(SandboxTest):
    ROUNDS = 15

    def test_a_kill_at_any_moment_loses_nothing_that_was_waited_for(self):
        saved = self.kill_often("--wait")
        self.assertGreater(saved, 10)
        self.assertGreaterEqual(self.load_whole(), saved)

    def test_a_kill_behind_a_save_leaves_that_one_or_the_one_before(self):
        saved = self.kill_often()
        self.assertGreater(saved, 5)
        self.assertGreaterEqual(self.load_whole(), saved - 1)

    def kill_often(self, *options):
        """The last step that any of the lives said was saved."""
        draw, saved = random.Random(42), 0
        behind = 0 if options else 1
        for _ in range(self.ROUNDS):
            begun, last = self.run_and_kill(draw.randrange(4), draw.uniform(0.0, 0.03), options)
            self.assertGreaterEqual(begun, saved - behind)
            saved = max(last, begun)
        return saved

    def load_whole(self):
        """The step of the newest checkpoint, every byte of which was looked at."""
        with self.stderr() as said:
            state = CheckpointManager(prefix="p").load_latest()
        self.assertNotIn("skipped", said.getvalue())
        step = state["step"]
        self.assertEqual(state["model_state"]["values"], [step] * 3000)
        self.assertEqual(state["model_state"]["image"], bytes([step % 256]) * 200000)
        return step

    def run_and_kill(self, saves, delay, options):
        """One life of a saving process, ended `delay` seconds after so many saves.

        Returns the step that it found and the last one that it said was saved.
        """
        environ = {**os.environ, "PYTHONPATH": SDK}
        command = [sys.executable, "-c", SAVER, *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ)
        begun = int(process.stdout.readline().split()[1])
        told = [process.stdout.readline() for _ in range(saves)]
        deadline = time.monotonic() + delay
        while time.monotonic() < deadline:  # the moment of the kill is the point of this test
            pass
        process.send_signal(signal.SIGKILL)
        out, error = process.communicate()
        self.assertNotIn(b"skipped", error)
        whole = b"".join(told) + out
        lines = [line for line in whole.decode().split("\n")[:-1] if line.startswith("saved")]
        return begun, int(lines[-1].split()[1]) if lines else begun


if __name__ == "__main__":
    unittest.main()
