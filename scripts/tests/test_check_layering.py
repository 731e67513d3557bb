"""Planted violations of each kind, and a sound tree, against check_layering.py."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import check_layering  # noqa: E402


def module(folder, *deps):
    return {"name": folder.replace("/", "_"), "folder": folder,
            "deps": [d.replace("/", "_") for d in deps] or [""]}


SOUND = [
    module("base"), module("core/jobs", "base"), module("core/market", "base", "core/jobs"),
    module("core/monitor", "base", "core/jobs"), module("ports", "base", "core/jobs"),
    module("engine", "base", "core/jobs", "ports"), module("adapters/http", "base"),
    module("adapters/providers/vast", "base", "ports", "adapters/http"),
    module("adapters/store/sqlite", "base", "ports"), module("sim", "base", "engine", "ports"),
    module("vastsim", "base", "adapters/http"), module("core/worker", "base"),
    module("core/step", "base", "core/jobs", "core/market", "core/monitor"),
]


class Layering(unittest.TestCase):
    def violations(self, files, modules=None):
        with tempfile.TemporaryDirectory() as folder:
            src = pathlib.Path(folder) / "src"
            for name, text in files.items():
                (src / name).parent.mkdir(parents=True, exist_ok=True)
                (src / name).write_text(text)
            return check_layering.violations(src, modules or SOUND)

    def test_a_sound_tree_has_none(self):
        files = {"base/id.h": "", "core/jobs/job.h": '#include "base/id.h"\n',
                 "engine/engine.cpp": '#include "core/jobs/job.h"\n#include <vector>\n'}
        self.assertEqual([], self.violations(files))

    def test_wrong_direction_names_file_line_and_both_modules(self):
        files = {"engine/engine.h": "", "core/jobs/job.cpp": '\n#include "engine/engine.h"\n'}
        found = self.violations(files)
        self.assertEqual(1, len(found))
        self.assertIn("src/core/jobs/job.cpp:2: core/jobs includes engine", found[0])

    def test_one_core_module_may_not_use_another(self):
        files = {"core/monitor/lease.h": "", "core/jobs/job.h": '#include "core/monitor/lease.h"\n'}
        self.assertEqual(1, len(self.violations(files)))

    def test_step_uses_all_of_core_but_the_worker(self):
        files = {"core/worker/lease.h": "", "core/monitor/m.h": "",
                 "core/step/step.cpp": '#include "core/monitor/m.h"\n#include "core/worker/lease.h"\n'}
        found = self.violations(files)
        self.assertEqual(1, len(found))
        self.assertIn("core/step includes core/worker", found[0])

    def test_undeclared_dependency(self):
        files = {"ports/store.h": "", "adapters/http/client.cpp": '#include "ports/store.h"\n'}
        found = self.violations(files)
        self.assertIn("does not declare it in DEPS", found[0])

    def test_forbidden_declaration(self):
        found = self.violations({}, [module("base"), module("cli", "base", "engine"), module("engine", "base")])
        self.assertEqual(1, len(found))
        self.assertIn("cli declares engine", found[0])

    def test_one_provider_never_uses_another_and_vastsim_never_the_client(self):
        modules = SOUND + [module("adapters/providers/local", "base")]
        files = {"adapters/providers/vast/client.h": "",
                 "adapters/providers/local/x.cpp": '#include "adapters/providers/vast/client.h"\n',
                 "vastsim/x.cpp": '#include "adapters/providers/vast/client.h"\n'}
        self.assertEqual(2, len(self.violations(files, modules)))

    def test_nothing_depends_on_the_simulator_but_tests(self):
        files = {"sim/world.h": "", "engine/engine.cpp": '#include "sim/world.h"\n',
                 "engine/engine_test.cpp": '#include "sim/world.h"\n'}
        found = self.violations(files)
        self.assertEqual(1, len(found))
        self.assertIn("src/engine/engine.cpp:1", found[0])

    def test_include_cycle(self):
        files = {"base/a.h": '#include "base/b.h"\n', "base/b.h": '#include "base/a.h"\n'}
        found = self.violations(files)
        self.assertEqual(1, len(found))
        self.assertIn("base/a.h -> base/b.h -> base/a.h", found[0])

    def test_module_cycle(self):
        modules = [module("base"), module("core/jobs", "core/market"), module("core/market", "core/jobs")]
        self.assertIn("module cycle", self.violations({}, modules)[0])


if __name__ == "__main__":
    unittest.main()
