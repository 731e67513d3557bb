#!/usr/bin/python3
"""boto3 and the aws CLI read what our runs left in a bucket, and the bucket alone brings the runs back.

Two jobs run over the bucket of $HERDER_TEST_S3 (tests/rgw/run.py starts one): one is moved and ends, one is paused.
Optional and outside the gate: it installs both clients from PyPI into build/s3_clients.

usage: tests/rgw/run.py -- tests/rgw/plain_clients.py
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import unittest
import urllib.parse
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CLIENTS = ROOT / "build" / "s3_clients"
PACKAGES = ["boto3==1.43.11", "awscli==1.45.11"]  # PyPI, 2026
FOREIGN = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_PROFILE", "AWS_SESSION_TOKEN",
           "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
PREFIX = "team/runs"
STEPS = 120
# What a lost database cannot tell again: nobody wrote into the bucket what a run cost and when its attempts were.
NOT_IN_THE_BUCKET = {"status", "status_text", "stopping", "ended_at", "ran_seconds", "attempts", "attempt_list", "gpu",
                     "price_per_hour", "cost", "charged", "committed_checkpoints", "reason", "exit_code", "step"}


def enter_environment():
    """Runs this script again inside a virtual environment that has the clients."""
    python = CLIENTS / "bin" / "python"
    if not python.exists():
        venv.create(CLIENTS, with_pip=True)
    installed = subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], capture_output=True, text=True,
                               check=False)
    if installed.returncode != 0:
        sys.exit(f"the clients cannot be installed: {installed.stderr.strip()[-300:]}")
    os.execv(python, [str(python), __file__, "--inside", *sys.argv[1:]])


def bytes_below(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in pathlib.Path(folder).rglob("*") if path.is_file()}


class Boto3:
    """The objects below the prefix, by Python's client."""

    def __init__(self, bucket, endpoint):
        import boto3
        from botocore.config import Config
        self.bucket = bucket
        self.s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1",
                               config=Config(s3={"addressing_style": "path"}))

    def sizes(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=PREFIX + "/",
                                                                  PaginationConfig={"PageSize": 7})
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def read_all(self, folder):
        for key in self.sizes():
            path = pathlib.Path(folder, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            self.s3.download_file(self.bucket, key, str(path))
        return bytes_below(folder)


class AwsCli:
    """The same by the command."""

    def __init__(self, bucket, endpoint):
        self.bucket, self.endpoint = bucket, endpoint

    def call(self, *words):
        done = subprocess.run([CLIENTS / "bin" / "aws", "--endpoint-url", self.endpoint, "--region", "us-east-1", *words],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"aws {' '.join(map(str, words))}: {done.returncode} {done.stderr}")
        return done.stdout

    def sizes(self):
        lines = self.call("s3", "ls", "--recursive", f"s3://{self.bucket}/{PREFIX}/").splitlines()
        return {key: int(size) for _, _, size, key in (line.split(None, 3) for line in lines)}

    def read_all(self, folder):
        self.call("s3", "cp", "--quiet", "--recursive", f"s3://{self.bucket}/{PREFIX}/", f"{folder}/{PREFIX}/")
        return bytes_below(folder)


if "--inside" in sys.argv:
    sys.argv.remove("--inside")
    sys.path.insert(0, str(ROOT / "tests/e2e"))
    import harness

    class PlainClients(harness.Case):
        """One test, because the jobs are dear: each part uses what the one before left."""

        def environment(self):
            return {**super().environment(), **{name: "" for name in FOREIGN}}

        def new_server(self, flags=()):
            place = urllib.parse.urlsplit(os.environ["HERDER_TEST_S3"])
            self.bucket = place.netloc
            self.endpoint = urllib.parse.parse_qs(place.query)["endpoint"][0]
            self.location = f"s3://{self.bucket}/{PREFIX}?endpoint={self.endpoint}"
            return super().new_server(["--storage", self.location, *flags])

        def say(self, *words):
            ended = self.herder.cli(*words)
            self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
            return ended.stdout

        def run_jobs(self):
            """One job that loses its machine in the middle, and one that is paused in the middle."""
            self.launch("moved", steps=STEPS, step_time=0.1, more="--ballast 24")  # 32 MiB and some: three parts
            self.launch("paused", steps=3000, step_time=0.1)
            self.wait_checkpoint("moved", beyond=20, limit_s=300)
            self.market.outbid(self.contract_of("moved"))
            self.wait_checkpoint("paused", beyond=20, limit_s=300)
            self.api.act("paused", "pause")
            self.wait_status("paused", "paused", limit_s=300)
            job = self.wait_finished("moved", limit_s=600)
            self.assertEqual(job["status"], "succeeded", job["status_text"])
            self.assertGreaterEqual(len(job["attempt_list"]), 2)
            for name in ("moved", "paused"):
                self.wait_logs_stored(name)

        def checkpoints(self, job, *states):
            listed = json.loads(self.say("checkpoints", "ls", job, "-o", "json"))
            return [one for one in listed if one["state"] in states]

        def shown(self, job, checkpoint):
            """All that the server tells of it, but where retention stands, whether a restore has compared it, which only
            the database knows, and the time, which here runs fast."""
            told = json.loads(self.say("checkpoints", "show", job, checkpoint["id"], "-o", "json"))
            return {key: value for key, value in told.items() if key not in ("state", "verified", "committed_at")}

        def view(self):
            """What the server says of all runs, without what is only in its database."""
            seen = {}
            for job in self.api.jobs():
                # What was retired stays in the bucket for an hour, and a rebuilt server takes it up as well.
                checkpoints = [self.shown(job["name"], one)
                               for one in self.checkpoints(job["name"], "committed", "deleting")]
                outputs = json.loads(self.say("outputs", "ls", job["name"], "-o", "json"))
                detail = self.api.job(job["name"])
                seen[job["name"]] = {"job": {k: v for k, v in detail.items() if k not in NOT_IN_THE_BUCKET},
                                     "ended_well": job["status"] == "succeeded", "checkpoints": checkpoints,
                                     "outputs": outputs}
            return seen

        def assert_same_bytes(self, client):
            """Each file of each checkpoint, and each output, as the plain client read it and as Herder downloads it."""
            name = type(client).__name__.lower()
            read = client.read_all(self.folder / name)
            self.assertEqual({key: len(content) for key, content in read.items()}, client.sizes())
            files = 0
            for job in self.api.jobs():
                place = f"{PREFIX}/v1/default/{job['id']}"
                for checkpoint in self.checkpoints(job["name"], "committed"):
                    manifest = json.loads(read[f"{place}/ckpt/{checkpoint['name']}/manifest.json"])
                    plain = {file["path"]: read[f"{place}/ckpt/{checkpoint['name']}/{file['object']}"]
                             for file in manifest["files"]}
                    to = self.folder / name / "ours" / job["name"] / checkpoint["id"]
                    self.say("checkpoints", "download", job["name"], checkpoint["id"], "--to", to)
                    self.assertEqual({k: hashlib.sha256(v).hexdigest() for k, v in plain.items()},
                                     {k: hashlib.sha256(v).hexdigest() for k, v in bytes_below(to).items()})
                    files += len(plain)
                if job["status"] == "succeeded":
                    result = json.loads(read[f"{place}/outputs/result.json"])
                    self.assertEqual(result["digest"], harness.chain_digest(STEPS))
            print(f"{name}: {len(read)} objects listed and read, {sum(map(len, read.values())) / 1e6:.0f} MB; "
                  f"{files} files of checkpoints are byte for byte what herder downloads", flush=True)
            return files

        def begin_anew(self, *kept):
            """A server on an empty data folder, with nothing of the old one but what is named."""
            self.herder.stop()
            old = self.herder.data
            number = len(list(self.folder.glob("lost-*")))
            lost = self.folder / f"lost-{number}"
            old.rename(lost)
            old.mkdir(mode=0o700)
            for name in kept:
                (old / name).write_bytes((lost / name).read_bytes())
                (old / name).chmod(0o600)
            self.herder.start()

        def assert_rebuilt(self, before, *flags):
            self.assertEqual(self.api.jobs(), [])
            print(self.say("storage", "rebuild", *flags), end="", flush=True)
            self.maxDiff = None
            self.assertEqual(self.view(), before)

        def test_what_runs_leave_in_a_bucket(self):
            self.run_jobs()
            for client in (Boto3, AwsCli):
                self.assertGreaterEqual(self.assert_same_bytes(client(self.bucket, self.endpoint)), 8)
            self.assertEqual(Boto3(self.bucket, self.endpoint).sizes(), AwsCli(self.bucket, self.endpoint).sizes())
            before = self.view()
            self.assertEqual(sorted(before), ["moved", "paused"])
            with self.subTest("with the cluster's name, key and certificate"):
                self.begin_anew("cluster-name", "cluster-key", "agent-tls.pem")
                self.assert_rebuilt(before)
            with self.subTest("with nothing but the bucket"):
                self.herder.stop()
                AwsCli(self.bucket, self.endpoint).call("s3", "rm", f"s3://{self.bucket}/{PREFIX}/server.json")
                self.begin_anew()
                self.assertEqual(json.loads(self.say("storage", "rebuild", "--dry-run", "-o", "json")), [])
                self.assert_rebuilt(before, "--trust-all")
            self.assert_market_empty(limit_s=300)
            self.say("resume", "paused")
            job = self.wait_checkpoint("paused", beyond=before["paused"]["job"]["last_checkpoint_step"], limit_s=400)
            self.assertEqual(job["attempt_list"][-1]["resumed_step"], before["paused"]["job"]["last_checkpoint_step"])
            self.api.act("paused", "cancel")
            self.wait_finished("paused", limit_s=300)


if __name__ == "__main__":
    if "HERDER_TEST_S3" not in os.environ:
        sys.exit(__doc__)
    if "harness" not in globals():
        enter_environment()
    for unwanted in FOREIGN:
        os.environ.pop(unwanted, None)
    unittest.main(verbosity=2)
