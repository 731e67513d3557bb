#!/usr/bin/python3
"""An application of Entra ID at an Azurite: the probe, and a real job over it, moved once, with its token and its delegation key.

Azurite takes tokens over https alone, so it has a certificate of its own, and reads them without checking who signed them.
"""
import base64
import contextlib
import http.server
import json
import os
import pathlib
import secrets
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import run

sys.path.insert(0, str(run.ROOT / "tests/e2e"))
import harness  # noqa: E402

SECRET = secrets.token_hex(20)


class Tokens(http.server.BaseHTTPRequestHandler):
    def do_POST(self):  # noqa: N802
        self.rfile.read(int(self.headers["Content-Length"]))
        now = int(time.time())
        claims = {"aud": "https://storage.azure.com", "iss": "https://sts.windows.net/tenant/", "iat": now, "nbf": now - 60,
                  "exp": now + 3600, "oid": "object", "tid": "tenant"}
        parts = [{"alg": "RS256", "typ": "JWT"}, claims, "unread"]
        token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        answer = json.dumps({"expires_in": 3600, "access_token": token}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
                    "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                   cwd=folder, check=True, capture_output=True)
    return str(folder / "cert.pem")


@contextlib.contextmanager
def account():
    """An Azurite with an account; gives its folder, its location, and the environment of who may use it."""
    key = secrets.token_bytes(32)
    port = run.free_port()
    url = f"https://127.0.0.1:{port}"
    tokens = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
    threading.Thread(target=tokens.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="azurite-") as name:
        folder = pathlib.Path(name)
        trusted = ssl.create_default_context(cafile=make_certificate(folder))
        urllib.request.install_opener(urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusted)))
        server = subprocess.Popen(
            [run.find_azurite(), "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--silent",
             "--oauth", "basic", "--cert", folder / "cert.pem", "--key", folder / "key.pem", "--blobHost", "127.0.0.1",
             "--blobPort", str(port)],
            cwd=folder, env={**os.environ, "AZURITE_ACCOUNTS": f"{run.ACCOUNT}:{base64.b64encode(key).decode()}"})
        try:
            run.wait_until_it_answers(server, url)
            run.create_container(url, key)
            yield folder, f"az://{run.ACCOUNT}/{run.CONTAINER}/runs?endpoint={url}", {
                **{name: "" for name in os.environ if name.startswith("AZURE_")},
                "AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "application", "AZURE_CLIENT_SECRET": SECRET,
                "AZURE_AUTHORITY_HOST": f"http://127.0.0.1:{tokens.server_address[1]}",
                "SSL_CERT_FILE": str(folder / "cert.pem")}
        finally:
            server.kill()
            server.wait()
            tokens.shutdown()
            tokens.server_close()


class Application(harness.Case):
    """The server keeps its files there."""

    def setUp(self):
        self.certificates, self.location, self.env = self.enterContext(account())
        super().setUp()

    def environment(self):
        return {**super().environment(), **self.env}

    def new_server(self, flags=()):
        stranger = harness.LocalHerder(self.folder, demo=False, env=self.environment())
        ended = stranger.cli("storage", "add", "own", self.location, "--ca-file", self.certificates / "cert.pem")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertIn("signed URLs bind key and verb", ended.stdout)
        print(ended.stdout)
        return super().new_server(["--storage", "own", *flags])

    def test_a_job_moves_and_its_server_is_started_again(self):
        self.launch("moved", steps=120, step_time=0.08, more="--ballast 24")
        self.wait_checkpoint("moved", beyond=20, limit_s=240)
        # Now the record says all that would be asked at the start, and the key is fetched behind it.
        self.herder.stop()
        self.herder.start()
        self.market.outbid(self.contract_of("moved"))
        job = self.wait_finished("moved", limit_s=400)
        self.assertEqual(job["status"], "succeeded", job["status_text"])
        self.assertGreaterEqual(job["attempt_list"][1]["resumed_step"], 20)
        ended = self.herder.cli("checkpoints", "verify", "moved")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertNotIn(SECRET, self.herder.service.log.read_text(errors="replace"))


if __name__ == "__main__":
    harness.main()
