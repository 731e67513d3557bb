#!/usr/bin/env python3
"""Hashes a chain of steps, and tells a witness of each state that it saves and of the one that it restored.

Usage: train.py --name JOB --witness PORT [--step-time S] [--save-every N] [--ballast MB]. Runs until the witness says
that it is enough; `tests/e2e/checkpoint_storm.py` is the witness. The standard library is enough.
"""
import argparse
import hashlib
import json
import os
import secrets
import socket
import sys
import time

import herder


class Witness:
    """A line of JSON for each message, a word in answer; whoever is killed has told all that was answered."""

    def __init__(self, port, name):
        self.name = name
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=600)
        self.answers = self.socket.makefile("r")

    def tell(self, **message):
        self.socket.sendall((json.dumps({"job": self.name, **message}) + "\n").encode())
        answer = self.answers.readline().strip()
        if answer not in ("go", "enough"):
            sys.exit(f"the witness answered {answer!r}")
        return answer == "go"


class Chain:
    """A digest that depends on all steps before it, and bytes that belong to one save alone."""

    def __init__(self, ballast_mb):
        self.digest, self.mark, self.ballast_mb = "start", "", ballast_mb

    def step(self, number):
        self.digest = hashlib.sha256(f"{self.digest} {number}".encode()).hexdigest()

    def ballast(self):
        return hashlib.shake_128(f"{self.digest} {self.mark}".encode()).digest(self.ballast_mb << 20)

    def state_dict(self):
        return {"digest": self.digest, "mark": self.mark, "ballast": self.ballast()}

    def load_state_dict(self, state):
        self.digest, self.mark = state["digest"], state["mark"]
        if state["ballast"] != self.ballast():
            # Told as any other state: the witness knows no save with this hash.
            self.mark = "torn"

    def content_hash(self):
        return hashlib.sha256(f"{self.digest} {self.mark}".encode()).hexdigest()


def run(options, job):
    witness = Witness(options.witness, options.name)
    chain, ckpt = Chain(options.ballast), herder.CheckpointManager(interval_steps=options.save_every)
    step = ckpt.restore(chain, None) or 0
    goes_on = witness.tell(restored=step, hash=chain.content_hash() if step else "")
    while goes_on:
        step += 1
        chain.step(step)
        time.sleep(options.step_time)
        if step % options.save_every == 0 or ckpt.should_stop:
            chain.mark = secrets.token_hex(16)
            witness.tell(saving=step, hash=chain.content_hash())
        herder.log({"length": step}, step=step)
        ckpt.save(chain, None, step)
        if ckpt.should_stop:
            return
        goes_on = witness.tell(step=step)
    os.makedirs(job.output_dir, exist_ok=True)
    with open(os.path.join(job.output_dir, "result.json"), "w") as file:
        json.dump({"steps": step, "digest": chain.digest}, file)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", required=True)
    parser.add_argument("--witness", type=int, required=True)
    parser.add_argument("--steps", type=int, help="ignored: the witness decides")
    parser.add_argument("--step-time", type=float, default=0.1)
    parser.add_argument("--save-every", type=int, default=40)
    parser.add_argument("--ballast", type=int, default=1)
    with herder.job() as job:
        run(parser.parse_args(), job)


if __name__ == "__main__":
    main()
