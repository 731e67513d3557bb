#!/usr/bin/env python3
"""The smallest PyTorch training that survives interruptions: the lines with `ckpt` are all it takes."""

import torch

from herder import CheckpointManager

TOTAL_STEPS = 2000


def train_step(model, optimizer):
    inputs = torch.randn(64, 16)
    loss = torch.nn.functional.mse_loss(model(inputs), inputs.sum(dim=1, keepdim=True))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def main():
    model = torch.nn.Sequential(torch.nn.Linear(16, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    ckpt = CheckpointManager(bucket="my-bucket", prefix="pytorch-minimal", interval_steps=100)

    start = 0
    state = ckpt.load_latest()
    if state is not None:
        model.load_state_dict(state["model_state"])
        optimizer.load_state_dict(state["optimizer_state"])
        start = state["step"]
        print(f"resumed after step {start}, saved with loss {state['metrics']['loss']:.4f}", flush=True)

    for step in range(start + 1, TOTAL_STEPS + 1):
        loss = train_step(model, optimizer)
        ckpt.save(model, optimizer, step, {"loss": loss})
        if step % 100 == 0:
            print(f"step {step}/{TOTAL_STEPS} loss {loss:.4f}", flush=True)
        if ckpt.should_stop:
            break


if __name__ == "__main__":
    main()
