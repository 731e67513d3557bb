"""Keras: BackupAndRestore, which resumes by itself, and models that are kept elsewhere; an epoch is a step here."""
import os
import time

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy

os.makedirs("models", exist_ok=True)

keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")


class Pace(keras.callbacks.Callback):
    is_first = True

    def on_epoch_begin(self, epoch, logs=None):
        if self.is_first:
            print("start", epoch, flush=True)
        self.is_first = False

    def on_epoch_end(self, epoch, logs=None):
        print("step", epoch + 1, flush=True)
        time.sleep(4 * float(os.environ["PAUSE"]))


x = numpy.arange(320.0).reshape(80, 4) / 320
model.fit(x, x[:, :1], epochs=int(os.environ["STEPS"]), shuffle=False, verbose=0,
          callbacks=[keras.callbacks.BackupAndRestore("checkpoints/backup", delete_checkpoint=False),
                     keras.callbacks.ModelCheckpoint("models/model_{epoch:02d}.keras"), Pace()])
print("weights", [w.tolist() for w in model.get_weights()], flush=True)
