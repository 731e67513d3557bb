#!/usr/bin/env python3
"""Leaves outputs: model.bin of --large MiB, whose bytes are those of this attempt alone, and a small one beside it.

The other options of the chain job are taken and ignored. The standard library is enough.
"""
import argparse
import hashlib
import os
import pathlib


def pieces(attempt, large):
    """Each MiB another one, so that none can stand at another's place."""
    for number in range(large):
        yield hashlib.shake_128(f"{attempt} {number}".encode()).digest(1 << 20)


def digest(attempt, large):
    whole = hashlib.sha256()
    for piece in pieces(attempt, large):
        whole.update(piece)
    return whole.hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", type=int, required=True)
    options, _ = parser.parse_known_args()
    attempt = int(os.environ["HERDER_ATTEMPT"])
    folder = pathlib.Path(os.environ["HERDER_OUTPUT_DIR"])
    with open(folder / "model.bin", "wb") as model:
        model.writelines(pieces(attempt, options.large))
    (folder / "notes.txt").write_text(f"attempt {attempt}\n")
    print(f"attempt {attempt} left {options.large} MiB", flush=True)


if __name__ == "__main__":
    main()
