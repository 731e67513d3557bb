#!/usr/bin/env python3
"""A training that knows nothing of Herder: writes checkpoints as the Trainer of transformers does.

Like that one it writes straight into checkpoint-N, trainer_state.json last, and resumes from the highest N
without a look at what it holds. The state is a chain of digests, as in ../chain. Usage: see ../chain/train.py;
--tear-at N: on a first life, die in the middle of writing checkpoint N; --hold-at N: on a first life, go no further than N.
"""
import argparse
import hashlib
import json
import os
import pathlib
import re
import signal
import struct
import time
import zipfile

OUTPUT = pathlib.Path("checkpoints")


def write_safetensors(path, data):
    header = json.dumps({"digest": {"dtype": "U8", "shape": [len(data)], "data_offsets": [0, len(data)]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)


def save(step, digest, tear):
    folder = OUTPUT / f"checkpoint-{step}"
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / "model.safetensors", digest.encode())
    with zipfile.ZipFile(folder / "optimizer.pt", "w") as archive:
        archive.writestr("archive/data.pkl", b"x" * 5000)
    if tear:
        os.truncate(folder / "optimizer.pt", 3000)
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / "trainer_state.json").write_text(json.dumps({"global_step": step, "loss": float("nan")}))


def last_checkpoint():
    found = [(int(match[1]), path) for path in OUTPUT.glob("*") if (match := re.fullmatch(r"checkpoint-(\d+)", path.name))]
    return max(found, default=(0, None))


def resume():
    step, folder = last_checkpoint()
    if folder is None:
        print("started at step 0", flush=True)
        return 0, "start"
    state = json.loads((folder / "trainer_state.json").read_text())
    assert state["global_step"] == step
    with zipfile.ZipFile(folder / "optimizer.pt") as archive:
        assert archive.testzip() is None
    print(f"resumed after step {step}", flush=True)
    return step, (folder / "model.safetensors").read_bytes()[-64:].decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--step-time", type=float, default=0.05)
    parser.add_argument("--save-every", type=int, default=10)
    parser.add_argument("--tear-at", type=int, default=0)
    parser.add_argument("--hold-at", type=int, default=0)
    options = parser.parse_args()
    step, digest = resume()
    is_first_life = step == 0
    while step < options.steps:
        step += 1
        digest = hashlib.sha256(f"{digest} {step}".encode()).hexdigest()
        time.sleep(options.step_time)
        while is_first_life and step == options.hold_at:
            time.sleep(1)
        if step % options.save_every == 0:
            save(step, digest, is_first_life and step == options.tear_at)
    place = pathlib.Path(os.environ["HERDER_OUTPUT_DIR"])
    place.mkdir(parents=True, exist_ok=True)
    (place / "result.json").write_text(json.dumps({"steps": step, "digest": digest}))
    print(f"done {digest}", flush=True)


if __name__ == "__main__":
    main()
