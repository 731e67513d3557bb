"""What goes into a checkpoint comes out as it was: plain values, arrays, tensors, random states."""

import ast
import collections
import glob
import os
import random
import subprocess
import sys
import types
import unittest
from unittest import mock

from sandbox import SDK, SandboxTest

from herder import CheckpointManager

try:
    import numpy
except ImportError:
    numpy = None
try:
    import torch
except ImportError:
    torch = None

FORBIDDEN = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}


class StateTest(SandboxTest):
    def round_trip(self, value):
        with self.stderr():
            manager = CheckpointManager(interval_steps=1)
        manager.save_final(value, None, (manager._candidates() or [(0,)])[0][0] + 1)
        return manager.load_latest()["model_state"]

    def test_plain_values_keep_type_and_value(self):
        value = {
            "scalars": [None, True, 0, -(2**130), 0.1, -0.0, float("inf"), "ä\ud800", 2 + 3j],
            "containers": [(1, (2,)), {1, 2}, frozenset([3]), b"\0\xff", bytearray(b"x"), []],
            "keys": {1: "a", (2, 3): "b", None: "c"},
            "$": {"$": "tuple", "v": [1]},
            "ordered": collections.OrderedDict(b=1, a=2),
            "counter": collections.Counter("aab"),
        }
        back = self.round_trip(value)
        self.assertEqual(back, value)
        self.assertEqual(repr(back["scalars"]), repr(value["scalars"]))
        for old, new in zip(value["containers"], back["containers"]):
            self.assertIs(type(old), type(new))
        self.assertIs(type(back["counter"]), collections.Counter)

    def test_what_has_no_image_is_refused_with_its_place(self):
        loop = []
        loop.append(loop)
        for value, place in (({"a": [object()]}, "model_state/a/0"), ({"a": loop}, "model_state/a")):
            with self.assertRaisesRegex(TypeError, place):
                self.round_trip(value)

    def test_python_random_goes_on_where_it_was(self):
        random.seed(5)
        with self.stderr():
            manager = CheckpointManager(interval_steps=1)
            manager.save({}, None, 1)
            expected = random.random()
            random.seed(6)
            manager.restore({})
        self.assertEqual(random.random(), expected)

    @unittest.skipUnless(numpy, "numpy is not installed")
    def test_numpy_arrays_keep_every_bit_and_can_be_written(self):
        draw = numpy.random.Generator(numpy.random.PCG64(1))
        for dtype in ("f2", "f4", ">f8", "i1", "u2", "i8", "?", "c16", "U3", "M8[s]", "S2"):
            for shape in ((), (0, 3), (5,), (3, 4)):
                array = draw.integers(0, 2, shape).astype(dtype)
                back = self.round_trip({"a": array, "t": numpy.asarray(array).T})
                self.assertEqual(back["a"].shape, shape)
                self.assertEqual(back["a"].dtype, array.dtype.newbyteorder("="))
                self.assertTrue(numpy.array_equal(back["a"], array), (dtype, shape))
                self.assertTrue(numpy.array_equal(back["t"], numpy.asarray(array).T))
                self.assertTrue(back["a"].flags.writeable)
        back = self.round_trip([numpy.float32(0.1), numpy.int64(3)])
        self.assertIs(type(back[0]), numpy.float32)
        with self.assertRaisesRegex(TypeError, "model_state/x: a numpy array of dtype object"):
            self.round_trip({"x": numpy.array([None])})

    @unittest.skipUnless(numpy, "numpy is not installed")
    def test_numpy_random_states_go_on_where_they_were(self):
        numpy.random.seed(1)
        own = numpy.random.default_rng(2)
        numpy.random.normal()
        with self.stderr():
            manager = CheckpointManager(interval_steps=1)
            manager.save({}, None, 1, own=own)
            expected = (numpy.random.normal(), own.normal())
            manager.restore({}, None, own=own)
        self.assertEqual((numpy.random.normal(), own.normal()), expected)

    @unittest.skipUnless(numpy, "numpy is not installed")
    def test_arrays_are_restored_in_place_or_their_shape_is_named(self):
        weights = numpy.arange(6.0).reshape(2, 3)
        with self.stderr():
            manager = CheckpointManager(interval_steps=1)
            manager.save({"w": weights}, None, 1)
            weights[:] = 0
            manager.restore({"w": weights})
            self.assertEqual(weights.sum(), 15.0)
            with self.assertRaisesRegex(ValueError, r"model_state/w: .*\(2, 3\).*\(4,\)"):
                manager.restore({"w": numpy.zeros(4)})

    @unittest.skipUnless(numpy, "numpy is not installed")
    def test_jax_arrays_go_through_numpy_and_named_tuples_keep_their_shape(self):
        class Array:  # what jax.Array promises: an image for numpy, or an error
            def __init__(self, values):
                self.values = values

            def __array__(self, *_):
                if self.values is None:
                    raise TypeError("JAX array with PRNGKey dtype cannot be converted")
                return self.values

        moments = collections.namedtuple("ScaleByAdamState", "count mu")
        with mock.patch.dict(sys.modules, jax=types.SimpleNamespace(Array=Array)):
            back = self.round_trip({"w": Array(numpy.arange(3.0)), "opt": moments(2, (Array(numpy.ones(2)),))})
            self.assertEqual(back["w"].tolist(), [0.0, 1.0, 2.0])
            self.assertEqual(back["opt"][0], 2)
            self.assertEqual(back["opt"][1][0].tolist(), [1.0, 1.0])
            with self.assertRaisesRegex(TypeError, "save model_state/key: .*jax.random.key_data"):
                self.round_trip({"key": Array(None)})

    @unittest.skipUnless(torch, "torch is not installed")
    def test_torch_model_optimizer_and_random_state_come_back(self):
        def make():
            model = torch.nn.Linear(3, 2)
            return model, torch.optim.Adam(model.parameters())

        def advance(model, optimizer):
            optimizer.zero_grad()
            model(torch.randn(4, 3)).square().mean().backward()
            optimizer.step()

        model, optimizer = make()
        advance(model, optimizer)
        with self.stderr():
            manager = CheckpointManager(interval_steps=1)
            manager.save(model, optimizer, 1)
            advance(model, optimizer)
            again, again_optimizer = make()
            manager.restore(again, again_optimizer)
        advance(again, again_optimizer)
        for old, new in zip(model.parameters(), again.parameters()):
            self.assertTrue(torch.equal(old, new))

    @unittest.skipUnless(torch, "torch is not installed")
    def test_torch_tensors_of_every_type(self):
        for dtype in (torch.bfloat16, torch.float16, torch.float64, torch.int64, torch.bool, torch.complex64):
            for shape in ((), (0, 2), (3, 4)):
                tensor = torch.randn(shape).mul(3).to(dtype)
                back = self.round_trip({"t": tensor, "turned": tensor.T if len(shape) == 2 else tensor})
                self.assertIs(back["t"].dtype, dtype)
                self.assertTrue(torch.equal(back["t"], tensor))
                self.assertTrue(torch.equal(back["turned"], tensor.T if len(shape) == 2 else tensor))
        with self.assertRaisesRegex(TypeError, "model_state: .*sparse"):
            self.round_trip(torch.eye(2).to_sparse())


