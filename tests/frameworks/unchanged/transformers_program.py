"""A Trainer that saves every five steps and resumes as its own documentation says."""
import os
import time

import torch
from transformers import PretrainedConfig, PreTrainedModel, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint


class Model(PreTrainedModel):
    config_class = PretrainedConfig

    def __init__(self, config):
        super().__init__(config)
        self.layer = torch.nn.Linear(4, 1)
        self.post_init()

    def forward(self, x, labels=None):
        noise = torch.randn_like(x)  # the random states count, too
        return {"loss": self.layer(x + noise).square().mean()}


class Pace(TrainerCallback):
    def on_step_end(self, args, state, control, **more):
        print("step", state.global_step, flush=True)
        time.sleep(float(os.environ["PAUSE"]))


torch.manual_seed(1)
data = [{"x": torch.arange(4.0) * i / 80, "labels": 0} for i in range(80)]
args = TrainingArguments("checkpoints", max_steps=int(os.environ["STEPS"]), save_steps=5, per_device_train_batch_size=4,
                         use_cpu=True, report_to=[], logging_steps=5, disable_tqdm=True)
trainer = Trainer(Model(PretrainedConfig()), args, train_dataset=data, callbacks=[Pace()])
last = get_last_checkpoint("checkpoints") if os.path.isdir("checkpoints") else None
print("start", last.rsplit("-", 1)[1] if last else 0, flush=True)
trainer.train(resume_from_checkpoint=last)
print("weights", [p.tolist() for p in trainer.model.parameters()], flush=True)
