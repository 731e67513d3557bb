#!/usr/bin/env python3
"""A training in plain Python that can be interrupted anywhere: replace `step_of_training` by your own."""
import argparse
import json
import random

from herder import CheckpointManager


def step_of_training(weights, draw):
    """One step of gradient descent on y = 3x + 2; returns the loss."""
    x = draw.uniform(-1.0, 1.0)
    error = weights["slope"] * x + weights["offset"] - (3.0 * x + 2.0)
    weights["slope"] -= 0.05 * error * x
    weights["offset"] -= 0.05 * error
    return error * error


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=2000)
    steps = parser.parse_args().steps
    weights, draw = {"slope": 0.0, "offset": 0.0}, random.Random(1)

    ckpt = CheckpointManager()  # place and interval come from the job
    start = 0
    state = ckpt.load_latest()
    if state is not None:
        weights, start = state["model_state"], state["step"]
        draw.setstate(state["draw"])
        print(f"resumed after step {start}", flush=True)

    for step in range(start + 1, steps + 1):
        loss = step_of_training(weights, draw)
        ckpt.save(weights, None, step, {"loss": loss}, draw=draw)  # returns at once unless it is due
        if step % 100 == 0:
            print(f"step {step}/{steps} loss {loss:.6f}", flush=True)
        if ckpt.should_stop:
            return
    with open("result.json", "w", encoding="utf-8") as file:
        json.dump(weights, file)


if __name__ == "__main__":
    main()
