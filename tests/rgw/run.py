#!/usr/bin/python3
"""Starts a Ceph RGW of Debian's packages for one command, by default the suites of tests/conformance.

The cluster is one monitor, one OSD that keeps everything in memory, and the gateway, all as this user on
free loopback ports in a temporary folder. Nothing of it is left at the end.
"""
import argparse
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
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAMS = ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "monmaptool", "ceph"]
READY_LIMIT_S = 300
# A proxy, a foreign CA or another account of the environment is not meant for a server on this machine.
FOREIGN = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_PROFILE", "AWS_SESSION_TOKEN",
           "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY",
           "ALL_PROXY")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def signed(method, url, key, secret):
    """A request with an empty body, signed by hand: the bucket must exist before any client."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    host, _, path = url.removeprefix("http://").partition("/")
    empty = hashlib.sha256(b"").hexdigest()
    names = "host;x-amz-content-sha256;x-amz-date"
    canonical = (f"{method}\n/{path}\n\nhost:{host}\nx-amz-content-sha256:{empty}\nx-amz-date:{now}\n\n{names}\n"
                 f"{empty}")
    scope = f"{now[:8]}/us-east-1/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    derived = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        derived = hmac.new(derived, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(derived, text.encode(), hashlib.sha256).hexdigest()
    return urllib.request.Request(url, method=method, headers={
        "x-amz-date": now, "x-amz-content-sha256": empty,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/{scope},SignedHeaders={names},Signature={signature}"})


class Cluster:
    """The three daemons and the folder that they live in."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.conf = self.folder / "ceph.conf"
        self.port = free_port()
        self.running = []
        self.key, self.secret = "herdertest", secrets.token_hex(20)
        self.env = {**os.environ, "CEPH_CONF": str(self.conf)}

    def write_conf(self):
        mon = free_port()
        self.mon_address = f"127.0.0.1:{mon}"
        (self.folder / "mon").mkdir()
        (self.folder / "osd").mkdir()
        self.conf.write_text(f"""[global]
fsid = {uuid.uuid4()}
mon_host = v1:{self.mon_address}
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = {self.folder}
admin_socket = {self.folder}/$name.$pid.asok
pid_file =
log_file = {self.folder}/$name.log
mon_cluster_log_file = {self.folder}/cluster.log
mon_data = {self.folder}/mon
osd_data = {self.folder}/osd
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_crush_update_on_start = true
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_osd_full_ratio = 0.99
mon_osd_nearfull_ratio = 0.98
mon_osd_backfillfull_ratio = 0.98
mon_data_avail_crit = 1
crash_dir = {self.folder}
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr2 = false
rgw_data = {self.folder}
rgw_frontends = beast endpoint=127.0.0.1:{self.port}
rgw_enable_apis = s3, sts, admin
rgw_enable_usage_log = false
rgw_run_sync_thread = false
# What was deleted leaves the memory soon.
rgw_gc_obj_min_wait = 20
rgw_gc_processor_period = 20
rgw_gc_processor_max_time = 20
""")

    def call(self, *words, limit=120):
        done = subprocess.run([*words, "-c", str(self.conf)], env=self.env, capture_output=True, text=True,
                              timeout=limit, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def daemon(self, *words):
        log = open(self.folder / f"{words[0]}.out", "wb")
        self.running.append(subprocess.Popen([*words, "-c", str(self.conf), "-f"], env=self.env, stdout=log,
                                             stderr=subprocess.STDOUT))

    def start(self):
        self.write_conf()
        monmap = str(self.folder / "monmap")
        fsid = self.conf.read_text().split("fsid = ")[1].split()[0]
        subprocess.run(["monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v1:{self.mon_address}]", monmap],
                       check=True, capture_output=True)
        self.call("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap)
        self.daemon("ceph-mon", "-i", "a")
        number = self.call("ceph", "osd", "new", osd_id := str(uuid.uuid4())).strip()
        self.call("ceph-osd", "--mkfs", "-i", number, "--osd-uuid", osd_id)
        self.daemon("ceph-osd", "-i", number)
        self.daemon("radosgw", "-n", "client.rgw")
        self.wait_for_gateway()
        self.call("radosgw-admin", "user", "create", "--uid=herder", "--display-name=herder",
                  f"--access-key={self.key}", f"--secret-key={self.secret}")
        with urllib.request.urlopen(signed("PUT", f"{self.url}/bucket", self.key, self.secret), timeout=60):
            pass

    @property
    def environment(self):
        """For a command that is to use the bucket; the log has a line for each request."""
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        return {**kept, "HERDER_TEST_S3": f"s3://bucket?endpoint={self.url}", "AWS_ACCESS_KEY_ID": self.key,
                "AWS_SECRET_ACCESS_KEY": self.secret}

    @property
    def log(self):
        return self.folder / "client.rgw.log"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def wait_for_gateway(self):
        limit = time.monotonic() + READY_LIMIT_S
        while time.monotonic() < limit:
            ended = [p.args[0] for p in self.running if p.poll() is not None]
            if ended:
                raise RuntimeError(f"{ended[0]} has ended; see its log below")
            try:
                with urllib.request.urlopen(self.url, timeout=5):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"the gateway did not answer within {READY_LIMIT_S} s")

    def stop(self):
        for process in reversed(self.running):
            process.kill()
            process.wait()

    def tails(self):
        for path in sorted(self.folder.glob("*.out")) + sorted(self.folder.glob("*.log")):
            lines = path.read_text(errors="replace").splitlines()[-15:]
            print(f"--- {path.name}", *lines, sep="\n", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", nargs="*", help="default: the conformance suites of the dev build")
    wish = parser.parse_args()
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}; see tests/rgw/README.md")
    command = wish.command or [str(ROOT / "build/dev/bin/herder_s3_real_test")]
    for name in FOREIGN:
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="rgw-") as folder:
        cluster = Cluster(folder)
        started = time.monotonic()
        try:
            cluster.start()
            print(f"rgw: serving at {cluster.url} after {time.monotonic() - started:.0f} s", flush=True)
            sys.exit(subprocess.run(command, env=cluster.environment, check=False).returncode)
        except (RuntimeError, subprocess.SubprocessError, OSError) as failed:
            cluster.tails()
            sys.exit(f"rgw: {failed}")
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
