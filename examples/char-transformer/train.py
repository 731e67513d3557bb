#!/usr/bin/env python3
"""A character-level transformer on a text file, alone or as several ranks, that ends with the same weights however
often it is moved.

Usage: train.py [--text FILE] [--steps N]; several ranks: torchrun --nproc_per_node 2 train.py
What has to be saved for that: model, optimizer, schedule, the position in the data, and the random states that
dropout draws from (CheckpointManager takes those by itself).
"""
import argparse
import hashlib
import json
import os
import pathlib

import torch
import torch.distributed as dist
from torch.nn import functional

import herder

CONTEXT, WIDTH, LAYERS, HEADS, BATCH = 64, 64, 2, 4, 16


class Transformer(torch.nn.Module):
    def __init__(self, characters):
        super().__init__()
        self.token = torch.nn.Embedding(characters, WIDTH)
        self.place = torch.nn.Embedding(CONTEXT, WIDTH)
        layer = torch.nn.TransformerEncoderLayer(
            WIDTH, HEADS, 4 * WIDTH, dropout=0.1, activation="gelu", batch_first=True, norm_first=True)
        self.layers = torch.nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.head = torch.nn.Linear(WIDTH, characters)
        self.register_buffer("mask", torch.full((CONTEXT, CONTEXT), float("-inf")).triu(1), persistent=False)

    def forward(self, windows):
        hidden = self.token(windows) + self.place.weight[: windows.shape[1]]
        return self.head(self.layers(hidden, mask=self.mask))


def weights_sha256(model):
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.contiguous().numpy().tobytes())
    return digest.hexdigest()


def batches(sampler, codes):
    """Windows of text, epoch after epoch, from where the sampler stands."""
    while True:
        drawn = []
        for index in sampler:
            drawn.append(codes[index : index + CONTEXT + 1])
            if len(drawn) == BATCH:
                yield torch.stack(drawn)
                drawn = []


def train(text, steps, rank, ranks):
    characters = sorted(set(text))
    place = {character: number for number, character in enumerate(characters)}
    codes = torch.tensor([place[c] for c in text])
    torch.manual_seed(1)  # the same weights on every rank
    model = Transformer(len(characters))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    sampler = herder.Sampler(len(codes) - CONTEXT, seed=1, rank=rank, ranks=ranks)
    torch.manual_seed(100 + rank)  # each rank drops out for itself
    ckpt = herder.CheckpointManager(ranks="together" if ranks > 1 else "first")
    done = ckpt.restore(model, optimizer, schedule=schedule, sampler=sampler)
    parallel = torch.nn.parallel.DistributedDataParallel(model) if ranks > 1 else model
    loss = torch.tensor(float("nan"))
    stream = batches(sampler, codes)
    for step in range(done + 1, steps + 1):
        windows = next(stream)
        scores = parallel(windows[:, :-1])
        loss = functional.cross_entropy(scores.flatten(0, 1), windows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        sampler.took(BATCH)
        ckpt.save(model, optimizer, step, {"loss": loss.item()}, schedule=schedule, sampler=sampler)
        if rank == 0 and step % 20 == 0:
            print(f"step {step}/{steps} loss {loss.item():.4f}", flush=True)
        if ckpt.should_stop:
            return None
    return {"steps": steps, "ranks": ranks, "loss": round(loss.item(), 6), "weights": weights_sha256(model)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", default="/usr/share/common-licenses/GPL-3")
    parser.add_argument("--steps", type=int, default=2000)
    options = parser.parse_args()
    text = pathlib.Path(options.text).read_text(encoding="utf-8")
    torch.set_num_threads(1)  # the order of additions, and so the last bits, would depend on the cores
    rank, ranks = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    if ranks > 1:
        dist.init_process_group("gloo")
    result = train(text, options.steps, rank, ranks)
    if result and rank == 0:
        pathlib.Path("result.json").write_text(json.dumps(result) + "\n", encoding="utf-8")
    if ranks > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
