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
        return {**super().environment(), "AZURE_STORAGE_KEY": os.environ["AZURE_STORAGE_KEY"]}

    def new_server(self, flags=()):
        place, _, endpoint = os.environ["HERDER_TEST_AZ"].partition("?")
        return super().new_server(["--storage", f"{place}/runs-{os.getpid()}?{endpoint}", *flags])

    def test_a_job_moves_with_its_checkpoints_in_a_container(self):
        steps = 120
        # 24 MB are 32 MiB and some in the checkpoint's text: three parts.
        self.launch("moved", steps=steps, step_time=0.08, more="--ballast 24")
        self.wait_checkpoint("moved", beyond=20, limit_s=240)
        first = self.contract_of("moved")
        self.assert_machine_holds_no_key(first, os.environ["AZURE_STORAGE_KEY"])
        self.market.outbid(first)
        job = self.wait_finished("moved", limit_s=400)
        self.assertEqual(job["status"], "succeeded", job["status_text"])
        self.assertGreaterEqual(job["attempt_list"][1]["resumed_step"], 20)
        pulled = self.folder / "pulled"
        ended = self.herder.cli("outputs", "pull", "moved", pulled)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertIn(harness.chain_digest(steps), (pulled / "result.json").read_text())
        ended = self.herder.cli("checkpoints", "verify", "moved")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)


if __name__ == "__main__":
    harness.main()
