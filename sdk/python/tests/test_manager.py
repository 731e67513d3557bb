"""When the manager saves, what it loads, and when it stops."""

import os
import random
import unittest

from sandbox import SandboxTest

import herder
from herder import CheckpointManager


class Counter:
    """The smallest object with a state."""

    def __init__(self, value=0):
        self.value = value

    def state_dict(self):
        return {"value": self.value}

    def load_state_dict(self, state):
        self.value = state["value"]


class ManagerTest(SandboxTest):
    def make(self, *args, **more):
        with self.stderr():
            return CheckpointManager(*args, **more)

    def steps_of(self, manager):
        return sorted(name for name in os.listdir(manager.directory) if name.startswith("step"))

    def test_the_reference_usage_saves_and_loads(self):
        manager = self.make("bucket", "run/a", 2)
        self.assertEqual(manager.directory, self.path("checkpoints", "run", "a"))
        self.assertIsNone(manager.load_latest())
        self.assertIsNone(manager.save(Counter(1), Counter(2), 1, {"loss": 0.5}))
        self.assertTrue(manager.save(Counter(3), Counter(4), 2, {"loss": 0.25}, epoch=7))
        state = self.make("bucket", "run/a", 2).load_latest()
        self.assertEqual(state["model_state"], {"value": 3})
        self.assertEqual(state["optimizer_state"], {"value": 4})
        self.assertEqual((state["step"], state["metrics"], state["epoch"]), (2, {"loss": 0.25}, 7))
        self.assertIsInstance(state["timestamp"], float)

    def test_restore_fills_objects_and_returns_the_step(self):
        self.make(interval_steps=1).save(Counter(5), None, 9, schedule=Counter(6), generator=random.Random(3))
        model, schedule, generator = Counter(), Counter(), random.Random()
        with self.stderr() as said:
            step = self.make().restore(model, None, schedule=schedule, generator=generator)
        self.assertEqual((step, model.value, schedule.value), (9, 5, 6))
        self.assertEqual(generator.random(), random.Random(3).random())
        self.assertIn("resumed after step 9", said.getvalue())

    def test_restore_without_checkpoint_is_step_zero(self):
        self.assertEqual(self.make().restore(Counter()), 0)

    def test_restore_of_a_name_that_is_missing_says_what_there_is(self):
        self.make(interval_steps=1).save(Counter(5), None, 9)
        with self.assertRaisesRegex(ValueError, "restore schedule: .*step 9 holds none .*model_state"):
            self.make().restore(Counter(), None, schedule=Counter())

    def test_restore_fills_dicts_and_lists_in_place(self):
        inner = [1, 2]
        state = {"layers": inner}
        manager = self.make(interval_steps=1)
        manager.save(state, None, 1)
        inner[:] = [0, 0, 0]
        with self.stderr():
            manager.restore(state)
        self.assertEqual(inner, [1, 2])

    def test_restore_into_a_number_says_where_to_find_it(self):
        manager = self.make(interval_steps=1)
        manager.save({}, None, 1, epoch=3)
        with self.assertRaisesRegex(TypeError, r"load_latest\(\)\['epoch'\]"):
            manager.restore(None, None, epoch=0)

    def test_interval_argument_wins_then_environment_then_500(self):
        self.assertEqual(self.make().interval_steps, 500)
        os.environ["HERDER_CHECKPOINT_EVERY"] = "25 steps"
        self.assertEqual(self.make().interval_steps, 25)
        os.environ["HERDER_CHECKPOINT_EVERY"] = "40"
        self.assertEqual(self.make().interval_steps, 40)
        self.assertEqual(self.make(interval_steps=7).interval_steps, 7)
        for text in ("10m", "auto"):
            os.environ["HERDER_CHECKPOINT_EVERY"] = text
            self.assertIsNone(self.make().interval_steps)
            self.assertEqual(self.make(every="9 steps").interval_steps, 9)
        os.environ["HERDER_CHECKPOINT_EVERY"] = "often"
        with self.stderr() as said:
            self.assertEqual(CheckpointManager().interval_steps, 500)
        self.assertIn("'often', which is no interval", said.getvalue())

    def test_wrong_arguments_are_refused(self):
        for wrong in ({"interval_steps": 0}, {"keep": 0}, {"prefix": "../x"}, {"prefix": "a/../../x"}, {"every": "soon"}):
            with self.assertRaises(ValueError, msg=str(wrong)):
                self.make(**wrong)
        with self.assertRaises(ValueError):
            self.make().save(None, None, -1)
        with self.assertRaisesRegex(ValueError, "path: the name is reserved"):
            self.make(interval_steps=1).save(None, None, 1, path=3)
        with self.assertRaisesRegex(TypeError, "interval_steps is '500'; it must be a whole number"):
            self.make(interval_steps="500")
        with self.assertRaisesRegex(TypeError, "save: step is 2.5; it must be a whole number"):
            self.make().save(None, None, 2.5)
        with self.assertRaisesRegex(TypeError, r"\[0.5\] is no dict"):
            self.make(interval_steps=1).save(None, None, 1, [0.5])
        with self.assertRaisesRegex(TypeError, "step is 'two'; it must be a whole number"):
            herder.log({"loss": 1}, step="two")

    def test_calls_that_skip_steps_save_once_in_each_interval(self):
        manager = self.make(interval_steps=25, keep=9)
        saved = [step for step in range(10, 101, 10) if manager.save(None, None, step)]
        self.assertEqual(saved, [30, 50, 80, 100])

    def test_the_newest_ones_are_kept(self):
        manager = self.make(interval_steps=1, keep=2)
        for step in range(1, 6):
            manager.save(None, None, step)
        manager.wait()
        self.assertEqual(self.steps_of(manager), ["step-000000004", "step-000000005"])

    def test_a_step_is_saved_once(self):
        manager = self.make(interval_steps=1)
        self.assertTrue(manager.save(None, None, 1))
        self.assertIsNone(manager.save(None, None, 1))
        self.assertIsNone(manager.save_final(None, None, 1))

    def test_save_final_does_not_wait_for_the_interval(self):
        manager = self.make(interval_steps=100)
        self.assertTrue(manager.save_final({"w": 1}, None, 42))
        self.assertEqual(self.make().load_latest()["kind"], "final")

    def test_later_steps_of_another_run_are_moved_aside_not_resumed_from(self):
        for step in (8, 9):
            self.make(interval_steps=1).save({"run": 1}, None, step)
        manager = self.make(interval_steps=1)
        with self.stderr() as said:
            manager.save({"run": 2}, None, 8)
            manager.wait()
        self.assertIn("moved to", said.getvalue())
        self.assertEqual(self.make().load_latest()["model_state"], {"run": 2})
        self.assertEqual(len(os.listdir(os.path.join(manager.directory, "superseded"))), 2)

    def test_save_with_gives_a_folder_and_brings_it_back(self):
        def write(path):
            os.makedirs(os.path.join(path, "sub"))
            with open(os.path.join(path, "sub", "weights.bin"), "wb") as file:
                file.write(b"abc")

        manager = self.make(interval_steps=1)
        self.assertTrue(manager.save_with(3, write, {"loss": 1}))
        state = self.make().load_latest()
        with open(os.path.join(state["files"], "sub", "weights.bin"), "rb") as file:
            self.assertEqual(file.read(), b"abc")
        with self.assertRaisesRegex(ValueError, "its own files are in"):
            self.make().restore(Counter())

    def test_a_failing_save_leaves_nothing(self):
        def fail(path):
            raise OSError("disk full")

        manager = self.make(interval_steps=1)
        with self.assertRaises(OSError):
            manager.save_with(1, fail)
        with self.assertRaises(ValueError):
            manager.save_with(2, lambda path: os.symlink("/etc", os.path.join(path, "link")))
        with self.assertRaisesRegex(TypeError, "save model_state/f: .*without pickle.*save_with"):
            manager.save({"f": lambda: 0}, None, 3)
        self.assertEqual(os.listdir(manager.directory), [])

    def test_only_rank_zero_writes(self):
        os.environ["RANK"] = "1"
        self.assertIsNone(self.make(interval_steps=1).save({}, None, 1))

    def test_steps_resumes_saves_and_ends(self):
        def run(total, stop_after=None):
            model = Counter()
            manager = self.make(interval_steps=2)
            done = []
            with self.stderr():
                for step in manager.steps(total, model, rng=random.Random(0)):
                    model.value += step
                    done.append(step)
                    if step == stop_after:
                        break
            return done, model.value

        self.assertEqual(run(9, stop_after=5)[0], [1, 2, 3, 4, 5])  # killed: 4 is the last one saved
        self.assertEqual(run(9), ([5, 6, 7, 8, 9], 45))
        self.assertEqual(run(9), ([], 45))

    def test_what_happens_outside_a_job_is_said_once(self):
        with self.stderr() as said:
            CheckpointManager("s3://bucket", "x")
            CheckpointManager("s3://bucket", "x")
        self.assertEqual(said.getvalue().count("\n"), 1)
        self.assertIn("not inside a job: checkpoints go to " + self.path("checkpoints", "x"), said.getvalue())
        self.assertIn("not contacted", said.getvalue())


