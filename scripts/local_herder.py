"""A Herder server with its simulated market on this machine: started, asked, stopped as one.

Used by the demo and by the end-to-end tests. Everything lives in one folder; nothing outlives the
process that started it, whatever ends that process.
"""
import contextlib
import ctypes
import json
import os
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERDER = ROOT / "build/bin/herder"
FINISHED = ("succeeded", "failed", "cancelled")
PR_SET_PDEATHSIG = 1
PORT_TAKEN = re.compile("agents' listener .*Address already in use")


def fetch_signed(url, limit_s, tries=6):
    """The bytes behind a store's URL, or None if they are not there. A store may say no for a moment."""
    for left in reversed(range(tries)):
        try:
            with urllib.request.urlopen(url, timeout=limit_s) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            if error.code < 500 or not left:
                raise
        except OSError:
            if not left:
                raise


class HttpError(Exception):
    """An answer that is not 2xx; `body` is its JSON, or {} when it had none."""

    def __init__(self, method, path, status, text):
        self.status, self.text = status, text
        try:
            self.body = json.loads(text)
        except ValueError:
            self.body = {}
        detail = self.body.get("detail") or self.body.get("error") or text[:200]
        super().__init__(f"{method} {path}: {status} {detail}")


class TimedOut(Exception):
    """Something awaited did not happen in time."""


def wait_for(what, probe, limit_s=120.0, every_s=0.1):
    """Polls until probe() is truthy and returns that; connection errors count as not yet."""
    deadline, last = time.monotonic() + limit_s, None
    while True:
        try:
            last = probe()
            if last:
                return last
        except (OSError, HttpError) as error:
            last = error
        if time.monotonic() > deadline:
            raise TimedOut(f"waited {limit_s:.0f} s for {what}; last seen: {last!r}")
        time.sleep(every_s)


class JsonClient:
    """One attempt a call; answers are parsed JSON."""

    def __init__(self, url, token="", limit_s=30.0):
        self.url, self.token, self.limit_s = url.rstrip("/"), token, limit_s

    def text(self, method, path, body=None, headers=None):
        return self.bytes(method, path, body, headers).decode("utf-8", "replace")

    def bytes(self, method, path, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers or {})
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        status, headers, content = self._exchange(request)
        self.seen(request, status, headers, content)
        if status >= 300:
            raise HttpError(method, path, status, content.decode("utf-8", "replace"))
        return content

    def _exchange(self, request):
        try:
            with urllib.request.urlopen(request, timeout=self.limit_s) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def seen(self, request, status, headers, content):
        """Called with every answer."""

    def call(self, method, path, body=None, headers=None):
        text = self.text(method, path, body, headers)
        return json.loads(text) if text.strip() else {}

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None, headers=None):
        return self.call("POST", path, {} if body is None else body, headers)


