"""An orchestrator of a few lines: gives one agent one job over plain HTTP, and keeps what it hears.

For what concerns the agent alone: its size and memory, and where it runs. It rents nothing and stores nothing.
"""
import http.server
import json
import os
import threading
import urllib.parse


class PretendOrchestrator:
    """`run` is the job's script, `more` of its description. After start(): `url`; later `phases`, `log`, `outcome`."""

    def __init__(self, run, report_every_s=1, more=None):
        self.spec, self.report_every_s = {"run": run, **(more or {})}, report_every_s
        self.phases, self.log, self.outcome, self.stored = [], b"", None, b""
        self.changed = threading.Condition()
        orchestrator = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                text = json.dumps(orchestrator.answer(self.path, body)).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            do_POST = do_PUT = answer
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, path, body):
        with self.changed:
            self.changed.notify_all()
            if path.endswith("/join"):
                return {"protocol": 1, "session_key": "k", "job": 1, "fence": 1}
            if path.startswith("/stored/"):
                self.stored = body
                return {}
            if "/logs" in path:
                offset = int(urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)["offset"][0])
                if "stdout" in path:
                    self.log = self.log[:offset] + body
                return {"next": offset + len(body)}
            report = json.loads(body)
            self.phases.append(report["phase"])
            self.outcome = report.get("outcome") or self.outcome
            orders = {"report_every_us": int(self.report_every_s * 1e6)}
            if report["phase"] == "joined":
                orders["assignment"] = {"job": 1, "spec": self.spec}
            return {"orders": orders, "outcome_url": f"{self.url}/stored/outcome"}

    def wait(self, what, holds, limit_s=240):
        with self.changed:
            if not self.changed.wait_for(holds, limit_s):
                raise TimeoutError(f"waited {limit_s} s for {what}; phases {self.phases}, log {self.log!r}")

    def environment(self, home):
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HERDER_URLS": self.url, "HERDER_INTENT": "i1",
                "HERDER_JOIN_TOKEN": "0123456789abcdef", "HERDER_HOME": str(home)}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
