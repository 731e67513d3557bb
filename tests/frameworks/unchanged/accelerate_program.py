"""Accelerate's save_state and load_state, in folders that the script names."""
import os
import pathlib
import time

import torch
from accelerate import Accelerator

torch.manual_seed(1)
accelerator = Accelerator(cpu=True)
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.Adam(model.parameters())
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 7)
model, optimizer, scheduler = accelerator.prepare(model, optimizer, scheduler)
found = sorted((int(p.name.split("_")[1]), str(p)) for p in pathlib.Path("checkpoints").glob("step_*"))
start = found[-1][0] if found else 0
if found:
    accelerator.load_state(found[-1][1])
print("start", start, flush=True)
for step in range(start + 1, int(os.environ["STEPS"]) + 1):
    loss = model(torch.randn(8, 4)).square().mean()
    optimizer.zero_grad()
    accelerator.backward(loss)
    optimizer.step()
    scheduler.step()
    if step % 5 == 0:
        accelerator.save_state(f"checkpoints/step_{step}")
    print("step", step, flush=True)
    time.sleep(float(os.environ["PAUSE"]))
print("weights", [p.tolist() for p in model.parameters()], flush=True)
