"""Orbax's CheckpointManager, which saves behind the training and renames into place."""
import os
import time

import jax
import jax.numpy as jnp
import orbax.checkpoint as ocp


@jax.jit
def train(state, step):
    key = jax.random.fold_in(jax.random.key(1), step)
    x = jax.random.normal(key, (8, 4))
    gradient = jax.grad(lambda w: jnp.square(x @ w).mean())(state["weights"])
    momentum = 0.9 * state["momentum"] + gradient
    return {"weights": state["weights"] - 0.05 * momentum, "momentum": momentum}


state = {"weights": jnp.ones((4, 1)), "momentum": jnp.zeros((4, 1))}
manager = ocp.CheckpointManager(os.path.abspath("checkpoints"),
                                options=ocp.CheckpointManagerOptions(max_to_keep=4, save_interval_steps=5))
start = manager.latest_step() or 0
if start:
    state = manager.restore(start, args=ocp.args.StandardRestore(state))
print("start", start, flush=True)
for step in range(start + 1, int(os.environ["STEPS"]) + 1):
    state = train(state, step)
    manager.save(step, args=ocp.args.StandardSave(state))
    print("step", step, flush=True)
    time.sleep(float(os.environ["PAUSE"]))
manager.wait_until_finished()
print("weights", [leaf.tolist() for leaf in jax.tree.leaves(state)], flush=True)
