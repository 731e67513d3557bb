"""The callbacks, driven by small stand-ins that keep the contracts of the frameworks' base classes."""

import importlib
import json
import os
import subprocess
import sys
import types
import zipfile
from unittest import mock

from sandbox import SDK, SandboxTest

import herder


class IntegrationTest(SandboxTest):
    def setUp(self):
        super().setUp()
        self.enter_job()

    def load(self, name, **modules):
        """The integration, imported beside stand-ins for its framework."""
        full = f"herder.integrations.{name}"
        sys.modules.pop(full, None)
        with mock.patch.dict(sys.modules, modules):
            module = importlib.import_module(full)
        self.addCleanup(sys.modules.pop, full, None)
        return module

    def announced(self):
        path = self.path("run", "checkpoints.jsonl")
        return [(line["step"], line["kind"]) for line in self.lines(path)] if os.path.exists(path) else []

    def write(self, text, *parts):
        path = self.path(*parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path


class TransformersTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.module = self.load(
            "transformers", transformers=types.SimpleNamespace(TrainerCallback=type("TrainerCallback", (), {}))
        )
        self.arguments = types.SimpleNamespace(output_dir=self.path("out"))

    def trainer_state(self, step):
        return types.SimpleNamespace(
            global_step=step, is_world_process_zero=True, log_history=[{"loss": 0.5, "step": step}]
        )

    def checkpoint(self, step, base="out"):
        folder = os.path.join(base, f"checkpoint-{step}")
        with zipfile.ZipFile(self.write("", folder, "optimizer.pt"), "w") as archive:
            archive.writestr("data.pkl", "x" * 500)
        self.write(json.dumps({"global_step": step}), folder, "trainer_state.json")
        return self.path(folder)

    def test_what_the_trainer_saved_is_announced_and_logged(self):
        callback, control = self.module.HerderCallback(), types.SimpleNamespace()
        self.checkpoint(5)
        callback.on_train_begin(self.arguments, self.trainer_state(0), control)
        callback.on_log(self.arguments, self.trainer_state(5), control, logs={"loss": 0.25, "note": "x", "step": 5})
        callback.on_save(self.arguments, self.trainer_state(5), control)
        self.assertEqual(self.announced(), [(5, "periodic")])
        (line,) = self.lines("run", "metrics.jsonl")
        self.assertEqual((line["step"], line["loss"]), (5, 0.25))

    def test_what_is_torn_is_not_announced_and_not_resumed_from(self):
        callback = self.module.HerderCallback()
        whole = self.checkpoint(5)
        for step, tear in ((6, "optimizer.pt"), (7, "trainer_state.json")):
            torn = os.path.join(self.checkpoint(step), tear)
            os.truncate(torn, os.path.getsize(torn) - 1)
            with self.stderr() as said:
                callback.on_save(self.arguments, self.trainer_state(step), None)
            self.assertIn("did not announce", said.getvalue())
        self.write("", "out", os.path.basename(self.checkpoint(8)), "checkpoint-is-incomplete.txt")
        with self.stderr() as said:
            self.assertEqual(self.module.resume_path(self.path("out")), whole)
        self.assertEqual(said.getvalue().count("skipped"), 3)
        self.assertEqual(self.announced(), [])

    def test_weights_as_transformers_writes_them_are_whole(self):
        folder = self.checkpoint(5)
        header = b'{"__metadata__":{"format":"pt"},"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}'
        weights = os.path.join(folder, "model.safetensors")
        with open(weights, "wb") as file:
            file.write(len(header).to_bytes(8, "little") + header + b"1234")
        self.assertEqual(self.module.resume_path(self.path("out")), folder)
        os.truncate(weights, os.path.getsize(weights) - 1)
        with self.stderr() as said:
            self.assertIsNone(self.module.resume_path(self.path("out")))
        self.assertIn("model.safetensors", said.getvalue())

    def test_what_the_agent_brought_counts_when_it_is_newer(self):
        self.assertIsNone(self.module.resume_path(self.path("out")))
        self.checkpoint(5)
        os.environ["HERDER_RESUME_FROM"] = brought = self.checkpoint(9, "brought")
        self.assertEqual(self.module.resume_path(self.path("out")), brought)

    def test_a_stop_saves_once_and_ends_the_training(self):
        callback = self.module.HerderCallback()
        control = types.SimpleNamespace(should_save=False, should_training_stop=False)
        callback.on_step_end(self.arguments, self.trainer_state(4), control)
        self.assertFalse(control.should_training_stop)
        self.ask_to_stop()
        callback.on_step_end(self.arguments, self.trainer_state(5), control)
        self.assertTrue(control.should_save and control.should_training_stop)
        self.checkpoint(5)
        callback.on_save(self.arguments, self.trainer_state(5), control)
        self.assertEqual(self.announced(), [(5, "preempt")])


class LightningTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        pytorch = types.SimpleNamespace(Callback=type("Callback", (), {}))
        package = types.ModuleType("lightning")
        self.module = self.load("lightning", **{"lightning": package, "lightning.pytorch": pytorch})

    def trainer(self):
        trainer = types.SimpleNamespace(
            world_size=1, global_step=0, is_global_zero=True, should_stop=False, log_every_n_steps=2,
            callback_metrics={"loss": 0.5},
        )  # fmt: skip

        def save_checkpoint(path):
            with open(path, "w") as file:
                file.write(f"state of {trainer.global_step}")

        trainer.save_checkpoint = save_checkpoint
        return trainer

    def test_it_saves_when_due_and_at_a_stop(self):
        trainer, callback = self.trainer(), self.module.HerderCheckpoint(interval_steps=4)
        self.assertIsNone(self.module.latest())
        callback.on_fit_start(trainer, None)
        for step in range(1, 8):
            trainer.global_step = step
            if step == 7:
                self.ask_to_stop()
            callback.on_train_batch_end(trainer, None, None, None, step)
        self.assertTrue(trainer.should_stop)
        self.assertEqual(self.announced(), [(4, "periodic"), (7, "preempt")])
        self.assertEqual([line["step"] for line in self.lines("run", "metrics.jsonl")], [2, 4, 6])
        with open(self.module.latest()) as file:
            self.assertEqual(file.read(), "state of 7")

    def test_what_two_ranks_wrote_is_found_by_one(self):
        trainer = self.trainer()
        manager = herder.CheckpointManager(interval_steps=1, ranks="sharded")
        path = manager.save_with(1, lambda folder: trainer.save_checkpoint(os.path.join(folder, "model.ckpt")))
        manifest = os.path.join(path, "manifest.json")
        with open(manifest) as file:
            facts = json.load(file)
        with open(manifest, "w") as file:
            json.dump({**facts, "ranks": 2}, file)
        self.assertEqual(self.module.latest(), os.path.join(path, "files", "model.ckpt"))


class KerasTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        base = type("Callback", (), {"__init__": lambda self: None})
        self.module = self.load("keras", keras=types.SimpleNamespace(callbacks=types.SimpleNamespace(Callback=base)))

    class Model:
        built, trainable_variables, stop_training, _initial_epoch = True, [1], False, 0

        def __init__(self):
            self.optimizer, self.weights = mock.Mock(), 0

        def save_weights(self, path):
            with open(path, "w") as file:
                file.write(str(self.weights))

        def load_weights(self, path):
            with open(path) as file:
                self.weights = int(file.read())

    def fit(self, model, epochs, stop_in=None):
        callback = self.module.HerderCallback()
        callback.model = model
        with self.stderr():
            callback.on_train_begin()
        for epoch in range(model._initial_epoch, epochs):
            for batch in range(3):
                model.weights += 1
                if (epoch, batch) == stop_in:
                    self.ask_to_stop()
                callback.on_train_batch_end(batch)
                if model.stop_training:
                    break
            callback.on_epoch_end(epoch, {"loss": 0.5})
            if model.stop_training:
                break
        return model

    def test_it_goes_on_after_the_last_whole_epoch(self):
        first = self.fit(self.Model(), 5, stop_in=(2, 1))
        self.assertTrue(first.stop_training)
        self.assertEqual(self.announced(), [(1, "periodic"), (2, "periodic")])
        os.remove(self.path("run", "stop"))
        again = self.fit(self.Model(), 5)
        again.optimizer.build.assert_called_once_with([1])
        self.assertEqual((again._initial_epoch, again.weights), (2, 15))

    def test_a_model_that_is_not_built_is_told(self):
        self.fit(self.Model(), 1)
        model = self.Model()
        model.built = False
        with self.assertRaisesRegex(ValueError, "build the model before fit"):
            self.fit(model, 2)


class AccelerateTest(IntegrationTest):
    class Accelerator:
        num_processes = 1

        def __init__(self, state):
            self.state = state

        def save_state(self, folder):
            with open(os.path.join(folder, "model.safetensors"), "w") as file:
                file.write(self.state)

        def load_state(self, folder):
            with open(os.path.join(folder, "model.safetensors")) as file:
                self.state = file.read()

    def test_it_saves_and_loads_what_the_accelerator_writes(self):
        module, accelerator = self.load("accelerate"), self.Accelerator("a")
        ckpt = module.manager(accelerator, interval_steps=2)
        self.assertEqual(module.load(accelerator, ckpt), 0)
        self.assertIsNone(module.save(accelerator, ckpt, 1))
        self.assertTrue(module.save(accelerator, ckpt, 2, {"loss": 0.5}))
        accelerator.state = "lost"
        with self.stderr():
            self.assertEqual(module.load(accelerator, ckpt), 2)
        self.assertEqual(accelerator.state, "a")
        self.assertEqual(self.announced(), [(2, "periodic")])


    def test_a_folder_that_the_accelerator_left_empty_is_refused(self):
        module, accelerator = self.load("accelerate"), self.Accelerator("a")
        accelerator.save_state = lambda folder: None  # as with automatic_checkpoint_naming
        ckpt = module.manager(accelerator, interval_steps=1)
        with self.assertRaisesRegex(ValueError, "save step 1: .*automatic_checkpoint_naming"):
            module.save(accelerator, ckpt, 1)
        self.assertEqual(self.announced(), [])


class ImportTest(SandboxTest):
    def test_no_framework_is_imported_with_herder(self):
        script = (
            "import sys, herder, herder.integrations\n"
            "print([n for n in ('transformers', 'lightning', 'keras', 'accelerate', 'torch') if n in sys.modules])"
        )
        environ = {**os.environ, "PYTHONPATH": SDK}
        done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True)
        self.assertEqual(done.stdout, "[]\n", done.stderr)


if __name__ == "__main__":
    import unittest

    unittest.main()
