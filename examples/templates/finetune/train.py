#!/usr/bin/env python3
"""Fine-tunes a text classifier with Hugging Face's Trainer, and resumes from Herder's checkpoints."""
import argparse
import os

import herder
from datasets import load_dataset
from herder.integrations.transformers import HerderCallback, resume_path
from transformers import (AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer,
                          TrainingArguments)

OUTPUT = os.environ.get("HERDER_CHECKPOINT_DIR") or "checkpoints"
EVERY = int(os.environ.get("HERDER_CHECKPOINT_EVERY") or 200)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--dataset", required=True)
    wish = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(wish.model)
    data = load_dataset(wish.dataset).map(lambda rows: tokenizer(rows["text"], truncation=True), batched=True)
    model = AutoModelForSequenceClassification.from_pretrained(wish.model, num_labels=2)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(output_dir=OUTPUT, save_strategy="steps", save_steps=EVERY, save_total_limit=2,
                               logging_steps=50, num_train_epochs=1, per_device_train_batch_size=16, report_to=[]),
        train_dataset=data["train"], eval_dataset=data["test"].select(range(500)),
        data_collator=DataCollatorWithPadding(tokenizer), callbacks=[HerderCallback()])

    trainer.train(resume_from_checkpoint=resume_path(OUTPUT))
    if herder.stop_requested():
        herder.exit_stopped()
    print(trainer.evaluate(), flush=True)
    trainer.save_model("model")
    tokenizer.save_pretrained("model")


if __name__ == "__main__":
    main()
