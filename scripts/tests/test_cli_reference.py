"""docs/reference/cli.md is what the built program's help says."""
import importlib.machinery
import importlib.util
import pathlib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = ROOT / "build/bin/herder"
PAGE = ROOT / "docs/reference/cli.md"


def load_script():
    loader = importlib.machinery.SourceFileLoader("cli_reference", str(ROOT / "scripts/cli_reference"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("cli_reference", loader))
    loader.exec_module(module)
    return module


@unittest.skipUnless(BINARY.exists(), "build/bin/herder is not built")
class CliReference(unittest.TestCase):
    def test_page_is_up_to_date(self):
        self.assertEqual(load_script().reference(BINARY), PAGE.read_text(),
                         "run scripts/cli_reference >docs/reference/cli.md")

    def test_every_group_is_followed(self):
        names = [" ".join(words) for words, _ in load_script().sections(BINARY)]
        for name in ("launch", "budget set", "profiles lint", "up", "down", "run"):
            self.assertIn(name, names)


if __name__ == "__main__":
    unittest.main()
