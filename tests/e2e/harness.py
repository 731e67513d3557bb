"""What the end-to-end tests share: a server with a market in a temporary folder, jobs, waiting.

The tests run real processes: build/bin/herder, a market, agents in containers. Nothing sleeps for a
fixed time; every wait polls with a deadline.
"""
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from local_herder import (  # noqa: E402,F401
    FINISHED, HERDER, HttpError, LocalHerder, LocalMarket, TimedOut, clean_environment, frozen, lasting_port, wait_for)

CHAIN = ROOT / "tests/e2e/jobs/chain"
API_KEY = "demo"

JOB = """name: {name}
{project}workdir: .
resources:
  accelerators: RTX_4090:1
  market: {market}
  disk: 10GB
  max_price: {max_price}
run: |
  exec python3 train.py --steps {steps} --step-time {step_time} --save-every {save_every} {more}
checkpoint:
  path: checkpoints
  every: {save_every} steps
  keep_last: 3
  on_preempt: {{grace: {grace}}}
limits:
  max_duration: {max_duration}
  max_cost: {max_cost}
outputs: [result.json]
{extra}"""
DEFAULTS = {"market": "spot", "max_price": "0.60", "steps": 100, "step_time": 0.05, "save_every": 10, "more": "",
            "grace": "2m", "max_duration": "2h", "max_cost": "5", "project": "", "extra": ""}


def chain_digest(steps):
    """The digest that tests/e2e/jobs/chain must end with."""
    digest = "start"
    for number in range(1, steps + 1):
        digest = hashlib.sha256(f"{digest} {number}".encode()).hexdigest()
    return digest


def write_job(folder, name, source=CHAIN / "train.py", **options):
    """A folder with the chain job, or another training; returns the path of its job file."""
    values = {**DEFAULTS, **options, "name": name}
    if values["project"]:
        values["project"] = f"project: {values['project']}\n"
    place = pathlib.Path(folder) / "jobs" / name
    place.mkdir(parents=True)
    shutil.copy(source, place / "train.py")
    (place / "job.yaml").write_text(JOB.format(**values))
    return place / "job.yaml"


def agent_process(market):
    """The process of an agent that runs now; its parent is the switch, which is the same program."""
    def parent_of(pid):
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])

    def is_agent(pid):
        return os.readlink(f"/proc/{pid}/exe").endswith("herder-agent")
    for machine in market.alive():
        for pid in machine["pids"]:
            try:
                if is_agent(pid) and is_agent(parent_of(pid)):
                    return pid
            except OSError:
                continue
    return None


