#!/usr/bin/env python3
"""Fits a line by gradient descent with momentum, slowly: 400 steps of a tenth of a second.

The lines with `ckpt` are all that it takes to survive the loss of the machine. Needs Python alone.
"""
import random
import time

import herder
from herder import CheckpointManager

TOTAL_STEPS = 400


def train_step(model, optimizer):
    x = random.uniform(-1, 1)
    error = model["slope"] * x + model["offset"] - (3 * x + 1)
    for name, gradient in (("slope", error * x), ("offset", error)):
        optimizer[name] = 0.9 * optimizer[name] - 0.02 * gradient
        model[name] += optimizer[name]
    time.sleep(0.1)
    return error * error


def main():
    model, optimizer = {"slope": 0.0, "offset": 0.0}, {"slope": 0.0, "offset": 0.0}
    ckpt = CheckpointManager()  # where to save and how often: from the job file
    state = ckpt.load_latest()  # None on the first machine
    start = 0
    if state is not None:
        model, optimizer, start = state["model_state"], state["optimizer_state"], state["step"]
        herder.restore_random_states(state)
        print(f"resumed after step {start}", flush=True)

    for step in range(start + 1, TOTAL_STEPS + 1):
        loss = train_step(model, optimizer)
        herder.log({"loss": loss}, step=step)
        ckpt.save(model, optimizer, step, {"loss": loss})
        if step % 50 == 0:
            print(f"step {step}/{TOTAL_STEPS}  loss {loss:.6f}", flush=True)
        if ckpt.should_stop:
            herder.exit_stopped()

    with open("result.txt", "w") as result:
        result.write(f"slope {model['slope']:.3f}, offset {model['offset']:.3f}\n")


if __name__ == "__main__":
    random.seed(1)
    main()
