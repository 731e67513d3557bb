"""Lightning's ModelCheckpoint, and fit from the file of the highest step.

Lightning keeps the place within an epoch only of loaders that have a state: with a plain DataLoader what follows a
checkpoint in the middle of an epoch begins with the first batch again, with or without a loss of the machine.
"""
import os
import pathlib
import re
import time

import lightning.pytorch as pl
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint


class Model(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch, index):
        return self.layer(batch[0]).square().mean()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())


class Batches:
    """Twenty in an epoch, and a place among them that is saved."""

    def __init__(self):
        self.rows, self.at = torch.arange(320.0).reshape(20, 4, 4) / 320, 0

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        while self.at < len(self.rows):
            self.at += 1
            yield [self.rows[self.at - 1]]
        self.at = 0

    def state_dict(self):
        return {"at": self.at}

    def load_state_dict(self, state):
        self.at = state["at"]


class Pace(Callback):
    def on_train_batch_end(self, trainer, *more):
        print("step", trainer.global_step, flush=True)
        time.sleep(float(os.environ["PAUSE"]))


pl.seed_everything(1)
saver = ModelCheckpoint("checkpoints", "{epoch}-{step}", every_n_train_steps=5, save_top_k=-1, save_last=True)
trainer = pl.Trainer(max_steps=int(os.environ["STEPS"]), callbacks=[saver, Pace()], logger=False, accelerator="cpu",
                     enable_progress_bar=False, enable_model_summary=False)
found = [(int(re.search(r"step=(\d+)", p.name)[1]), str(p)) for p in pathlib.Path("checkpoints").glob("*step=*.ckpt")]
step, path = max(found, default=(0, None))
print("start", step, flush=True)
model = Model()
trainer.fit(model, Batches(), ckpt_path=path)
print("weights", [p.tolist() for p in model.parameters()], flush=True)
