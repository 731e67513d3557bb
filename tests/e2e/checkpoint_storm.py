"""Jobs whose trainer, agent or server is killed at random moments, and a witness of what they saved and restored.

The witness is told by the training itself (jobs/witnessed) each state before it is saved and the one that was
restored, so it can say whether a restored state is exactly one that was saved, and what a kill cost. Most jobs
start their trainer again on the same machine, each third leaves that to the server, on another one.
"""
import collections
import contextlib
import datetime
import json
import os
import pathlib
import re
import signal
import socketserver
import sys
import threading
import time
import typing

from harness import HttpError, TimedOut, chain_digest, wait_for, write_job
from kill_storm import KillStorm

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VICTIMS = ("server", "trainer", "agent")


class Session:
    """One process of a training, as far as it was told."""

    def __init__(self, restored):
        # Over once its process or its machine's agent was killed: what it tells then is nobody's progress.
        self.step, self.saved, self.is_over = restored, [], False


class Kill(typing.NamedTuple):
    session: Session
    committed: int  # the newest step that the server told as committed before
    victim: str
    at: float


class Loss(typing.NamedTuple):
    victim: str
    steps: int
    saves: int  # that were begun and not found again; the last may have been under way
    is_excused: bool  # the server was killed meanwhile


class Witness:
    """Hears the trainings. `problems` are restores of what was never saved, or older than it may be."""

    def __init__(self):
        self.lock = threading.RLock()  # guards all below
        self.saved = collections.defaultdict(dict)  # job: {hash of a state: step}
        self.sessions = {}                          # job: its newest session
        self.killed = {}                            # job: Kill
        self.server_kills = []  # monotonic
        self.restores, self.problems, self.losses, self.is_enough = 0, [], [], False
        witness = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                with contextlib.suppress(OSError, ValueError):
                    witness.hear(self)
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler, bind_and_activate=True)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def hear(self, connection):
        session = None
        for line in connection.rfile:
            message = json.loads(line)
            with self.lock:
                if "restored" in message:
                    session = self.begin(message)
                elif "saving" in message:
                    self.saved[message["job"]][message["hash"]] = message["saving"]
                    if not session.is_over:
                        session.saved.append((message["saving"], time.monotonic()))
                elif not session.is_over:
                    session.step = message["step"]
                answer = b"enough\n" if self.is_enough else b"go\n"
            connection.wfile.write(answer)

    def begin(self, message):
        job, step = message["job"], message["restored"]
        self.restores += bool(step)
        if step and self.saved[job].get(message["hash"]) != step:
            self.problems.append(f"{job} restored a step {step} that it had never saved")
        if job in self.killed:
            self.judge(job, step, self.killed.pop(job))
        self.sessions[job] = Session(step)
        return self.sessions[job]

    def judge(self, job, step, kill):
        if step < kill.committed:
            self.problems.append(f"{job} went back to step {step} after a kill of its {kill.victim}; {kill.committed} was "
                                 "committed")
        lost = [at for saved, at in kill.session.saved if saved > step]
        # Nobody commits while there is no server, and it takes a moment to serve again.
        is_excused = bool(lost) and any(lost[0] - 1 < at < kill.at for at in self.server_kills)
        self.losses.append(Loss(kill.victim, kill.session.step - step, len(lost), is_excused))

    def note_kill(self, job, committed, victim):
        """What a process had reached when it was killed; of several kills in a row the first counts."""
        with self.lock:
            session = self.sessions.get(job)
            if session and job not in self.killed:
                session.is_over = True
                self.killed[job] = Kill(session, committed, victim, time.monotonic())


