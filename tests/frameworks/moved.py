#!/usr/bin/env python3
"""Unchanged training code with the real libraries, and the agent's rules for what they write; see README.md.

Cut: each file of the newest checkpoint is cut at random points; the rules must leave that checkpoint out and keep the one
before. Killed: a training is killed at random moments of its saves, and what lies there then must be told apart. Moved: a
real server and market; the machine is taken at a random moment, and the end must be that of a run that was left alone.

usage: moved.py [-v] [TEST...]; HERDER_TEST_SEED=N repeats the draws of a run. Each is skipped where its library is missing.
"""
import contextlib
import importlib.metadata
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))
import harness  # noqa: E402

LAYOUTS = ROOT / "build/dev/bin/herder_layouts"
SEED = int(os.environ.get("HERDER_TEST_SEED", random.SystemRandom().randrange(1 << 30)))
STEPS = {"keras": 12}  # epochs; 40 steps of the others, which save every fifth
# Distributions, torch with the first version that will do: fully_shard is public since 2.6.
NEEDS = {"transformers": ["torch 1.13", "transformers", "accelerate"], "accelerate": ["torch 1.13", "accelerate"],
         "lightning": ["torch 2.1", "lightning"], "keras": ["keras", "jax"], "orbax": ["orbax-checkpoint", "jax"],
         "dcp": ["torch 2.6"]}
# Nobody can tell damage there from outside: a store of values without a length of its own.
UNTOLD = {"orbax": "/d/"}
# Where the checkpoints to be cut lie. BackupAndRestore of Keras has one, written again in place: the one before it is in
# Herder's store alone.
CUT = {name: (name, "checkpoints") for name in NEEDS} | {"keras_models": ("keras", "models")}


