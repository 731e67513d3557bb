"""Saving behind the training: what `save` was given is what is written, whatever happens meanwhile."""

import json
import os
import struct
import subprocess
import sys
import threading
import unittest
from unittest import mock

from sandbox import SDK, SandboxTest

from herder import CheckpointManager, _copying, _folder, _memory

try:
    import numpy
except ImportError:
    numpy = None
try:
    import torch
except ImportError:
    torch = None

MIB = 1 << 20


class Held:
    """Stops `_folder.write` at its beginning until `let_go` is set."""

    def __init__(self):
        self.begun, self.let_go = threading.Event(), threading.Event()
        self._write = _folder.write

    def __call__(self, *arguments):
        self.begun.set()
        self.let_go.wait()
        return self._write(*arguments)


class BackgroundTest(SandboxTest):
    def make(self, **more):
        with self.stderr():
            return CheckpointManager(**{"interval_steps": 1, **more})

    def names(self, manager):
        return sorted(os.listdir(manager.directory)) if os.path.isdir(manager.directory) else []

    def test_save_returns_before_the_disk_is_touched_and_the_state_may_change(self):
        held, model = Held(), {"plain": [1], "bytes": bytearray(b"before")}
        with mock.patch.object(_folder, "write", held):
            manager = self.make()
            path = manager.save(model, None, 1)
            model["plain"][0], model["bytes"][:] = 2, b"behind"
            self.assertEqual(self.names(manager), [])
            held.let_go.set()
            manager.wait()
        self.assertTrue(os.path.exists(os.path.join(path, "manifest.json")))
        self.assertEqual(self.make().load_latest()["model_state"], {"plain": [1], "bytes": bytearray(b"before")})

    @unittest.skipUnless(numpy, "numpy is not installed")
    def test_arrays_may_change_as_soon_as_save_returns(self):
        array, turned = numpy.arange(200_000.0), numpy.arange(60_000, dtype=">i4").reshape(200, 300).T
        held = Held()
        with mock.patch.object(_folder, "write", held):
            manager = self.make()
            manager.save({"a": array, "t": turned, "e": numpy.zeros((0, 3))}, None, 1)
            array[:], turned[...] = -1, -1
            held.let_go.set()
            state = manager.load_latest()["model_state"]
        self.assertTrue(numpy.array_equal(state["a"], numpy.arange(200_000.0)))
        self.assertTrue(numpy.array_equal(state["t"], numpy.arange(60_000).reshape(200, 300).T))
        self.assertEqual(state["e"].shape, (0, 3))

    @unittest.skipUnless(numpy, "numpy is not installed")
    def test_several_threads_copy_and_one_does_where_no_more_may_start(self):
        model = {str(n): numpy.arange(n * 1000.0) for n in range(9)}
        start = threading.Thread.start

        def refuse(thread):
            if thread.name == "herder-copy":
                raise RuntimeError("can't start new thread")
            start(thread)

        for step, begin in ((1, start), (2, refuse)):
            with mock.patch.multiple(_copying, _PIECE=1000, _threads=lambda: 3), \
                    mock.patch.object(threading.Thread, "start", begin):
                manager = self.make()
                manager.save(model, None, step)
            state = manager.load_latest()
            self.assertEqual(state["step"], step)
            for name, array in model.items():
                self.assertTrue(numpy.array_equal(state["model_state"][name], array), name)

    def test_the_ranks_of_a_machine_share_its_cores(self):
        with mock.patch.object(os, "sched_getaffinity", lambda _: range(8), create=True):
            for ranks, threads in (("1", 4), ("4", 2), ("8", 1), ("64", 1)):
                with mock.patch.dict(os.environ, LOCAL_WORLD_SIZE=ranks):
                    self.assertEqual(_copying._threads(), threads, ranks)

    @unittest.skipUnless(torch, "torch is not installed")
    def test_a_conjugate_and_a_negative_are_saved_as_what_they_stand_for(self):
        plain = torch.complex(torch.arange(6.0), torch.ones(6))
        manager = self.make()
        manager.save({"conjugate": plain.conj(), "negative": plain.conj().imag}, None, 1)
        state = manager.load_latest()["model_state"]
        self.assertTrue(torch.equal(state["conjugate"], plain.conj().resolve_conj()))
        self.assertTrue(torch.equal(state["negative"], -torch.ones(6)))

    @unittest.skipUnless(torch, "torch is not installed")
    def test_tensors_may_change_as_soon_as_save_returns(self):
        model = torch.nn.Linear(300, 200)
        optimizer = torch.optim.Adam(model.parameters())
        model(torch.ones(300)).sum().backward()
        optimizer.step()
        turned, half = torch.arange(60_000.0).reshape(200, 300).T, torch.ones(9, dtype=torch.bfloat16)
        weights, held = model.weight.detach().clone(), Held()
        with mock.patch.object(_folder, "write", held):
            manager = self.make()
            manager.save(model, optimizer, 1, turned=turned, half=half)
            optimizer.step()
            turned.zero_()
            half.zero_()
            held.let_go.set()
            state = manager.load_latest()
        self.assertTrue(torch.equal(state["model_state"]["weight"], weights))
        self.assertTrue(torch.equal(state["turned"], torch.arange(60_000.0).reshape(200, 300).T))
        self.assertTrue(torch.equal(state["half"], torch.ones(9, dtype=torch.bfloat16)))
        self.assertFalse(torch.equal(state["model_state"]["weight"], model.weight))

    @unittest.skipUnless(numpy, "numpy is not installed")
    def test_the_file_is_the_same_behind_and_at_once_and_is_safetensors(self):
        model = {
            "half": numpy.arange(7, dtype="f2"), "byte": numpy.arange(3, dtype="i1"), "none": numpy.zeros((2, 0)),
            "wide": numpy.arange(6, dtype="c16").reshape(2, 3).T, "bool": numpy.array([True, False]),
        }  # fmt: skip
        images = []
        for background in (True, False):
            manager = self.make(prefix=f"p{background}", background=background)
            path = manager.save(model, None, 1)
            manager.wait()
            with open(os.path.join(path, "arrays.safetensors"), "rb") as file:
                images.append(file.read())
        self.assertEqual(images[0], images[1])
        (length,) = struct.unpack("<Q", images[0][:8])
        header = json.loads(images[0][8 : 8 + length])
        self.assertEqual((8 + length) % 64, 0)
        begin, end = header["model_state/half"]["data_offsets"]
        data = images[0][8 + length :][begin:end]
        self.assertEqual(data, model["half"].tobytes())
        spans = sorted(entry["data_offsets"] for entry in header.values())
        self.assertEqual([begin for begin, _ in spans[1:]], [end for _, end in spans[:-1]])
        self.assertEqual(spans[-1][1], len(images[0]) - 8 - length)

    @unittest.skipUnless(numpy, "numpy is not installed")
    def test_a_save_waits_for_the_one_before_and_neither_is_mixed(self):
        held = Held()
        manager = self.make(keep=9)

        class Second:
            def state_dict(self):  # asked for before the waiting begins
                held.let_go.set()
                return {"a": numpy.full(300_000, 2.0)}

        with mock.patch.object(_folder, "write", held):
            first = manager.save({"a": numpy.full(300_000, 1.0)}, None, 1)
            manager.save(Second(), None, 2)
            self.assertTrue(os.path.exists(os.path.join(first, "manifest.json")))
            manager.wait()
        self.assertEqual(set(manager.load_latest()["model_state"]["a"]), {2.0})
        os.rename(os.path.join(manager.directory, "step-000000002"), self.path("aside"))
        self.assertEqual(set(self.make().load_latest()["model_state"]["a"]), {1.0})

    def test_two_managers_of_one_folder_do_not_write_at_once(self):
        held = Held()
        with mock.patch.object(_folder, "write", held):
            self.make().save({"by": 1}, None, 1)
            held.begun.wait()
            other = self.make(keep=9)
            held.let_go.set()
            other.save({"by": 2}, None, 2)
            other.wait()
        self.assertEqual(self.names(other), ["step-000000001", "step-000000002"])

    def test_what_the_disk_refused_is_told_at_once_and_raised_once(self):
        manager = self.make()
        manager.save({"at": 1}, None, 1)
        manager.wait()
        for ask in (lambda: manager.save({"at": 3}, None, 3), manager.wait, lambda: manager.save_final({}, None, 2)):
            with mock.patch.object(_folder, "write", side_effect=OSError(28, "No space left on device")):
                with self.stderr() as said:
                    manager.save({"at": 2}, None, 2)
                    with self.assertRaisesRegex(OSError, "No space left"):
                        ask()
            self.assertIn("saving step 2 failed", said.getvalue())
            self.assertIn("the checkpoint before it stays the newest", said.getvalue())
            self.assertEqual(manager.load_latest()["step"], 1)
        self.assertTrue(manager.save_final({"at": 2}, None, 2))
        self.assertEqual(manager.load_latest()["step"], 2)

    def test_an_old_failure_does_not_cost_the_checkpoint_of_the_stop_or_the_end(self):
        self.enter_job()

        def files(folder):
            with open(os.path.join(folder, "w"), "w") as file:
                file.write("3")

        asks = (
            lambda manager: manager.save({"at": 3}, None, 3),
            lambda manager: manager.save_with(3, files),
            lambda manager: manager.save_final({"at": 3}, None, 3),
            lambda manager: manager.save_final({"at": 2}, None, 2),
        )
        for number, ask in enumerate(asks):
            manager = self.make(prefix=f"p{number}")
            with self.stderr() as said:
                with mock.patch.object(_folder, "write", side_effect=OSError(28, "No space left on device")):
                    manager.save({"at": 2}, None, 2)
                    manager._saver.writer._thread.join()
                if number < 2:
                    self.ask_to_stop("{}")
                path = ask(manager)
            self.assertTrue(os.path.exists(os.path.join(path, "manifest.json")))
            self.assertRegex(said.getvalue(), r"step \d is saved, although one before failed: .*No space left")
            self.assertEqual(manager.load_latest()["step"], 2 if number == 3 else 3)
            if number < 2:
                os.remove(self.path("run", "stop"))

    def test_a_stop_and_the_end_are_durable_when_save_returns(self):
        self.enter_job()
        manager = self.make(interval_steps=100)
        self.ask_to_stop()
        path = manager.save({}, None, 3)
        self.assertTrue(os.path.exists(os.path.join(path, "manifest.json")))
        self.assertTrue(os.path.exists(manager.save_final({}, None, 4)))

    def test_should_stop_is_true_only_when_the_save_under_way_is_durable(self):
        self.enter_job()
        held = Held()
        with mock.patch.object(_folder, "write", held):
            manager = self.make()
            path = manager.save({}, None, 1)
            self.ask_to_stop()
            held.let_go.set()
            self.assertTrue(manager.should_stop)
        self.assertTrue(os.path.exists(os.path.join(path, "manifest.json")))