class CheckpointStorm(KillStorm):
    """`run()` returns a list of problems; `kills` counts by victim, `kill_times` are when each began and was done."""

    save_every = 15

    def __init__(self, folder, store, kills, jobs=6, scale=20, seed=1):
        super().__init__(folder, jobs=jobs, scale=scale, seed=seed)
        self.wanted = collections.Counter(kills)
        self.store, self.witness, self.committed, self.kill_times = store, Witness(), {}, []
        self.herder.flags += store.flags
        self.herder.env.update(store.env)
        self.is_watching, self.told, self.committed_total = True, "", 0

    # ---- jobs -----------------------------------------------------------------------------------

    def submit_first(self):
        file = write_job(self.folder, "storm-0", source=ROOT / "tests/e2e/jobs/witnessed/train.py", step_time=0.1,
                         save_every=self.save_every, max_duration="1000h", max_cost="1000",
                         more=f"--witness {self.witness.port} --ballast 12 --name storm-0",
                         extra="recovery: {max_restarts_on_errors: 1000}\n")
        ended = self.herder.cli("launch", file, "-y", "-d")
        if ended.returncode != 0:
            raise RuntimeError(f"launch ended with {ended.returncode}: {ended.stderr}")
        self.names.append("storm-0")
        self.first = self.api.job("storm-0")["spec"]
        for number in range(1, self.wanted_jobs):
            # 12 MiB are two parts in the checkpoint's text; not all, so that the store keeps up.
            command = self.first["run"].replace("storm-0", f"storm-{number}")
            command = command if number % 2 == 0 else command.replace("--ballast 12", "--ballast 1")
            if number % 3:
                command = f"until {command.replace('exec ', '').strip()}; do sleep 0.1; done\n"
            self.spec = {**self.first, "run": command}
            self.submit()

    def keep_busy(self):
        """The jobs go on until the witness says that it is enough."""

    # ---- kills ----------------------------------------------------------------------------------

    def watch_commits(self):
        """What is committed, as the server says whenever it can be asked."""
        while self.is_watching:
            with contextlib.suppress(OSError, HttpError, ValueError, AttributeError):
                for job in self.api.jobs():
                    self.committed[job["name"]] = job["last_checkpoint_step"] or 0
            time.sleep(0.2)

    def processes(self, victim):
        """(process, job) of every trainer, or agent of a machine on which one runs."""
        for machine in self.market.alive():
            agent, trainers = None, []
            for pid in machine["pids"]:
                with contextlib.suppress(OSError):
                    words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                    if words[0].startswith("python3") and "--name" in words:
                        trainers.append((pid, words[words.index("--name") + 1]))
                    elif os.readlink(f"/proc/{pid}/exe").endswith("herder-agent"):
                        agent = pid
            for pid, job in trainers:
                if victim == "trainer":
                    yield pid, job
                elif agent:
                    yield agent, job

    def is_agent_missed(self):
        """Whether an agent's death has yet to be noticed, which takes three minutes' silence and a server that lives."""
        with self.witness.lock:
            waiting = [job for job, kill in self.witness.killed.items() if kill.victim == "agent"]
        status = {job["name"]: job["status"] for job in self.api.jobs()} if waiting else {}
        return any(status.get(job) == "running" for job in waiting)

    def strike(self, aim):
        time.sleep(self.draw.uniform(0.02, 0.7))
        if aim == "server":
            if self.is_agent_missed():
                return
            self.kill_server(aim)
            return
        found = list(self.processes(aim))
        if not found:
            return
        pid, job = self.draw.choice(found)
        committed = self.committed.get(job, 0)
        # Whoever is started in its place is not heard before the kill is noted.
        with contextlib.suppress(ProcessLookupError), self.witness.lock:
            began = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            self.kill_times.append((began, time.monotonic()))
            self.kills[aim] += 1
            self.witness.note_kill(job, committed, aim)

    def kill_server(self, aim):
        began = time.monotonic()
        self.witness.server_kills.append(began)
        self.herder.kill()
        self.kill_times.append((began, time.monotonic()))
        super().kill_server(aim)

    def storm(self, limit_s):
        threading.Thread(target=self.watch_commits, daemon=True).start()
        wait_for("the first commits", lambda: sum(step > 0 for step in self.committed.values()) > 1, limit_s)
        deadline = time.monotonic() + limit_s
        while left := [aim for aim in self.wanted for _ in range(self.wanted[aim] - self.kills[aim])]:
            if time.monotonic() > deadline:
                self.problems.append(f"not all kills happened in time: {dict(self.kills)}")
                return
            with contextlib.suppress(HttpError, OSError):
                self.strike(self.draw.choice(left))
            if len(left) % 50 == 0:
                self.tell(f"{len(left)} kills to go, {self.witness.restores} restores")

    # ---- the end --------------------------------------------------------------------------------

    def calm_down(self):
        """Each job gets to restore and to save before it is told that it is enough."""
        with contextlib.suppress(TimedOut):
            wait_for("all jobs to be back and to have saved",
                     lambda: not self.witness.killed and all(self.committed.get(name) for name in self.names),
                     self.left_s())
        self.is_watching = False
        self.witness.is_enough = True
        super().calm_down()
        self.check(not self.witness.killed, f"jobs that did not come back: {sorted(self.witness.killed)}")
        self.problems += self.witness.problems

    def check_jobs(self):
        for job in self.api.jobs():
            self.check(job["status"] == "succeeded", f"{job['name']} {job['status']}: {job['status_text']}")
            if job["status"] != "succeeded":
                continue
            pulled = self.folder / "pulled" / job["name"]
            ended = self.herder.cli("outputs", "pull", job["name"], pulled)
            self.check(ended.returncode == 0, f"{job['name']}'s outputs: {ended.stdout}{ended.stderr}")
            result = json.loads((pulled / "result.json").read_text())
            self.check(result["digest"] == chain_digest(result["steps"]), f"{job['name']} ended with a wrong result")
            ended = self.herder.cli("checkpoints", "verify", job["name"])
            self.check(ended.returncode == 0, f"{job['name']}'s newest checkpoint: {ended.stdout}{ended.stderr}")
            kinds = collections.Counter(event["kind"] for event in self.api.events(job["id"]))
            self.check(not kinds["checkpoint.quarantined"], f"a checkpoint of {job['name']} did not verify")
            self.committed_total += kinds["checkpoint.committed"]
        self.check(len(self.names) == self.wanted_jobs, f"{len(self.names)} jobs")

    def tell(self, text):
        if text != self.told:
            print(f"storm: {text}", file=sys.stderr, flush=True)
        self.told = text

    def stop(self):
        self.is_watching = False
        super().stop()
        self.witness.stop()

    def losses_of(self, victim):
        return [loss for loss in self.witness.losses if loss.victim == victim]


