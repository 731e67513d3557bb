#!/usr/bin/python3
"""Starts an Azurite for one command, by default the suites of tests/conformance for Azure.

Its data is in memory, it listens on a free loopback port, and nothing of it is left at the end.
"""
import argparse
import base64
import datetime
import hashlib
import hmac
import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ACCOUNT = "herdertest"
CONTAINER = "box"
READY_LIMIT_S = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_azurite():
    found = shutil.which("azurite-blob")
    folder = ROOT / "build/azurite"
    own = folder / "node_modules/.bin/azurite-blob"
    if found or own.is_file():
        return found or str(own)
    if shutil.which("npm") is None:
        sys.exit("azurite: there is neither azurite-blob nor npm; see tests/azurite/README.md")
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), "azurite"], check=True)
    return str(own)


def create_container(url, key):
    """A third reading of Shared Key, which only has to be right for this one request."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
    version = "2021-08-06"
    text = "PUT" + "\n" * 12 + f"x-ms-date:{now}\nx-ms-version:{version}\n/{ACCOUNT}/{ACCOUNT}/{CONTAINER}\nrestype:container"
    signature = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
    request = urllib.request.Request(f"{url}/{ACCOUNT}/{CONTAINER}?restype=container", method="PUT", headers={
        "x-ms-date": now, "x-ms-version": version, "Authorization": f"SharedKey {ACCOUNT}:{signature}"})
    with urllib.request.urlopen(request, timeout=60):
        pass


def wait_until_it_answers(process, url):
    limit = time.monotonic() + READY_LIMIT_S
    while time.monotonic() < limit:
        if process.poll() is not None:
            sys.exit("azurite: it has ended; its output is above")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"azurite: it did not answer within {READY_LIMIT_S} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", nargs="*", help="default: the conformance suites of the dev build")
    wish = parser.parse_args()
    command = wish.command or [str(ROOT / "build/dev/bin/herder_az_real_test")]
    program = find_azurite()
    for name in ("SSL_CERT_FILE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        os.environ.pop(name, None)
    key = secrets.token_bytes(32)
    key_text = base64.b64encode(key).decode()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="azurite-") as folder:
        # Without --disableTelemetry it dials out.
        server = subprocess.Popen(
            [program, "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--silent", "--blobHost",
             "127.0.0.1", "--blobPort", str(port)], cwd=folder, env={**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{key_text}"})
        try:
            wait_until_it_answers(server, url)
            create_container(url, key)
            env = {**os.environ, "HERDER_TEST_AZ": f"az://{ACCOUNT}/{CONTAINER}?endpoint={url}",
                   "AZURE_STORAGE_KEY": key_text}
            for name in ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_SAS_TOKEN"):
                env.pop(name, None)
            sys.exit(subprocess.run(command, env=env, check=False).returncode)
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
