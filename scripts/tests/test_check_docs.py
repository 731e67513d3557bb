"""What check_docs.py reads out of a document, and what it refuses."""
import contextlib
import io
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import check_docs  # noqa: E402


def fence(kind, body, mark=""):
    return (f"<!-- docs: {mark} -->\n" if mark else "") + f"```{kind}\n{body}\n```\n"


def result(text):
    with contextlib.redirect_stdout(io.StringIO()):
        return check_docs.check_document("x.md", text)


class Documents(unittest.TestCase):
    def test_console_output_must_appear(self):
        self.assertEqual((1, 0), result(fence("console", "$ echo one two three\none ... three")))
        self.assertEqual((0, 1), result(fence("console", "$ echo one\ntwo")))

    def test_console_output_must_appear_in_order_whatever_its_spaces(self):
        self.assertEqual((1, 0), result(fence("console", "$ printf 'a  b\\nc\\n'\na b\nc")))
        self.assertEqual((0, 1), result(fence("console", "$ printf 'a\\nc\\n'\nc\na")))

    def test_blocks_share_one_shell(self):
        self.assertEqual((2, 0), result(fence("sh", "word=x\ncd /") + fence("sh", '[ "$word$PWD" = x/ ]')))

    def test_a_failed_block_does_not_take_the_others_along(self):
        self.assertEqual((1, 1), result(fence("sh", "false") + fence("sh", "true")))

    def test_output_need_not_end_its_line(self):
        self.assertEqual((1, 0), result(fence("console", "$ printf abc\nabc")))

    def test_commands_see_a_terminal_and_no_input(self):
        self.assertEqual((1, 0), result(fence("sh", "test -t 1\nif read -r line; then exit 1; fi")))

    def test_sh_lines_are_commands(self):
        self.assertEqual((1, 0), result(fence("sh", "a=1\ntest $a = 1")))
        self.assertEqual((0, 1), result(fence("sh", "false\ntrue")))

    def test_marks(self):
        self.assertEqual((0, 0), result(fence("sh", "false", "skip needs an account")))
        self.assertEqual((1, 0), result(fence("sh", "exit 6", "exit 6")))
        self.assertEqual((0, 1), result(fence("sh", "echo a", "expect b")))

    def test_other_fences_are_not_run(self):
        self.assertEqual((0, 0), result(fence("yaml", "a: 1")))

    def test_blocks_of_a_document_share_a_folder(self):
        self.assertEqual((2, 0), result(fence("sh", "echo 1 > note") + fence("sh", "cat note")))

    def test_what_a_block_leaves_in_the_background_is_ended(self):
        with tempfile.TemporaryDirectory() as folder:
            note = pathlib.Path(folder, "pid")
            self.assertEqual((1, 0), result(fence("sh", f"sleep 600 >/dev/null 2>&1 &\necho $! > {note}")))
            state = pathlib.Path("/proc", note.read_text().strip(), "stat")
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it is gone
                self.assertEqual("Z", state.read_text().split()[2])

    def test_broken_links(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "README.md").write_text("[a](b.md) [c](README.md#x) [d](https://e.org)\n")
            self.assertEqual(1, len(list(check_docs.broken_links(root))))


class SkippedBlocks(unittest.TestCase):
    """What a document does not run itself, something else of ./dev test runs."""

    # The command -> what runs it. A new skip needs a line here, and something that runs it.
    RUN_ELSEWHERE = {"./dev demo": "tests/e2e/e2e_demo", "./dev test": "scripts/run_tests.py",
                     "./dev build": "scripts/run_tests.py"}

    def test_each_is_run_elsewhere(self):
        skipped = set()
        for name in check_docs.DOCUMENTS:
            for block in check_docs.blocks((check_docs.ROOT / name).read_text()):
                if block.skip is not None:
                    self.assertTrue(block.skip, f"{name}:{block.line}: no reason")
                    skipped |= {line.split("#")[0].strip() for line in block.script.splitlines()}
        self.assertEqual(set(self.RUN_ELSEWHERE), skipped)
        for program in self.RUN_ELSEWHERE.values():
            self.assertTrue(os.access(check_docs.ROOT / program, os.X_OK), program)


if __name__ == "__main__":
    unittest.main()