class Api(JsonClient):
    """The server's public interface (src/api/openapi.yaml)."""

    def seen(self, request, status, headers, content):
        """Adds a line to the record that scripts/check_api.py reads, where one is asked for."""
        record = os.environ.get("HERDER_API_RECORD")
        if not record:
            return
        url = urllib.parse.urlsplit(request.full_url)
        content_type = headers.get("Content-Type", "")
        line = {"method": request.get_method(), "path": urllib.parse.unquote(url.path),
                "query": dict(urllib.parse.parse_qsl(url.query)), "has_token": bool(self.token),
                "request_body": (request.data or b"").decode(), "status": status, "content_type": content_type,
                "headers": dict(headers.items()),
                "body": content.decode("utf-8", "replace") if "octet-stream" not in content_type else ""}
        with open(record, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def output(self, job, path):
        """The bytes of one output file, or None if the job left none of that name."""
        place = f"/api/v1/jobs/{urllib.parse.quote(job)}/outputs/{urllib.parse.quote(path)}"
        try:
            # By a redirect urllib would take the token along to the store, which refuses it beside a signature.
            url = self.get(place + "?link=true")["url"]
            if url is None:
                return self.bytes("GET", place)
        except HttpError:
            return None
        return fetch_signed(url, self.limit_s)

    def job(self, job):
        return self.get(f"/api/v1/jobs/{urllib.parse.quote(job)}")

    def all(self, path):
        """The items of every page of a list."""
        items, cursor = [], None
        while True:
            mark = "&" if "?" in path else "?"
            page = self.get(path + (f"{mark}cursor={urllib.parse.quote(cursor)}" if cursor else ""))
            items += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return items

    def jobs(self):
        return self.all("/api/v1/jobs?all=true&limit=200")

    def events(self, job):
        """Every event of the job, oldest first."""
        events, after = [], 0
        while True:
            page = self.get(f"/api/v1/jobs/{job}/events?after={after}&limit=500")["items"]
            events += page
            if not page:
                return events
            after = page[-1]["seq"]

    def logs(self, job, stream="out"):
        return self.text("GET", f"/api/v1/jobs/{job}/logs?stream={stream}&attempt=all")

    def act(self, job, verb):
        return self.post(f"/api/v1/jobs/{job}/{verb}")

    def submit(self, spec, key):
        return self.post("/api/v1/jobs", {"spec": spec}, {"Idempotency-Key": key})


class Market(JsonClient):
    """The market's admin interface, which tells the truth (docs/vastsim.md)."""

    def machines(self):
        return self.get("/admin/machines")["machines"]

    def alive(self):
        """Contracts that still exist or have a process."""
        return [m for m in self.machines() if m["state"] not in ("destroyed", "phantom") or m["pids"]]

    def bill(self):
        return self.get("/admin/bill")

    def outbid(self, contract):
        """Takes the machine at once; when this returns no process of it is left."""
        return self.post(f"/admin/outbid/{contract}")

    def fault(self, name, **setting):
        return self.post("/admin/faults", {"name": name, **setting})

    def clear_faults(self):
        return self.post("/admin/faults", {"clear": True})

    def log(self, contract):
        return self.text("GET", f"/admin/log/{contract}")


def die_with_parent():
    """Runs in a child before its program: it gets SIGTERM when the parent ends, however it ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def lasting_port():
    """A free port that is given to nobody who asks for any: it is free still when its program is started again."""
    first, last = map(int, pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    outside = [port for port in range(10_000, 1 << 16) if not first <= port <= last]
    last = None
    for _ in range(100):
        port = secrets.choice(outside or range(10_000, 1 << 16))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError as error:
                last = error
    raise RuntimeError(f"none of 100 ports of 127.0.0.1 can be bound; the last one, {port}: {last}")


def clean_environment(**more):
    """This process's environment without anything that would lead a herder elsewhere."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HERDER_", "VAST_", "XDG_"))}
    if "HERDER_PYTHON" in os.environ:
        kept["HERDER_PYTHON"] = os.environ["HERDER_PYTHON"]
    return {**kept, **{k: str(v) for k, v in more.items()}}


@contextlib.contextmanager
def frozen(pid):
    """The process keeps every connection and does nothing meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


class Service:
    """One of our programs as a child in a session of its own, its output in a file."""

    def __init__(self, command, log, env=None, keep=False, folder=None):
        self.command, self.log = [str(c) for c in command], pathlib.Path(log)
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                self.command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, cwd=folder, preexec_fn=None if keep else die_with_parent)

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def wait_ready(self, probe, limit_s=30.0):
        """probe() until truthy; a program that ended instead is an error with its last words."""
        def ready():
            if not self.is_running():
                raise RuntimeError(f"{' '.join(self.command[:3])} ended with status "
                                   f"{self.process.returncode}:\n{self.last_words()}")
            return probe()
        return wait_for(" ".join(self.command[:2]) + " to be ready", ready, limit_s, every_s=0.05)

    def last_words(self, lines=15):
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def kill(self):
        """SIGKILL, without a chance to clean up."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()

    def stop(self, limit_s=60.0):
        """SIGTERM, then SIGKILL of all of its session."""
        if self.is_running():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(limit_s)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        return self.process.returncode


class LocalHerder:
    """`herder up` on a data folder; with demo=True the market is in the same process.

    After start(): `url`, `api`, and with a market in the process also `market`.
    """

    def __init__(self, folder, demo=True, flags=(), env=None, keep=False):
        self.folder = pathlib.Path(folder).resolve()
        self.data = self.folder / "state"
        self.flags, self.keep, self.demo = [str(f) for f in flags], keep, demo
        self.env = clean_environment(HERDER_DATA_DIR=self.data, **(env or {}))
        self.service = self.api = self.market = None
        self.url = self.market_url = ""

    def start(self, limit_s=90.0):
        self.folder.mkdir(parents=True, exist_ok=True)
        # Until the first start somebody else may take the port that was chosen for agents.
        for left in reversed(range(1 if self.agent_file.exists() else 5)):
            try:
                return self._start(limit_s)
            except RuntimeError as error:
                if not left or not PORT_TAKEN.search(str(error)):
                    raise
                self.agent_file.unlink()

    def _start(self, limit_s):
        self.server_file.unlink(missing_ok=True)
        command = [HERDER, "up", *(["--demo"] if self.demo else []), "--data-dir", self.data,
                   "--listen", "127.0.0.1:0", "--agent-listen", self._agent_listen(), *self.flags]
        # In its own folder, so that the files of limits and the like that it finds are the test's.
        self.service = Service(command, self.folder / "server.log", self.env, self.keep, self.folder)
        try:
            self.service.wait_ready(self._serves, limit_s)
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def server_file(self):
        return self.data / "server.json"

    @property
    def agent_file(self):
        return self.folder / "agent-listen"

    def _agent_listen(self):
        """The same at every start, since the machines know only that one."""
        if not self.agent_file.exists():
            self.agent_file.write_text(f"127.0.0.1:{lasting_port()}")
        return self.agent_file.read_text()

    def _serves(self):
        if not self.server_file.exists():
            return False
        found = json.loads(self.server_file.read_text())
        if found.get("pid") != self.service.pid:
            return False
        self.url, self.market_url = found["url"], found.get("market_url", "")
        token = (self.data / "token").read_text().strip()
        self.api = Api(self.url, token)
        if self.market_url:
            self.market = Market(self.market_url)
        return self.api.get("/api/v1/health").get("leading")

    def kill(self):
        self.service.kill()

    def stop(self):
        return self.service.stop() if self.service else None

    def cli(self, *arguments, limit_s=120, **options):
        """Runs `herder ARGUMENTS` against this server."""
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        return subprocess.run([HERDER, *(str(a) for a in arguments)], env=self.env, text=True, errors="replace",
                              capture_output=True, timeout=limit_s, check=False, **options)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class LocalMarket:
    """`herder vastsim` as a process of its own, for tests in which the server is killed."""

    def __init__(self, folder, flags=()):
        self.folder, self.flags = pathlib.Path(folder), flags
        self.service = self.market = None
        self.url = ""

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.service = Service([HERDER, "vastsim", "--listen", "127.0.0.1:0", *self.flags],
                               self.folder / "market.log", clean_environment())
        self.url = self.service.wait_ready(self._printed_url)
        self.market = Market(self.url)
        return self

    def _printed_url(self):
        for word in self.service.log.read_text(errors="replace").replace('"', " ").replace("=", " ").split():
            if word.startswith("http://"):
                return word.rstrip(".,")
        return ""

    def stop(self):
        return self.service.stop() if self.service else None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
