"""The example training: interrupted anywhere, it ends with the same weights bit for bit."""

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import unittest

from sandbox import SDK, SandboxTest

ROOT = os.path.dirname(os.path.dirname(SDK))
TRAIN = os.path.join(ROOT, "examples", "digits", "train.py")
DATA = os.environ.get("DIGITS_CSV") or os.path.join(ROOT, "build", "data", "digits.csv.gz")
STEPS = 120

try:
    import numpy
except ImportError:
    numpy = None


@unittest.skipUnless(numpy, "numpy is not installed (see scripts/find_python)")
@unittest.skipUnless(os.path.exists(DATA), "no data: run scripts/fetch_digits build/data/digits.csv.gz")
class DigitsTest(SandboxTest):
    def start(self, folder):
        environ = {**os.environ, "PYTHONPATH": SDK, "DIGITS_CSV": DATA}
        os.makedirs(folder, exist_ok=True)
        command = [sys.executable, TRAIN, "--steps", str(STEPS), "--step-time", "0"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=folder, env=environ, stdout=pipe, stderr=pipe, text=True)

    def finish(self, folder):
        """Runs to the end; the sha256 of the weights, which is checked against the file."""
        process = self.start(folder)
        out, error = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, error)
        with open(os.path.join(folder, "outputs", "result.json")) as file:
            result = json.load(file)
        with open(os.path.join(folder, "outputs", "weights.bin"), "rb") as file:
            self.assertEqual(hashlib.sha256(file.read()).hexdigest(), result["weights_sha256"])
        self.assertEqual(result["steps"], STEPS)
        return result["weights_sha256"], out

    def kill_after(self, folder, step):
        """Runs until the line of `step`, then kills; reads lines, so no clock decides."""
        process = self.start(folder)
        for line in process.stdout:
            if re.match(rf"step {step}/", line):
                break
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def test_interrupted_and_resumed_is_identical(self):
        whole, _ = self.finish(self.path("whole"))
        draw = random.Random(3)
        for case in range(3):
            folder = self.path(f"interrupted-{case}")
            for step in sorted(draw.sample(range(30, STEPS - 10, 10), 2)):
                self.kill_after(folder, step)
            digest, out = self.finish(folder)
            self.assertRegex(out, r"resumed after step [1-9]")
            self.assertEqual(digest, whole)

    def test_momentum_and_random_states_matter(self):
        whole, _ = self.finish(self.path("whole"))
        self.kill_after(self.path("base"), 80)
        for case, spoil in (
            ("nothing", lambda document: None),
            ("momentum", self.zero_momentum),
            ("generator", lambda document: document["state"]["draw"]["state"].update(state=1)),
            ("global", lambda document: document["random_state"].pop("numpy")),
        ):
            folder = self.path(case)
            shutil.copytree(self.path("base"), folder)
            self.edit(os.path.join(folder, "checkpoints"), spoil)
            digest, out = self.finish(folder)
            self.assertRegex(out, r"resumed after step [1-9]", case)
            self.assertEqual(digest == whole, case == "nothing", case)

    @staticmethod
    def zero_momentum(document):
        """Gives every weight an empty past: arrays of the right shape, of zeros."""
        velocity = document["state"]["optimizer_state"]["velocity"]
        for name, marker in velocity.items():
            velocity[name] = [[0.0] * marker["shape"][1]] * marker["shape"][0] if len(marker["shape"]) == 2 else (
                [0.0] * marker["shape"][0]
            )

    def edit(self, checkpoints, spoil):
        """Changes the newest state and signs the manifest again, so that it verifies."""
        newest = os.path.join(checkpoints, max(n for n in os.listdir(checkpoints) if n.startswith("step")))
        with open(os.path.join(newest, "state.json")) as file:
            document = json.load(file)
        spoil(document)
        text = json.dumps(document).encode()
        with open(os.path.join(newest, "state.json"), "wb") as file:
            file.write(text)
        with open(os.path.join(newest, "manifest.json")) as file:
            manifest = json.load(file)
        for entry in manifest["files"]:
            if entry["path"] == "state.json":
                entry.update(size=len(text), sha256=hashlib.sha256(text).hexdigest())
        with open(os.path.join(newest, "manifest.json"), "w") as file:
            json.dump(manifest, file)


if __name__ == "__main__":
    unittest.main()
