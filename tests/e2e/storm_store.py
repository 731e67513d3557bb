"""The stores of checkpoint storms: a folder of the server, our own s3d, a Ceph RGW; and which parts each was sent."""
import importlib.util
import pathlib
import subprocess
import time

from checkpoint_storm import PartLog
from harness import HERDER, ROOT, wait_for


class FileStore:
    """Below the server's data folder; machines send whole files through the server, so there are no parts."""

    flags, env = [], {}

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def parts(self):
        return None


class S3dStore(FileStore):
    """In a folder, so that the machine's memory is not what ends it; slow enough that kills meet parts under way."""

    bandwidth = "20MB"  # of each connection
    env = {"AWS_ACCESS_KEY_ID": "storm", "AWS_SECRET_ACCESS_KEY": "storm-secret", "AWS_CA_BUNDLE": "", "AWS_PROFILE": "",
           "AWS_SESSION_TOKEN": "", "AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": ""}

    def __enter__(self):
        objects, url = self.folder / "objects", self.folder / "url"
        objects.mkdir()
        self.log = self.folder / "log"
        self.process = subprocess.Popen(
            [HERDER.parent / "s3d", "--bucket", "bucket", "--key", "storm:storm-secret", "--mode", "folder", "--folder", objects,
             "--page", "100", "--bandwidth", self.bandwidth, "--log", self.log, "--log-times", "--url-file", url],
            stderr=subprocess.DEVNULL)
        wait_for("s3d to serve", url.exists)
        self.flags = ["--storage", f"s3://bucket/storm?endpoint={url.read_text().strip()}"]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def parts(self):
        return PartLog.of_s3d(self.log.read_text().splitlines())


class RgwStore(FileStore):
    """tests/rgw/README.md says what has to be installed."""

    def __enter__(self):
        found = importlib.util.spec_from_file_location("rgw_run", ROOT / "tests/rgw/run.py")
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        self.cluster = module.Cluster(self.folder)
        try:
            self.cluster.start()
        except BaseException:
            self.cluster.tails()
            self.cluster.stop()
            raise
        self.env = {**{name: "" for name in module.FOREIGN}, "AWS_ACCESS_KEY_ID": self.cluster.key,
                    "AWS_SECRET_ACCESS_KEY": self.cluster.secret}
        self.flags = ["--storage", f"s3://bucket/storm?endpoint={self.cluster.url}"]
        return self

    def __exit__(self, *_):
        self.cluster.stop()

    def parts(self):
        return PartLog.of_rgw(self.cluster.log.read_text(errors="replace").splitlines(), time.monotonic() - time.time())


STORES = {"file": FileStore, "s3d": S3dStore, "rgw": RgwStore}
