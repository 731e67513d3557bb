#!/usr/bin/env python3
"""Hashes a chain of steps: the end is right only if every resume went on from the very state saved.

Usage: train.py --steps N --step-time S [--save-every N] [--fail-at N] [--full-at N] [--ballast MB] [--chatter MB]
                [--hold ATTEMPT:STEP]...
With --hold that attempt goes no further than that step until it is told to stop or loses its machine, so that a test can
take its time to bring that about.
The standard library is enough.
"""
import argparse
import hashlib
import json
import os
import sys
import time

import herder


class Chain:
    """The state of the 'training': one digest that depends on all steps before it."""

    def __init__(self, ballast_mb=0):
        self.digest = "start"
        self.ballast_mb = ballast_mb

    def ballast(self):
        """Bytes that follow from the digest, to make a checkpoint large."""
        return hashlib.shake_128(self.digest.encode()).digest(1 << 20) * self.ballast_mb

    def step(self, number):
        self.digest = hashlib.sha256(f"{self.digest} {number}".encode()).hexdigest()

    def state_dict(self):
        return {"digest": self.digest, "ballast": self.ballast()}

    def load_state_dict(self, state):
        self.digest = state["digest"]
        if state["ballast"] != self.ballast():
            sys.exit("the checkpoint that was restored is not the one that was saved")


def expected(steps):
    chain = Chain()
    for number in range(1, steps + 1):
        chain.step(number)
    return chain.digest


def fill_disk():
    """In the second attempt: a write to a disk that is full, as the kernel refuses it."""
    with open("/dev/full", "wb", buffering=0) as disk:
        disk.write(b"no room for this")


def wait_for_stop():
    while not os.path.exists(os.environ["HERDER_STOP_FILE"]):
        time.sleep(0.05)


def run(options, job):
    chain, ckpt = Chain(options.ballast), herder.CheckpointManager(interval_steps=options.save_every)
    step = ckpt.restore(chain, None) or 0
    print(f"resumed after step {step}" if step else "started at step 0", flush=True)
    for number in range(options.chatter * 10_000 if not step else 0):
        print(f"chatter {number:8d} ".ljust(99, "."))
    while step < options.steps:
        step += 1
        chain.step(step)
        time.sleep(options.step_time)
        if f"{os.environ.get('HERDER_ATTEMPT')}:{step}" in options.hold:
            wait_for_stop()
        if step == options.fail_at:
            sys.exit(3)
        if step == options.full_at and os.environ.get("HERDER_ATTEMPT") == "2":
            fill_disk()
        herder.log({"length": step}, step=step)
        ckpt.save(chain, None, step)
        if ckpt.should_stop and step < options.steps:
            print(f"stopped after step {step}", flush=True)
            return
    os.makedirs(job.output_dir, exist_ok=True)
    with open(os.path.join(job.output_dir, "result.json"), "w") as file:
        json.dump({"steps": step, "digest": chain.digest}, file)
    print(f"done {chain.digest}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--step-time", type=float, default=0.05)
    parser.add_argument("--save-every", type=int, default=10)
    parser.add_argument("--fail-at", type=int, default=0)
    parser.add_argument("--ballast", type=int, default=0)
    parser.add_argument("--chatter", type=int, default=0)
    parser.add_argument("--full-at", type=int, default=0)
    parser.add_argument("--hold", action="append", default=[])
    with herder.job() as job:
        run(parser.parse_args(), job)


if __name__ == "__main__":
    main()