PART = re.compile(r"partNumber=(\d+)\S*?uploadId=([^&\s\"]+)|uploadId=([^&\s\"]+)\S*?partNumber=(\d+)")


class PartLog:
    """Which parts reached the store how often, and which were under way at a moment, from its log of requests."""

    def __init__(self):
        self.sent, self.arrived = collections.Counter(), collections.Counter()
        self.spans = collections.defaultdict(list)  # part: of each time that it was sent, whole or not
        self.arrivals = {}                          # part: when it was there first

    def add(self, upload, number, began, ended, is_whole):
        part = upload, number
        self.sent[part] += 1
        self.arrived[part] += is_whole
        self.spans[part].append((began, ended))
        if is_whole:
            self.arrivals[part] = min(ended, self.arrivals.get(part, ended))

    def again(self):
        return sum(count - 1 for count in self.sent.values())

    def arrived_again(self, uploads):
        """Of these uploads. What a dead sender began is looked at late by a busy store, and told as sent then."""
        return sum(max(0, count - 1) for (upload, _), count in self.arrived.items() if upload in uploads)

    def there_at(self, moment):
        return {part for part, arrival in self.arrivals.items() if arrival < moment}

    def under_way(self, kills, part=None):
        """So often, of one part or of all. A kill has the moments when it began and was done."""
        spans = self.spans[part] if part else [span for spans in self.spans.values() for span in spans]
        return sum(began <= last and first <= ended for first, last in kills for began, ended in spans)

    def unexplained(self, kills):
        """How often a part was sent, whole or not, beyond once and once more for each kill that found it under way."""
        beyond = {part: count - 1 - self.under_way(kills, part) for part, count in self.sent.items()}
        return {part: count for part, count in beyond.items() if count > 0}

    @classmethod
    def of_s3d(cls, lines):
        """Lines of `s3d --log-times`: microseconds of the monotonic clock."""
        log = cls()
        for line in lines:
            words = line.split(" ")
            told = dict(word.split("=", 1) for word in words if "=" in word)
            if len(words) > 3 and words[1] == "UploadPart" and words[3].find("/ckpt/") > 0 and "upload" in told:
                log.add(told["upload"], told["part"], int(told["began"]) / 1e6, int(words[0]) / 1e6, words[2] == "200")
        return log

    @classmethod
    def of_rgw(cls, lines, offset_s):
        """Lines of radosgw's log: the wall clock at a request's end, and how long it took."""
        log = cls()
        for line in lines:
            found = PART.search(line)
            if " beast: " not in line or "\"PUT " not in line or "/ckpt/" not in line or not found:
                continue
            latency = re.search(r"latency=([0-9.]+)s", line)
            ended = datetime.datetime.strptime(line.split(" ", 1)[0], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() + offset_s
            number, upload = (found[1], found[2]) if found[1] else (found[4], found[3])
            log.add(upload, number, ended - float(latency[1]) if latency else ended, ended, '" 200 ' in line)
        return log
