"""Jobs on the market while their server, and some agents, are killed again and again.

Kills are aimed by watching the public interface: a rental that is armed, sent, unknown or closing, a
submit that is being committed, and moments drawn at random. The market lives in a process of its own,
so it remembers what the server may forget.
"""
import collections
import contextlib
import json
import os
import pathlib
import random
import signal
import threading
import time

from harness import FINISHED, API_KEY, HttpError, LocalHerder, LocalMarket, TimedOut, chain_digest, frozen, wait_for, write_job

RENTAL_AIMS = ("armed", "sent", "unknown", "closing")
AIMS = (*RENTAL_AIMS, "mid_commit")
# For what takes a second on an idle machine.
PATIENCE_S = 60


class KillStorm:
    """`run()` returns a list of problems; `kills` counts kills by what they were aimed at."""

    steps = 200
    job = {"step_time": 0.05}

    def __init__(self, folder, jobs=5, each_aim=3, randomly=6, agents=2, scale=20, seed=1):
        self.folder, self.scale, self.draw = pathlib.Path(folder), scale, random.Random(seed)
        self.wanted_jobs = jobs
        self.wanted = collections.Counter({**{aim: each_aim for aim in AIMS}, "random": randomly, "agent": agents})
        self.kills, self.problems, self.names = collections.Counter(), [], []
        self.spec = None
        # Wide enough that machines which are avoided after a failure leave others to rent.
        scenario = self.folder / "wide.json"
        scenario.write_text(json.dumps({"name": "wide", "machines": 300, "outbid_hold_s": 600}))
        self.host = LocalMarket(self.folder / "market", ["--scenario", scenario, "--seed", seed, "--time-scale", scale])
        self.herder = LocalHerder(self.folder, demo=False, flags=["--time-scale", scale])

    # ---- the world ------------------------------------------------------------------------------

    @property
    def market(self):
        return self.host.market

    @property
    def api(self):
        return self.herder.api

    def start(self):
        self.host.start()
        self.herder.env.update(VAST_API_KEY=API_KEY, VAST_URL=self.host.url)
        self.herder.start()

    def stop(self):
        with contextlib.suppress(ProcessLookupError, AttributeError):
            os.kill(self.host.service.pid, signal.SIGCONT)
        self.herder.stop()
        self.host.stop()

    def kill_server(self, aim):
        self.herder.kill()
        self.kills[aim] += 1
        self.herder.start()

    # ---- jobs -----------------------------------------------------------------------------------

    def submit_first(self):
        file = write_job(self.folder, "storm-0", steps=self.steps, **self.job)
        ended = self.herder.cli("launch", file, "-y", "-d")
        if ended.returncode != 0:
            raise RuntimeError(f"launch ended with {ended.returncode}: {ended.stderr}")
        self.names.append("storm-0")
        self.spec = self.api.job("storm-0")["spec"]

    def submit(self):
        """One more job; the same key again after a failure must not make two of it."""
        name = f"storm-{len(self.names)}"
        self.names.append(name)
        self.submit_until_taken(name)
        return name

    def submit_until_taken(self, name):
        wait_for(f"{name} to be taken", lambda: self.api.submit({**self.spec, "name": name}, f"key-{name}"), PATIENCE_S)

    def unfinished(self):
        return [job for job in self.api.jobs() if job["status"] not in FINISHED]

    def keep_busy(self):
        """Enough jobs in flight that there is always something to disturb."""
        while len(self.names) < self.wanted_jobs or len(self.unfinished()) < min(4, self.wanted_jobs):
            self.submit()

    def outbid_one(self):
        running = [m for m in self.market.alive() if m["state"] == "running"]
        if running:
            self.market.outbid(self.draw.choice(running)["contract"])

    # ---- kills ----------------------------------------------------------------------------------

    def is_there(self, state):
        return any(i["state"] == state for i in self.api.get("/api/v1/instances?limit=200")["items"])

    def await_rental(self, state, limit_s):
        wait_for(f"a rental that is {state}", lambda: self.is_there(state), limit_s, every_s=0.002)

    def provoke(self, aim):
        """Makes a rental that will be in the state soon."""
        if aim == "closing":
            return self.outbid_one()
        if aim == "unknown":
            self.market.fault("create_reply_lost", next=1)
        elif aim == "armed" or self.draw.random() < 0.5:
            # The answer is long in coming: this rental stays sent, and the next one armed.
            self.market.fault("create_slow", next=1, amount=60)
        self.submit()
        if aim != "unknown":
            self.submit()
        return None

    def strike_rental(self, aim):
        """Kills as soon as a rental is in the state; False when none was seen in time."""
        self.provoke(aim)
        try:
            self.await_rental(aim, PATIENCE_S / 4)
            # A call that is on the wire may reach the market only after its sender's death.
            with frozen(self.host.service.pid) if aim == "sent" else contextlib.nullcontext():
                if aim == "sent" and not self.is_there("sent"):
                    return False
                self.herder.kill()
        except TimedOut:
            return False
        self.kills[aim] += 1
        self.herder.start()
        return True

    def strike_mid_commit(self):
        """Kills while a submit is on its way to the disk; the client then asks again with its key."""
        name = f"storm-{len(self.names)}"
        self.names.append(name)

        def send():
            with contextlib.suppress(OSError, HttpError):
                self.api.submit({**self.spec, "name": name}, f"key-{name}")
        sender = threading.Thread(target=send)
        sender.start()
        time.sleep(self.draw.uniform(0.0005, 0.006))
        self.kill_server("mid_commit")
        sender.join()
        self.submit_until_taken(name)

    def strike_agent(self):
        for machine in self.market.alive():
            for pid in machine["pids"]:
                with contextlib.suppress(OSError):
                    if os.readlink(f"/proc/{pid}/exe").endswith("herder-agent"):
                        os.kill(pid, signal.SIGKILL)
                        self.kills["agent"] += 1
                        return

    def strike(self, aim):
        if aim in RENTAL_AIMS:
            self.strike_rental(aim)
        elif aim == "mid_commit":
            self.strike_mid_commit()
        elif aim == "agent":
            self.strike_agent()
        else:
            time.sleep(self.draw.uniform(0.05, 0.8))
            self.kill_server("random")

    def left_s(self):
        return max(1.0, self.deadline - time.monotonic())

    def storm(self, limit_s):
        deadline = time.monotonic() + limit_s
        while left := [aim for aim in self.wanted if self.kills[aim] < self.wanted[aim]]:
            if time.monotonic() > deadline:
                self.problems.append(f"not all kills happened in time: {dict(self.kills)}")
                return
            try:
                self.keep_busy()
                if self.draw.random() < 0.3:
                    self.outbid_one()
                self.strike(self.draw.choice(left))
            except (HttpError, OSError):  # the market was frozen in the middle of a call
                if not self.herder.service.is_running():
                    self.herder.start()

    # ---- the end --------------------------------------------------------------------------------

    def check(self, holds, problem):
        if not holds:
            self.problems.append(problem)

    def calm_down(self):
        self.market.clear_faults()
        for what, probe in (("all jobs to end", lambda: not self.unfinished()),
                            ("the market to be empty", lambda: not self.market.alive())):
            try:
                wait_for(what, probe, self.left_s(), every_s=0.3)
            except TimedOut as error:
                self.problems.append(str(error))

    def check_jobs(self):
        by_name = collections.defaultdict(list)
        for job in self.api.jobs():
            by_name[job["name"]].append(job)
        for name in self.names:
            found = by_name[name]
            self.check(len(found) == 1, f"{name} is there {len(found)} times")
            for job in found:
                self.check(job["status"] == "succeeded", f"{name} {job['status']}: {job['status_text']}")
                if job["status"] == "succeeded":
                    result = self.api.get(f"/api/v1/jobs/{job['id']}/outputs/result.json")
                    self.check(result["digest"] == chain_digest(self.steps), f"{name} ended with a wrong result")

    def check_machines(self):
        machines = self.market.machines()
        labels = collections.Counter(m["label"] for m in machines)
        self.check(max(labels.values(), default=0) <= 1, "a label was on two machines")
        creates = collections.Counter(
            call["label"] for call in self.market.get("/admin/calls")["calls"] if call.get("label"))
        self.check(max(creates.values(), default=0) <= 1, "a create was sent twice with one label")
        return len(machines)

    def check_money(self):
        def same():
            charged = self.api.get("/api/v1/cost/report?by=job")["total_charged"]
            micros = round(float(charged) * 1e6)
            return micros == self.market.bill()["charged_total_micros"]
        try:
            wait_for("charges to equal the bill", same, max(PATIENCE_S, self.left_s()), every_s=0.5)
        except TimedOut as error:
            report = self.api.get("/api/v1/cost/report?by=job")
            self.problems.append(f"{error}: ledger {report['total_charged']}, unowned {report.get('unowned')}, "
                                 f"bill {self.market.bill()['charged_total_micros']} micro-dollars")

    def run(self, limit_s):
        """Problems, as sentences; empty when everything held. Gives up, with what is wrong then, after the limit."""
        self.deadline = time.monotonic() + limit_s
        self.start()
        try:
            self.submit_first()
            self.storm(limit_s / 2)
            self.calm_down()
            self.check_jobs()
            self.machines = self.check_machines()
            self.check_money()
        finally:
            self.stop()
        return self.problems