@unittest.skipUnless(numpy, "numpy is not installed")
class ArenaTest(SandboxTest):
    def make(self, **more):
        with self.stderr():
            return CheckpointManager(**{"interval_steps": 10, **more})

    def save_and_load(self, manager, values, step):
        with self.stderr() as said:
            path = manager.save({"a": values}, None, step)
            durable = os.path.exists(path)
            state = manager.load_latest()
        self.assertEqual(state["step"], step)
        self.assertTrue(numpy.array_equal(state["model_state"]["a"], values))
        return said.getvalue(), durable

    def test_the_first_call_takes_the_memory_that_a_save_needs(self):
        manager = self.make()
        values = numpy.ones(MIB)
        self.assertIsNone(manager.save({"a": values}, None, 1))
        manager.wait()
        arena = manager._saver.writer.arena
        self.assertGreaterEqual(arena.size, values.nbytes)
        held = arena._handle
        self.save_and_load(manager, values, 10)
        self.assertEqual(arena._handle, held)

    def test_the_first_call_tells_what_cannot_be_saved(self):
        with self.assertRaisesRegex(TypeError, "save model_state/f: .*without pickle"):
            self.make().save({"f": lambda: 0}, None, 1)

    def test_where_several_ranks_train_no_state_is_taken_before_it_is_due(self):
        os.environ.update(RANK="0", WORLD_SIZE="2")
        model = mock.Mock()
        self.assertIsNone(self.make().save(model, None, 1))
        model.state_dict.assert_not_called()

    def test_a_state_that_grows_gets_a_larger_arena(self):
        manager = self.make(interval_steps=1, keep=9)
        for step, count in ((1, 10), (2, 3 * MIB), (3, 100), (4, 5 * MIB)):
            self.save_and_load(manager, numpy.arange(float(count)), step)

    def test_without_enough_memory_it_is_written_at_once_and_said_once(self):
        manager = self.make(interval_steps=1)
        with mock.patch.object(_memory, "available_bytes", return_value=200 * MIB):
            said, durable = self.save_and_load(manager, numpy.ones(MIB), 1)
            self.assertIn("no memory for a copy of the state (8 MiB", said)
            self.assertTrue(durable)
            self.assertEqual(self.save_and_load(manager, numpy.ones(MIB), 2), ("", True))
        with mock.patch.object(_memory, "available_bytes", return_value=400 * MIB):
            manager.save({"a": numpy.ones(MIB)}, None, 3)
            self.assertGreater(manager._saver.writer.arena.size, 0)

    def test_the_ranks_of_a_machine_share_the_free_memory(self):
        for ranks, behind in (("8", False), ("2", True), ("", True)):
            os.environ["LOCAL_WORLD_SIZE"] = ranks
            manager = self.make(interval_steps=1, prefix=f"p{ranks}")
            with mock.patch.object(_memory, "available_bytes", return_value=600 * MIB), self.stderr():
                manager.save({"a": numpy.ones(MIB)}, None, 1)
            manager.wait()
            self.assertEqual(manager._saver.writer.arena.size > 0, behind)

    def test_without_memfd_it_is_written_at_once(self):
        with mock.patch.object(os, "memfd_create", side_effect=OSError(38, "Function not implemented")):
            self.assertTrue(self.save_and_load(self.make(interval_steps=1, prefix="a"), numpy.ones(9), 1)[1])
        memfd_create = os.memfd_create
        del os.memfd_create
        try:
            self.assertTrue(self.save_and_load(self.make(interval_steps=1, prefix="b"), numpy.ones(9), 1)[1])
        finally:
            os.memfd_create = memfd_create

    def test_a_forked_child_saves_without_touching_its_parent(self):
        manager = self.make(interval_steps=1)
        held = Held()
        with mock.patch.object(_folder, "write", held):
            manager.save({"a": numpy.full(MIB, 1.0)}, None, 1)
            held.begun.wait()
            child = os.fork()
            if child == 0:
                try:
                    held.let_go.set()
                    manager.save({"a": numpy.full(MIB, 7.0)}, None, 2)
                    manager.wait()
                    os._exit(0)
                finally:
                    os._exit(1)
            self.assertEqual(os.waitpid(child, 0)[1], 0)
            held.let_go.set()
            manager.wait()
        with open(os.path.join(manager.directory, "step-000000001", "arrays.safetensors"), "rb") as file:
            values = numpy.frombuffer(file.read()[-8 * MIB :])
        self.assertEqual(set(values), {1.0})


