#!/usr/bin/python3
"""A job whose checkpoints lie in an Azurite survives the loss of its machine; no key of the account reaches the machine.

Run by tests/azurite/run.py -- tests/azurite/moved_job.py, which names the account in $HERDER_TEST_AZ.
"""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import harness  # noqa: E402


class Moved(harness.Case):
    scale = 20

    def environment(self):
        self.secret = os.environ["AZURE_STORAGE_KEY"]
        return {**super().environment(), "AZURE_STORAGE_KEY": self.secret}

    def new_server(self, flags=()):
        place, _, endpoint = os.environ["HERDER_TEST_AZ"].partition("?")
        return super().new_server(["--storage", f"{place}/runs-{os.getpid()}?{endpoint}", *flags])

    def test_a_job_moves_with_its_checkpoints_in_a_container(self):
        # 24 MB are 32 MiB and some in the checkpoint's text: three parts.
        self.run_moved_job(more="--ballast 24")


if __name__ == "__main__":
    harness.main()
