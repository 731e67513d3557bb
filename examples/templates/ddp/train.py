#!/usr/bin/env python3
"""Distributed data parallel under torchrun: all ranks save, resume and leave together."""
import os

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from herder import CheckpointManager

TOTAL_STEPS = 5000


def main():
    has_gpu = torch.cuda.is_available()
    dist.init_process_group("nccl" if has_gpu else "gloo")
    rank, local_rank = dist.get_rank(), int(os.environ["LOCAL_RANK"])
    device = torch.device("cuda", local_rank) if has_gpu else torch.device("cpu")
    if has_gpu:
        torch.cuda.set_device(device)

    model = torch.nn.Sequential(torch.nn.Linear(16, 256), torch.nn.ReLU(), torch.nn.Linear(256, 1)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    ckpt = CheckpointManager(ranks="together")  # rank 0 writes the model; each rank its random states
    start = ckpt.restore(model, optimizer)
    parallel = DistributedDataParallel(model, device_ids=[local_rank] if has_gpu else None)
    if start == 0:
        torch.manual_seed(rank)  # each rank draws its own data; a resume brings its generator back

    for step in range(start + 1, TOTAL_STEPS + 1):
        inputs = torch.randn(256, 16, device=device)
        loss = torch.nn.functional.mse_loss(parallel(inputs), inputs.sum(dim=1, keepdim=True))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        ckpt.save(model, optimizer, step, {"loss": loss.item()})
        if rank == 0 and step % 100 == 0:
            print(f"step {step}/{TOTAL_STEPS} loss {loss.item():.4f}", flush=True)
        if ckpt.should_stop:  # on all ranks after the same step
            break
    else:
        if rank == 0:
            torch.save(model.state_dict(), "model.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
