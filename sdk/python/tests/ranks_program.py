"""One rank of the trainings in test_ranks.py. Usage: ranks_program.py MODE TOTAL, with RANK, WORLD_SIZE and STORE."""

import json
import os
import signal
import sys
import time
import types

import torch
import torch.distributed as dist

import herder
from herder import _saving, _state

MODE, TOTAL = sys.argv[1], int(sys.argv[2])
RANK, SIZE = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
ASK = {int(word.split(":")[1]): word.split(":")[0] for word in os.environ.get("ASK", "").split()}  # what:step


def say(**facts):
    print(json.dumps(facts), flush=True)


def spoil(step, what):
    """What goes wrong on this rank at this step."""
    if what == "stop":
        os.kill(os.getpid(), signal.SIGTERM)
    if what == "refuse":
        _state.write = lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    if what == "unheld":
        _saving.Saver._hold = lambda *_: (_ for _ in ()).throw(RuntimeError("no copy"))
    if what == "at-once":
        _saving.Saver._hold = lambda *_: None
        spoil(step, "refuse")
    if what == "die":
        _state.write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)


def train_together():
    """DDP; each rank draws noise of its own, so that its random state matters."""
    torch.manual_seed(7)
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(8, 4))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    torch.manual_seed(100 + RANK)
    data = torch.linspace(-1, 1, 800).reshape(100, 8)
    sampler = herder.Sampler(100, seed=3, rank=RANK, ranks=SIZE)
    manager = herder.CheckpointManager(interval_steps=4, ranks="together")
    step = manager.restore(model, optimizer, sampler=sampler)
    say(resumed=step)
    while step < TOTAL:
        for index in sampler:
            step += 1
            loss = model(data[index] + torch.randn(8)).square().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            sampler.took(1)
            spoil(step, ASK.get(step))
            manager.save(model, optimizer, step, {"loss": loss}, sampler=sampler)
            if manager.should_stop or step == TOTAL:
                break
        if manager.should_stop:
            break
    manager.wait()
    weights = torch.cat([p.detach().reshape(-1) for p in model.parameters()])
    say(step=step, weights=weights.double().tolist())


class Broken:
    def state_dict(self):
        raise RuntimeError("no state")


def train_sharded():
    """Each rank has values of its own."""
    shard = torch.full((1000,), float(RANK))
    manager = herder.CheckpointManager(interval_steps=1, ranks="sharded", keep=9)
    step = manager.restore({"shard": shard})
    say(resumed=step, value=shard[0].item())
    while step < TOTAL:
        step += 1
        shard += 1
        spoil(step, ASK.get(step))
        state = {"shard": shard, "bad": object()} if ASK.get(step) == "unsaveable" else {"shard": shard}
        state = Broken() if ASK.get(step) == "broken" else state
        manager.save(state, None, step, {"loss": object()} if ASK.get(step) == "metrics" else None)
        manager.wait()
        say(saved=step)


def train_files():
    """As torch.distributed.checkpoint writes: every rank a file in one folder, rank 0 the last one."""
    manager = herder.CheckpointManager(interval_steps=1, ranks="sharded")

    def write(folder):
        if ASK.get(1) == "refuse":
            raise OSError(28, "No space left on device")
        with open(os.path.join(folder, f"__{RANK}_0.distcp"), "w") as file:
            file.write(str(RANK))
        dist.barrier()
        if RANK == 0:
            open(os.path.join(folder, ".metadata"), "w").close()

    path = manager.save_with(1, write)
    say(files=sorted(os.listdir(manager.load_latest()["files"])), path=os.path.basename(path))


def train_as_the_trainer():
    """What the Trainer of transformers calls of our callback, and when; every rank writes its random states."""
    sys.modules["transformers"] = types.SimpleNamespace(TrainerCallback=type("TrainerCallback", (), {}))
    from herder.integrations.transformers import HerderCallback

    herder._report.checkpoint_complete = lambda folder, step, kind, _: say(told=step, files=sorted(os.listdir(folder)))
    arguments = types.SimpleNamespace(output_dir=os.getcwd(), world_size=SIZE)
    control = types.SimpleNamespace(should_save=False, should_training_stop=False)
    state = types.SimpleNamespace(global_step=0, is_world_process_zero=RANK == 0, log_history=[])
    callback = HerderCallback()
    callback.on_train_begin(arguments, state, control)
    while state.global_step < TOTAL and not control.should_training_stop:
        state.global_step += 1
        spoil(state.global_step, ASK.get(state.global_step))
        callback.on_step_end(arguments, state, control)
        if control.should_save:
            folder = f"checkpoint-{state.global_step}"
            os.makedirs(folder, exist_ok=True)
            time.sleep(0.3 * RANK)  # the last one is late
            name, content = ("trainer_state.json", {"global_step": state.global_step}) if RANK == 0 else ("rng_1.json", 0)
            with open(os.path.join(folder, name), "w") as file:
                json.dump(content, file)
            callback.on_save(arguments, state, control)
    say(step=state.global_step)


dist.init_process_group("gloo", init_method="file://" + os.environ["STORE"], rank=RANK, world_size=SIZE)
try:
    {
        "together": train_together,
        "sharded": train_sharded,
        "files": train_files,
        "trainer": train_as_the_trainer,
    }[MODE]()
except Exception as error:
    say(error=f"{type(error).__name__}: {error}")
    sys.exit(1)
