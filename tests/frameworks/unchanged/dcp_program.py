"""FSDP2 on two ranks over gloo, its shards saved by torch.distributed.checkpoint; started by torchrun."""
import os
import pathlib
import time

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict
from torch.distributed.fsdp import fully_shard

dist.init_process_group("gloo")
torch.manual_seed(1)
model = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1))
mesh = dist.device_mesh.init_device_mesh("cpu", (dist.get_world_size(),))
for layer in model:
    if isinstance(layer, torch.nn.Linear):
        fully_shard(layer, mesh=mesh)
fully_shard(model, mesh=mesh)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)


def state_of():
    weights, states = get_state_dict(model, optimizer)
    return {"model": weights, "optimizer": states}


found = [int(path.name.split("_")[1]) for path in pathlib.Path("checkpoints").glob("step_*")]
start = max(found, default=0)
if start:
    state = state_of()
    dcp.load(state, checkpoint_id=f"checkpoints/step_{start}")
    set_state_dict(model, optimizer, model_state_dict=state["model"], optim_state_dict=state["optimizer"])
is_first = dist.get_rank() == 0
if is_first:
    print("start", start, flush=True)
for step in range(start + 1, int(os.environ["STEPS"]) + 1):
    draw = torch.Generator().manual_seed(1000 * step + dist.get_rank())
    loss = model(torch.randn(8, 8, generator=draw)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 5 == 0:
        dcp.save(state_of(), checkpoint_id=f"checkpoints/step_{step}")
    if is_first:
        print("step", step, flush=True)
    time.sleep(float(os.environ["PAUSE"]))
weights = [p.full_tensor().tolist() for p in model.parameters()]
if is_first:
    print("weights", weights, flush=True)
dist.destroy_process_group()