class Case(unittest.TestCase):
    """One server and one market for each test; `scale` is market seconds a real second."""

    scale = 20
    scenario = "calm"

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="herder-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.host = LocalMarket(self.folder / "market", self.market_flags()).start()
        self.addCleanup(self.host.stop)
        self.market = self.host.market
        self.herder = self.new_server()
        self.addCleanup(lambda: self.herder.stop())  # the one that is there at the end

    def market_flags(self):
        return ["--scenario", self.scenario, "--seed", 7, "--time-scale", self.scale]

    def environment(self):
        return {"VAST_API_KEY": API_KEY, "VAST_URL": self.host.url}

    def new_server(self, flags=()):
        server = LocalHerder(self.folder, demo=False, env=self.environment(),
                             flags=["--time-scale", self.scale, *flags])
        return server.start()

    @property
    def api(self):
        return self.herder.api

    def launch(self, name, **options):
        """Launches the chain job and returns without waiting for it."""
        ended = self.herder.cli("launch", write_job(self.folder, name, **options), "-y", "-d")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        return name

    def wait_status(self, name, *wanted, limit_s=240):
        def probe():
            job = self.api.job(name)
            if job["status"] in wanted:
                return job
            if job["status"] in FINISHED:
                raise AssertionError(f"{name} is {job['status']}, not {wanted}: {job['status_text']}")
            return None
        return wait_for(f"{name} to be {' or '.join(wanted)}", probe, limit_s)

    def wait_checkpoint(self, name, beyond=0, limit_s=240):
        return wait_for(f"{name} to commit a checkpoint beyond step {beyond}",
                        lambda: ((job := self.api.job(name)).get("last_checkpoint_step") or 0) > beyond and job,
                        limit_s)

    def wait_finished(self, name, limit_s=400):
        return wait_for(f"{name} to end", lambda: (job := self.api.job(name))["status"] in FINISHED and job, limit_s)

    def intent_of(self, name):
        """The newest rental of the job, as the instances list shows it."""
        job = self.api.job(name)
        mine = [i for i in self.api.all("/api/v1/instances") if i["job"] in (job["id"], name)]
        return mine[-1] if mine else None

    def contract_of(self, name):
        return int(self.api.job(name)["attempt_list"][-1]["contract"])

    def result_of(self, name):
        job = self.api.job(name)
        return json.loads(self.api.text("GET", f"/api/v1/jobs/{job['id']}/outputs/result.json"))

    def wait_logs_stored(self, name, limit_s=240):
        """Until the artifact store has all that the job has written: its pieces change no more."""
        def probe():
            ranges = self.api.get(f"/api/v1/jobs/{name}/logs/ranges")["items"]
            return all(one["segments"] and one["segments"][-1]["end"] == one["size_bytes"] for one in ranges)
        wait_for(f"the logs of {name} to be in the store", probe, limit_s)

    def assert_pulled(self, name, steps):
        """The outputs of the chain job, whole; where they are."""
        pulled = self.folder / "pulled"
        ended = self.herder.cli("outputs", "pull", name, pulled)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertIn(chain_digest(steps), (pulled / "result.json").read_text())
        return pulled

    def run_moved_job(self, **options):
        """A job whose first machine is lost ends on a second one, and no machine has `self.secret`, the store's."""
        steps = 120
        options["more"] = options.get("more", "") + " --hold 1:60"
        self.launch("moved", steps=steps, step_time=0.08, **options)
        self.wait_checkpoint("moved", beyond=20, limit_s=240)
        first = self.contract_of("moved")
        self.assert_machine_holds_no_key(first, self.secret)
        self.market.outbid(first)
        job = self.wait_finished("moved", limit_s=400)
        self.assertEqual(job["status"], "succeeded", job["status_text"])
        self.assertGreaterEqual(job["attempt_list"][1]["resumed_step"], 20)
        self.assert_pulled("moved", steps)
        ended = self.herder.cli("checkpoints", "verify", "moved")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        return job

    def assert_market_empty(self, limit_s=240):
        wait_for("the market to be empty", lambda: not self.market.alive(), limit_s)

    def assert_machine_holds_no_key(self, contract, secret):
        """The secret is in no environment, no command line and no file of the machine's /tmp."""
        machine = next(m for m in self.market.machines() if m["contract"] == contract)
        searched = 0
        for pid in machine["pids"]:
            for name in ("environ", "cmdline"):
                try:
                    text = pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
                except OSError:
                    continue
                searched += 1
                self.assertNotIn(secret.encode(), text)
            for folder, _, names in os.walk(f"/proc/{pid}/root/tmp"):
                for name in names:
                    path = pathlib.Path(folder, name)
                    with contextlib.suppress(FileNotFoundError):  # the job goes on meanwhile
                        if path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 26:
                            self.assertNotIn(secret.encode(), path.read_bytes(), str(path))
        self.assertGreater(searched, 0)

    def assert_labels_unique(self):
        labels = [m["label"] for m in self.market.machines()]
        self.assertEqual(len(labels), len(set(labels)), "a label was on two machines")

    def assert_chain_right(self, name, steps):
        self.assertEqual(self.result_of(name)["digest"], chain_digest(steps))


def main():
    for name in ("herder", "herder-agent", "s3d"):
        if not HERDER.with_name(name).exists():
            # No skip: what is left out unseen is not tested.
            sys.exit(f"build/bin/{name} is not built; './dev test build' builds it")
    unittest.main(verbosity=2, argv=[sys.argv[0], *sys.argv[1:]])