class ExitTest(SandboxTest):
    def run_script(self, text):
        environ = {**os.environ, "PYTHONPATH": SDK}
        return subprocess.run([sys.executable, "-c", text], env=environ, capture_output=True, text=True, timeout=60)

    def test_the_end_of_the_process_waits_however_it_comes(self):
        for end, code in (("pass", 0), ("raise RuntimeError('mine')", 1), ("sys.exit(3)", 3)):
            done = self.run_script(
                "import sys, threading, herder\n"
                "from herder import _folder\n"
                "write = _folder.write\n"
                "def slow(*arguments):\n"
                "    threading.main_thread().join()\n"  # writes only when the script has ended
                "    return write(*arguments)\n"
                "_folder.write = slow\n"
                f"herder.CheckpointManager(prefix={end[:4]!r}, interval_steps=1).save({{'w': [1]}}, None, 1)\n"
                f"{end}\n"
            )
            self.assertEqual(done.returncode, code, done.stderr)
            manifest = self.path("checkpoints", end[:4], "step-000000001", "manifest.json")
            self.assertTrue(os.path.exists(manifest), done.stderr)


class MemoryTest(SandboxTest):
    def tree(self, **files):
        for name, text in files.items():
            path = self.path("root", *name.split("__"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)
        return _memory.available_bytes(self.path("root"))

    def test_the_machine_alone(self):
        self.assertIsNone(self.tree())
        self.assertEqual(self.tree(proc__meminfo="MemTotal: 9 kB\nMemAvailable:      5000 kB\n"), 5000 * 1024)

    def test_the_tightest_group_counts_and_its_file_cache_can_be_had_back(self):
        self.tree(proc__meminfo="MemAvailable: 100000 kB\n", proc__self__cgroup="0::/job/inner\n")
        names = {"max": "memory.max", "now": "memory.current", "stat": "memory.stat"}

        def group(place, **files):
            for name, text in files.items():
                path = self.path("root", "sys", "fs", "cgroup", *place, names[name])
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w") as file:
                    file.write(text)
            return _memory.available_bytes(self.path("root"))

        self.assertEqual(group(("job", "inner"), max="max\n", now="7\n"), 102_400_000)
        self.assertEqual(group(("job",), max="5000\n", now="4000\n", stat="anon 9\ninactive_file 300\n"), 1300)
        self.assertEqual(group((), max="900\n", now="200\n"), 700)
        self.assertEqual(group(("job",), now="6000\n"), 0)

    def test_a_container_that_sees_the_path_of_its_host(self):
        self.tree(proc__self__cgroup="0::/../host/only\n")
        folder = self.path("root", "sys", "fs", "cgroup")
        os.makedirs(folder)
        for name, text in (("memory.max", "100\n"), ("memory.current", "60\n")):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        self.assertEqual(_memory.available_bytes(self.path("root")), 40)

    def test_the_older_groups(self):
        self.tree(proc__self__cgroup="5:cpu,memory:/a\n0::/\n")
        folder = self.path("root", "sys", "fs", "cgroup", "memory", "a")
        os.makedirs(folder)
        for name, text in (
            ("memory.limit_in_bytes", "1000\n"), ("memory.usage_in_bytes", "600\n"),
            ("memory.stat", "inactive_file 5\ntotal_inactive_file 50\n"),
        ):  # fmt: skip
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        self.assertEqual(_memory.available_bytes(self.path("root")), 450)

    def test_here(self):
        self.assertGreater(_memory.available_bytes(), MIB)


if __name__ == "__main__":
    unittest.main()
