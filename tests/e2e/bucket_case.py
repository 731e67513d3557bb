"""A server whose storage is a bucket of s3d, for the end-to-end tests that need one."""
import re
import secrets
import subprocess
import time

import harness

S3D = harness.HERDER.parent / "s3d"


class Bucket(harness.Case):
    scale = 20
    page = 3  # entries of a listing

    def setUp(self):
        self.key, self.secret = "CANARYID" + secrets.token_hex(6), "canarysecret" + secrets.token_hex(20)
        self.s3d = self.port = None
        self.addCleanup(self.stop_s3d)
        super().setUp()

    def start_s3d(self, folder, *more):
        """At the same address each time."""
        self.port = self.port or harness.lasting_port()
        self.requests = folder / "s3d.log"
        url_file = folder / "s3d.url"
        self.s3d = subprocess.Popen(
            [S3D, "--bucket", "bucket", "--key", f"{self.key}:{self.secret}", "--page", str(self.page),
             "--region", "eu-test-1", "--log", self.requests, "--url-file", url_file, "--port", str(self.port), *more],
            stderr=subprocess.DEVNULL)
        harness.wait_for("s3d to serve", url_file.exists)
        return url_file.read_text().strip()

    def stop_s3d(self):
        if self.s3d:
            self.s3d.terminate()
            self.s3d.wait(30)

    def restart_s3d(self, *more):
        self.stop_s3d()
        (self.folder / "s3d.url").unlink()
        self.start_s3d(self.folder, *self.faults(), *more)

    def environment(self):
        kept = {name: "" for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION",
                                      "AWS_CA_BUNDLE", "SSL_CERT_FILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")}
        return {**super().environment(), **kept, "AWS_ACCESS_KEY_ID": self.key,
                "AWS_SECRET_ACCESS_KEY": self.secret}

    def new_server(self, flags=()):
        if not self.s3d:
            self.url = self.start_s3d(self.folder, *self.faults())
        return super().new_server([*self.storage(), *flags])

    def storage(self):
        return ["--storage", f"s3://bucket/runs?endpoint={self.url}"]

    def faults(self):
        return []

    def operations(self):
        """(operation, status, key, how it was signed) of every request so far."""
        for line in self.requests.read_text().splitlines():
            words = line.split(" ")
            if len(words) > 3 and words[1].isdigit():
                yield words[0], int(words[1]), words[2].removeprefix("bucket/"), words[3]

    def keys_of(self, operation, how="presigned", part="/ckpt/"):
        return [key for what, status, key, signed in self.operations()
                if what == operation and status in (200, 206) and signed == how and part in key]

    def restart_while_the_store_hangs(self):
        """As a rule stall_reply has it; a server that is told to end does not wait for its store."""
        harness.wait_for("the store to hang", lambda: " fault=stall_reply" in self.requests.read_text(), 240, 0.05)
        told = time.monotonic()
        self.assertEqual(self.herder.stop(), 0)
        self.assertLess(time.monotonic() - told, 30, "less than a call to the store may be silent")
        self.herder.start()

    def assert_struck(self, script):
        """Each rule of the fault script, by its kind and its operation."""
        struck = {(kind, on) for on, kind in re.findall(r"^(\w+) .* fault=(\w+)$", self.requests.read_text(), re.M)}
        struck |= {(kind, None) for kind, _ in struck}
        never = [rule for rule in script
                 if (re.match(r"\w+", rule)[0], (on := re.search(r" on=(\w+)", rule)) and on[1]) not in struck]
        self.assertEqual(never, [], f"never struck; those that did: {struck}")

    def assert_pulled(self, name, steps):
        pulled = super().assert_pulled(name, steps)
        # With what Python alone has, by the address that the server tells.
        self.assertEqual(self.api.output(name, "result.json"), (pulled / "result.json").read_bytes())
        return pulled
