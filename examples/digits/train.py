#!/usr/bin/env python3
"""Trains a small neural network on handwritten digits, and can be interrupted anywhere.

Two layers in numpy, momentum, random augmentation. The result is the same bit for bit whether the
run was interrupted or not; for that the momentum and the random states have to come back, and the
weights differ if one of them does not. Usage: train.py [--steps 400] [--step-time 0.05] [--seed 1]
"""

import argparse
import gzip
import hashlib
import json
import os
import sys
import time

# One thread, so that sums are taken in one order. This must come before numpy is imported.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
try:
    import herder
except ImportError:  # in a checkout; a job's machine has the SDK already
    sys.path.insert(0, os.path.join(HERE, "..", "..", "sdk", "python"))
    import herder

SIDE, PIXELS, CLASSES = 8, 64, 10
HIDDEN, BATCH = 96, 128
LEARNING_RATE, MOMENTUM = 0.2, 0.9
TEST_EVERY = 6  # one image in so many is kept for testing


class Network:
    """One hidden layer of rectified units; `weights` are double precision."""

    def __init__(self, seed):
        draw = np.random.Generator(np.random.PCG64(seed))
        self.weights = {
            "hidden": draw.normal(0.0, np.sqrt(2.0 / PIXELS), (PIXELS, HIDDEN)),
            "hidden_bias": np.zeros(HIDDEN),
            "output": draw.normal(0.0, np.sqrt(2.0 / HIDDEN), (HIDDEN, CLASSES)),
            "output_bias": np.zeros(CLASSES),
        }

    def forward(self, images):
        hidden = np.maximum(images @ self.weights["hidden"] + self.weights["hidden_bias"], 0.0)
        return hidden, hidden @ self.weights["output"] + self.weights["output_bias"]

    def loss_and_gradients(self, images, labels):
        hidden, scores = self.forward(images)
        scores = scores - scores.max(axis=1, keepdims=True)
        likelihood = np.exp(scores)
        likelihood /= likelihood.sum(axis=1, keepdims=True)
        rows = np.arange(len(labels))
        loss = float(-np.log(likelihood[rows, labels]).mean())
        error = likelihood
        error[rows, labels] -= 1.0
        error /= len(labels)
        error_hidden = (error @ self.weights["output"].T) * (hidden > 0.0)
        return loss, {
            "hidden": images.T @ error_hidden,
            "hidden_bias": error_hidden.sum(axis=0),
            "output": hidden.T @ error,
            "output_bias": error.sum(axis=0),
        }

    def accuracy(self, images, labels):
        return float((self.forward(images)[1].argmax(axis=1) == labels).mean())

    def image(self):
        """All weights as bytes, little-endian, in the order of their names."""
        return b"".join(self.weights[name].astype("<f8").tobytes() for name in sorted(self.weights))

    def state_dict(self):
        return self.weights

    def load_state_dict(self, state):
        self.weights = {name: np.array(value) for name, value in state.items()}


class Momentum:
    """Gradient descent that remembers where it was going."""

    def __init__(self, network):
        self.velocity = {name: np.zeros_like(value) for name, value in network.weights.items()}

    def update(self, network, gradients):
        for name, gradient in gradients.items():
            self.velocity[name] = MOMENTUM * self.velocity[name] - LEARNING_RATE * gradient
            network.weights[name] = network.weights[name] + self.velocity[name]

    def state_dict(self):
        return {"velocity": self.velocity}

    def load_state_dict(self, state):
        self.velocity = {name: np.array(value) for name, value in state["velocity"].items()}


def find_data():
    """$DIGITS_CSV, the copy beside this file, or Debian's python3-sklearn."""
    places = [
        os.environ.get("DIGITS_CSV", ""),
        os.path.join(HERE, "data", "digits.csv.gz"),
        "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz",
    ]
    for place in places:
        if place and os.path.exists(place):
            return place
    sys.exit("train.py: no digits.csv.gz; run scripts/fetch_digits examples/digits/data/digits.csv.gz")


def load_data():
    """Images with values from 0 to 1 and their labels: for training, then for testing."""
    with gzip.open(find_data(), "rt") as file:
        table = np.loadtxt(file, delimiter=",")
    images, labels = table[:, :PIXELS] / 16.0, table[:, PIXELS].astype(np.int64)
    testing = np.arange(len(images)) % TEST_EVERY == 0
    return (images[~testing], labels[~testing]), (images[testing], labels[testing])


def draw_batch(images, labels, draw):
    """Random images, each moved by up to one pixel, with noise.

    The choice and the moves come from a generator of our own, the noise from numpy's global one: the
    checkpoint has to bring back both.
    """
    chosen = draw.integers(0, len(images), BATCH)
    pictures = images[chosen].reshape(BATCH, SIDE, SIDE)
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    down, right = draw.integers(0, 3, BATCH), draw.integers(0, 3, BATCH)
    rows = down[:, None, None] + np.arange(SIDE)[None, :, None]
    columns = right[:, None, None] + np.arange(SIDE)[None, None, :]
    moved = padded[np.arange(BATCH)[:, None, None], rows, columns].reshape(BATCH, PIXELS)
    return moved + np.random.normal(0.0, 0.1, moved.shape), labels[chosen]


def train(arguments, network, ckpt):
    """The loop; returns the step that was reached."""
    training, testing = load_data()
    optimizer = Momentum(network)
    draw = np.random.Generator(np.random.PCG64(arguments.seed + 1))
    np.random.seed(arguments.seed + 2)

    step = ckpt.restore(network, optimizer, draw=draw)
    print(f"resumed after step {step}" if step else "started at step 0", flush=True)
    while step < arguments.steps:
        began = time.monotonic()
        step += 1
        loss, gradients = network.loss_and_gradients(*draw_batch(*training, draw))
        optimizer.update(network, gradients)
        if step % 10 == 0 or step == arguments.steps:
            accuracy = network.accuracy(*testing)
            herder.log({"loss": loss, "accuracy": accuracy}, step=step)
            print(f"step {step}/{arguments.steps} loss {loss:.2f} acc {accuracy:.2f}", flush=True)
        time.sleep(max(0.0, began + arguments.step_time - time.monotonic()))
        ckpt.save(network, optimizer, step, {"loss": loss}, draw=draw)
        if ckpt.should_stop and step < arguments.steps:
            return step
    ckpt.save_final(network, optimizer, step, draw=draw)
    return step


def write_results(network, steps, folder):
    """weights.bin, and result.json beside it, which has its sha256."""
    image = network.image()
    result = {
        "steps": steps,
        "accuracy": round(network.accuracy(*load_data()[1]), 6),
        "weights_sha256": hashlib.sha256(image).hexdigest(),
    }
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "weights.bin"), "wb") as file:
        file.write(image)
    with open(os.path.join(folder, "result.json"), "w") as file:
        file.write(json.dumps(result) + "\n")
    print(f"done: {json.dumps(result)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Train a small network on handwritten digits.")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--step-time", type=float, default=0.05, help="seconds that a step takes at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=25, help="steps between two checkpoints")
    arguments = parser.parse_args()

    with herder.job() as job:
        network = Network(arguments.seed)
        reached = train(arguments, network, herder.CheckpointManager(interval_steps=arguments.save_every))
        if reached < arguments.steps:
            print(f"stopped after step {reached} ({job.stop_reason}); the state is saved", flush=True)
        else:
            write_results(network, reached, job.output_dir)


if __name__ == "__main__":
    main()
