#!/usr/bin/python3
"""What an application of Entra ID may do at an Azurite: `herder storage probe` with its token and its delegation key.

Azurite takes tokens over https alone, so it has a certificate of its own, and reads them without checking who signed them.
"""
import base64
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

HERDER = run.ROOT / "build/bin/herder"


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


def probe(folder, url):
    tokens = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
    threading.Thread(target=tokens.serve_forever, daemon=True).start()
    env = {name: value for name, value in os.environ.items() if not name.startswith("AZURE_")}
    env.update({"AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "application", "AZURE_CLIENT_SECRET": "secret",
                "AZURE_AUTHORITY_HOST": f"http://127.0.0.1:{tokens.server_address[1]}",
                "SSL_CERT_FILE": str(folder / "cert.pem")})
    place = f"az://{run.ACCOUNT}/{run.CONTAINER}/runs?endpoint={url}"
    return subprocess.run([HERDER, "--data-dir", folder / "data", "storage", "add", "box", place, "--ca-file",
                           folder / "cert.pem"], env=env, check=False).returncode


def main():
    program = run.find_azurite()
    key = secrets.token_bytes(32)
    port = run.free_port()
    url = f"https://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="azurite-") as name:
        folder = pathlib.Path(name)
        trusted = ssl.create_default_context(cafile=make_certificate(folder))
        urllib.request.install_opener(urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusted)))
        server = subprocess.Popen(
            [program, "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--silent", "--oauth", "basic",
             "--cert", folder / "cert.pem", "--key", folder / "key.pem", "--blobHost", "127.0.0.1", "--blobPort", str(port)],
            cwd=folder, env={**os.environ, "AZURITE_ACCOUNTS": f"{run.ACCOUNT}:{base64.b64encode(key).decode()}"})
        try:
            run.wait_until_it_answers(server, url)
            run.create_container(url, key)
            sys.exit(probe(folder, url))
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
