"""A folder and an environment of its own for each test; nothing of a real job leaks in."""

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
import threading
import unittest

SDK = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if SDK not in sys.path:
    sys.path.insert(0, SDK)

from herder import _environment, _report, _stop  # noqa: E402


class SandboxTest(unittest.TestCase):
    """Starts outside a job, in an empty folder; `enter_job()` goes into one."""

    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="herder-sdk-"))
        self._environ, self._cwd = dict(os.environ), os.getcwd()
        for name in list(os.environ):
            if name.startswith("HERDER_") or name in ("RANK", "LOCAL_WORLD_SIZE"):
                del os.environ[name]
        os.chdir(self.folder)
        _environment._said.clear()
        _report._last_beat.clear()
        _stop._Process.signalled = False
        _stop._Process.callbacks = []

    def tearDown(self):
        for thread in threading.enumerate():
            if thread.name == "herder-writer":
                thread.join()
        os.chdir(self._cwd)
        os.environ.clear()
        os.environ.update(self._environ)
        shutil.rmtree(self.folder)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def enter_job(self, **more):
        os.makedirs(self.path("run"), exist_ok=True)
        os.environ.update(
            HERDER_JOB_ID="job-1",
            HERDER_ATTEMPT="2",
            HERDER_DIR=self.path("run"),
            HERDER_CHECKPOINT_DIR=self.path("ckpt"),
            HERDER_STOP_FILE=self.path("run", "stop"),
            HERDER_RESUME_FROM="",
            **more,
        )

    def ask_to_stop(self, text='{"reason": "preemption", "deadline": 1234.5}'):
        with open(self.path("run", "stop"), "w") as file:
            file.write(text)

    def lines(self, *parts):
        with open(self.path(*parts)) as file:
            return [json.loads(line) for line in file]

    @contextlib.contextmanager
    def stderr(self):
        text = io.StringIO()
        with contextlib.redirect_stderr(text):
            yield text
