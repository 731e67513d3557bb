"""From the last byte of a checkpoint in the store to its commit: a real server, agent and job against s3d."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from local_herder import FINISHED, LocalHerder, LocalMarket, wait_for  # noqa: E402

SAVES = int(os.environ.get("HERDER_BENCH_COMMITS", "40"))
# Six parts each, further apart than an upload and a commit take. Less would be sent within the 50 ms that the agent
# leaves between two reports.
TRAIN = """
import json, os, pathlib, time
for step in range(1, {saves} + 1):
    folder = pathlib.Path("checkpoints") / f"step-{{step}}"
    folder.mkdir(parents=True)
    (folder / "weights.bin").write_bytes(bytes(96 << 20))
    with open(pathlib.Path(os.environ["HERDER_DIR"]) / "checkpoints.jsonl", "a") as lines:
        lines.write(json.dumps({{"path": str(folder.resolve()), "step": step, "kind": "periodic", "t": 0}}) + "\\n")
    time.sleep(1)
"""
JOB = """name: commits
workdir: .
resources:
  accelerators: RTX_4090:1
  disk: 10GB
  max_price: 2.00
run: exec python3 train.py
checkpoint:
  path: checkpoints
  every: 1 steps
"""


def latencies(log):
    """Milliseconds from a checkpoint's last part to its manifest, and to its object being complete."""
    last_part, found = {}, []
    for line in log.read_text().splitlines():
        at, operation, status, key, *_ = line.split(" ")
        checkpoint = key.rsplit("/ckpt/", 1)[-1].split("/")[0]
        if status != "200" or "/ckpt/" not in key:
            continue
        if operation == "UploadPart":
            last_part[checkpoint] = int(at)
        elif operation == "PutObject" and key.endswith("manifest.json") and checkpoint in last_part:
            found.append((int(at) - last_part.pop(checkpoint)) / 1000)
    return found


def measure(folder, store_program):
    folder = pathlib.Path(folder)
    (folder / "job").mkdir()
    (folder / "job/train.py").write_text(TRAIN.format(saves=SAVES))
    (folder / "job/job.yaml").write_text(JOB)
    log, url = folder / "s3d.log", folder / "s3d.url"
    store = subprocess.Popen([store_program, "--bucket", "bucket", "--key", "bench:bench-secret", "--log", log,
                              "--log-times", "--url-file", url], stderr=subprocess.DEVNULL)
    try:
        wait_for("s3d to serve", url.exists)
        where = f"s3://bucket/runs?endpoint={url.read_text().strip()}&region=us-east-1"
        with LocalMarket(folder / "market", ["--scenario", "calm", "--seed", 7]) as market:
            environment = {"VAST_API_KEY": "demo", "VAST_URL": market.url, "AWS_ACCESS_KEY_ID": "bench",
                           "AWS_SECRET_ACCESS_KEY": "bench-secret", "AWS_PROFILE": "", "AWS_SESSION_TOKEN": ""}
            with LocalHerder(folder, demo=False, env=environment, flags=["--storage", where]) as server:
                ended = server.cli("launch", folder / "job/job.yaml", "-y", "-d")
                if ended.returncode != 0:
                    raise RuntimeError(ended.stdout + ended.stderr)
                wait_for("the job to end", lambda: server.api.job("commits")["status"] in FINISHED,
                         limit_s=300 + SAVES)
    finally:
        store.terminate()
        store.wait()
    return latencies(log)