class SourceTest(SandboxTest):
    """Rules for the sources themselves."""

    def sources(self):
        found = glob.glob(os.path.join(SDK, "herder", "**", "*.py"), recursive=True)
        self.assertGreater(len(found), 8)
        for path in found:
            with open(path, encoding="utf-8") as file:
                yield path, ast.parse(file.read(), path, feature_version=(3, 9))

    def test_nothing_that_unpickles_is_imported(self):
        for path, tree in self.sources():
            for node in ast.walk(tree):
                names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
                if isinstance(node, ast.ImportFrom):
                    names.append(node.module or "")
                roots = {name.split(".")[0] for name in names}
                self.assertFalse(roots & FORBIDDEN, path)
                if isinstance(node, ast.Call):
                    called = ast.unparse(node.func)
                    self.assertNotIn(called, ("torch.load", "numpy.load", "eval", "exec"), path)

    def test_import_needs_and_loads_neither_numpy_nor_torch(self):
        script = (
            "import sys\n"
            "sys.modules['numpy'] = sys.modules['torch'] = None\n"
            "import herder\n"
            "assert not {'pickle', 'typing', 'hashlib'} & set(sys.modules), sorted(sys.modules)\n"
            "manager = herder.CheckpointManager(interval_steps=1)\n"
            "manager.save({'w': [1.5]}, None, 1)\n"
            "print(manager.load_latest()['model_state'])\n"
        )
        environ = {**os.environ, "PYTHONPATH": SDK}
        done = subprocess.run(
            [sys.executable, "-S", "-c", script], env=environ, capture_output=True, text=True
        )
        self.assertEqual(done.stdout, "{'w': [1.5]}\n", done.stderr)


if __name__ == "__main__":
    unittest.main()