def command_of(name):
    program = HERE / "unchanged" / f"{name}_program.py"
    if name == "dcp":
        return [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", str(program)]
    return [sys.executable, str(program)]


def environment(name, pause=0.0):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HERDER_")}
    return {**kept, "STEPS": str(STEPS.get(name, 40)), "PAUSE": str(pause), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "",
            "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}


def run_whole(name, folder):
    done = subprocess.run(command_of(name), cwd=folder, env=environment(name), capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{name}: {done.stderr[-3000:]}")
    return weights_in(done.stdout)


def weights_in(output):
    return [line for line in output.splitlines() if line.startswith("weights ")][-1:]


def layouts_of(folder):
    told = subprocess.run([LAYOUTS, folder], capture_output=True, text=True, check=True)
    return json.loads(told.stdout)


def complete_steps(folder):
    """Those that the agent would take, without files whose names tell no step (last.ckpt)."""
    return sorted({one["step"] for one in layouts_of(folder) if not one["fault"] and one["step"]})


def needs(name):
    for wanted, _, least in (need.partition(" ") for need in NEEDS[name]):
        try:
            have = importlib.metadata.version(wanted)
        except importlib.metadata.PackageNotFoundError:
            return unittest.skip(f"no {wanted}")
        if [int(word) for word in have.split(".")[:2]] < [int(word) for word in least.split(".") if word]:
            return unittest.skip(f"{wanted} {have} is older than {least}")
    return lambda test: test


class Cut:
    """For one library: `name`, and the folder `below`."""

    tries = 60

    @classmethod
    def setUpClass(cls):
        cls.draw = random.Random(f"{SEED} {cls.name} cut")
        cls.place = tempfile.TemporaryDirectory(prefix="herder-cut-")
        cls.folder = pathlib.Path(cls.place.name)
        run_whole(cls.name, cls.folder)
        cls.whole = cls.folder / cls.below

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def newest(self):
        """The checkpoint of the highest step, and the steps of the others."""
        found = [one for one in layouts_of(self.whole) if one["step"]]
        self.assertTrue(found and not any(one["fault"] for one in found), found)
        last = max(found, key=lambda one: one["step"])
        return last, sorted(one["step"] for one in found if one is not last)

    def copy(self):
        place = self.folder / "cut"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.whole, place, copy_function=shutil.copy2)
        return place

    def test_a_file_that_is_cut_anywhere_is_noticed(self):
        last, others = self.newest()
        files = [file for file in last["files"] if UNTOLD.get(self.name, "\0") not in "/" + file]
        sized = [file for file in files if (self.whole / file).stat().st_size > 0]
        told = [file for file in sized if is_told(self.name, file)]
        self.assertGreater(len(told), 0)
        for number in range(self.tries):
            place, victim = self.copy(), told[number % len(told)]
            size = (place / victim).stat().st_size
            cut = self.draw.randrange(size)
            os.truncate(place / victim, cut)
            self.assertEqual(complete_steps(place), others, f"{victim} cut at {cut} of {size}, seed {SEED}")

    def test_what_had_not_been_written_yet_is_missed(self):
        """As a kill leaves it: files in the order of their writing, one cut, the later ones absent."""
        last, others = self.newest()
        order = sorted(last["files"], key=lambda file: (self.whole / file).stat().st_mtime_ns)
        # Where only files are left out of which nothing can be told, the rest is whole.
        ends = [at for at in range(len(order)) if any(is_told(self.name, file) for file in order[at:])]
        for _ in range(self.tries):
            place, at = self.copy(), self.draw.choice(ends)
            os.truncate(place / order[at], self.draw.randrange(max(1, (place / order[at]).stat().st_size)))
            for later in order[at + 1:]:
                leave_unwritten(place / later)
            seen = complete_steps(place)
            self.assertEqual(seen, others, f"cut {order[at]}, without {order[at + 1:]}, seed {SEED}")


def leave_unwritten(path):
    """Absent, but for what Orbax writes at the beginning of a save and again at its end, with the time."""
    if path.name == "_CHECKPOINT_METADATA":
        path.write_text(json.dumps({**json.loads(path.read_text()), "commit_timestamp_nsecs": None}))
    else:
        path.unlink()


def is_told(name, file):
    """Whether a cut of this file alone shows; of Orbax's commit file nothing but its presence counts."""
    return name != "orbax" or pathlib.PurePath(file).name != "commit_success.txt"


def descendants_of(pid):
    children = []
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += [int(word) for word in path.read_text().split()]
    return children + [each for child in children for each in descendants_of(child)]


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Killed:
    """For one library: killed at random moments, above all while it saves."""

    kills = 4

    def test_what_a_kill_leaves_is_told_apart(self):
        draw = random.Random(f"{SEED} {self.name} killed")
        with tempfile.TemporaryDirectory(prefix="herder-killed-") as expected:
            wanted = run_whole(self.name, expected)
        with tempfile.TemporaryDirectory(prefix="herder-killed-") as name:
            folder = pathlib.Path(name)
            for _ in range(self.kills):
                self.run_until_kill(folder, draw)
                self.clean_as_the_agent_would(folder / "checkpoints")
            done = subprocess.run(command_of(self.name), cwd=folder, env=environment(self.name), capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr[-3000:])
            self.assertEqual(weights_in(done.stdout), wanted, f"seed {SEED}")

    def run_until_kill(self, folder, draw):
        """Some steps further than it came from, then SIGKILL of all its processes a moment after a step."""
        process = subprocess.Popen(command_of(self.name), cwd=folder, env=environment(self.name, 0.02), text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        count, wanted = 0, draw.randrange(4, 8)
        for line in process.stdout:
            count += line.startswith("step ")
            if count == wanted:
                break
        time.sleep(draw.uniform(0, 0.05))
        pids = [process.pid, *descendants_of(process.pid)]  # torchrun gives each rank a session of its own
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        while any(is_alive(pid) for pid in pids):  # the last call of one that was killed may still write
            time.sleep(0.01)
        process.stdout.close()

    def clean_as_the_agent_would(self, checkpoints):
        """What is torn goes aside before the next start, by what the agent does it with."""
        subprocess.run([LAYOUTS, "--move-aside", checkpoints], stdout=subprocess.DEVNULL, check=True)


JOB = """name: {name}
workdir: .
resources: {{accelerators: RTX_4090:1, disk: 10GB, max_price: 0.60}}
env: {{STEPS: "{steps}", PAUSE: "{pause}", OMP_NUM_THREADS: "1", KERAS_BACKEND: jax, JAX_PLATFORMS: cpu}}
run: |
  {command} > out.txt
  cat out.txt
  mkdir -p "$HERDER_OUTPUT_DIR" && cp out.txt "$HERDER_OUTPUT_DIR/out.txt"
checkpoint: {{path: checkpoints, keep_last: 3}}
limits: {{max_duration: 10h, max_cost: 5}}
outputs: [out.txt]
"""


class Moved(harness.Case):
    """Each library on the market, where machines are plain processes here, so that they see the virtual environment."""

    def move(self, name):
        draw = random.Random(f"{SEED} {name} moved")
        with tempfile.TemporaryDirectory(prefix="herder-whole-") as folder:
            wanted = run_whole(name, folder)
        place = self.folder / "jobs" / name
        place.mkdir(parents=True)
        (place / "job.yaml").write_text(JOB.format(name=name, steps=STEPS.get(name, 40), pause=1.0, command=" ".join(command_of(name))))
        ended = self.herder.cli("launch", place / "job.yaml", "-y", "-d")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        committed = self.wait_checkpoint(name, limit_s=300)["last_checkpoint_step"]
        time.sleep(draw.uniform(0, 2))
        self.market.outbid(self.contract_of(name))
        job = self.wait_finished(name, limit_s=600)
        self.assertEqual(job["status"], "succeeded", job["status_text"])
        resumed = job["attempt_list"][-1]["resumed_step"]
        self.assertGreaterEqual(resumed, committed)
        pulled = self.folder / "pulled"
        self.assertEqual(self.herder.cli("outputs", "pull", name, pulled).returncode, 0)
        output = (pulled / "out.txt").read_text()
        self.assertIn(f"start {resumed}\n", output)
        self.assertEqual(weights_in(output), wanted)


def add_tests():
    for name in NEEDS:
        skipping = needs(name)
        kinds = [(f"Cut_{cut}", Cut, below) for cut, (of, below) in CUT.items() if of == name]
        for title, kind, below in [*kinds, (f"Killed_{name}", Killed, "")]:
            made = type(title, (kind, unittest.TestCase), {"name": name, "below": below, "__module__": __name__})
            globals()[title] = skipping(made)
        setattr(Moved, f"test_{name}", skipping(lambda self, name=name: self.move(name)))


def enter_plain_processes():
    """The market isolates its machines where it may, in roots without this virtual environment."""
    if os.geteuid() == 0 and "HERDER_TEST_PLAIN" not in os.environ:
        os.environ["HERDER_TEST_PLAIN"] = "1"
        os.execvp("setpriv", ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", sys.executable, *sys.argv])


if __name__ == "__main__":
    if not LAYOUTS.exists():
        sys.exit(f"{LAYOUTS} is not there: cmake --preset dev && ninja -C build/dev herder_layouts")
    enter_plain_processes()
    print(f"seed {SEED}", file=sys.stderr)
    add_tests()
    harness.main()