class JobManagerTest(ManagerTest):
    """The same, with the files that the agent reads."""

    def setUp(self):
        super().setUp()
        self.enter_job()

    # These are about life outside a job.
    test_the_reference_usage_saves_and_loads = None
    test_what_happens_outside_a_job_is_said_once = None

    def test_folders_and_lines_are_where_the_agent_looks(self):
        with self.stderr() as said:
            manager = CheckpointManager("s3://bucket", "a/b", 5)
        self.assertIn("is ignored inside a job", said.getvalue())
        path = manager.save({}, None, 5, {"loss": float("nan"), "acc": 0.5})
        manager.wait()
        self.assertEqual(path, self.path("ckpt", "a", "b", "step-000000005"))
        (line,) = self.lines("run", "checkpoints.jsonl")
        self.assertGreater(line.pop("t"), 1.6e9)
        expected = {"path": path, "step": 5, "kind": "periodic", "metrics": {"loss": "NaN", "acc": 0.5}}
        self.assertEqual(line, expected)
        self.assertTrue(os.path.exists(self.path("run", "heartbeat")))

    def test_without_prefix_the_folder_of_the_job_itself_is_used(self):
        self.assertEqual(self.make().directory, self.path("ckpt"))

    def test_a_stop_saves_at_once_and_then_stops(self):
        manager = self.make(interval_steps=100)
        self.assertIsNone(manager.save({}, None, 1))
        self.assertFalse(manager.should_stop)
        self.ask_to_stop()
        self.assertTrue(manager.save({}, None, 2))
        self.assertTrue(manager.should_stop)
        self.assertIsNone(manager.save({}, None, 2))
        self.assertEqual([line["kind"] for line in self.lines("run", "checkpoints.jsonl")], ["preempt"])

    def test_a_stop_between_save_and_the_question_loses_no_step(self):
        manager = self.make(interval_steps=100)
        manager.save({}, None, 1)
        self.ask_to_stop()
        self.assertFalse(manager.should_stop)
        manager.save({}, None, 2)
        self.assertTrue(manager.should_stop)
        self.assertEqual(self.make().load_latest()["step"], 2)

    def test_a_script_that_asks_without_saving_is_told_the_second_time(self):
        manager = self.make(interval_steps=100)
        manager.save({}, None, 1)
        self.ask_to_stop()
        self.assertEqual([manager.should_stop, manager.should_stop], [False, True])

    def test_a_script_that_never_saves_is_told_at_once(self):
        manager = self.make()
        self.ask_to_stop("")
        self.assertTrue(manager.should_stop)

    def test_steps_saves_and_ends_on_a_stop(self):
        manager = self.make(interval_steps=100)
        done = []
        for step in manager.steps(50, {"w": 1}):
            done.append(step)
            if step == 3:
                self.ask_to_stop()
        self.assertEqual(done, [1, 2, 3])
        self.assertEqual(self.make().load_latest()["step"], 3)

    def test_resume_from_counts_when_it_is_newer(self):
        elsewhere = self.make(prefix="elsewhere", interval_steps=1)
        brought = self.path("brought-under-any-name")
        path = elsewhere.save({"from": "store"}, None, 7)
        elsewhere.wait()
        os.rename(path, brought)
        os.environ["HERDER_RESUME_FROM"] = brought
        manager = self.make(interval_steps=1)
        self.assertEqual(manager.load_latest()["model_state"], {"from": "store"})
        manager.save({"from": "disk"}, None, 8)
        self.assertEqual(self.make().load_latest()["model_state"], {"from": "disk"})

    def test_a_torn_resume_from_falls_back_to_the_disk(self):
        manager = self.make(interval_steps=1)
        manager.save({"from": "disk"}, None, 3)
        os.makedirs(self.path("brought"))
        with open(self.path("brought", "manifest.json"), "w") as file:
            file.write('{"format"')
        os.environ["HERDER_RESUME_FROM"] = self.path("brought")
        self.assertEqual(manager.load_latest()["step"], 3)


if __name__ == "__main__":
    unittest.main()
