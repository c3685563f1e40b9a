"""Training on digits: Adam, whose rate warms up and then falls by a cosine; pictures shifted by up to a pixel."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from export.data.mnist import Digits, Mnist
from export.networks.batches import Batch, dataset
from export.networks.callbacks import training_callbacks
from export.recipe import Progress
from metadata.card import ImageSpec
from metadata.preprocess import normalised


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How to train. `patience` is epochs without a better validation accuracy; `shift` is in pixels.

    `train_inputs` and `validation_inputs` are how many of the first digits are used; None is all.
    """

    epochs: int
    patience: int = 3
    batch_size: int = 128
    peak_rate: float = 3e-3
    warm_up: float = 0.2
    shift: int = 1
    train_inputs: int | None = None
    validation_inputs: int | None = None


def train(
    model: Any, digits: Mnist, image: ImageSpec, plan: TrainingPlan, seed: int, progress: Progress
) -> Mapping[str, Any]:
    """Train `model` in place, leave its best weights in it, and return what the manifest records of it."""
    import keras

    started = time.monotonic()
    training, validation = digits.train.first(plan.train_inputs), digits.validation.first(plan.validation_inputs)
    steps_per_epoch = -(-len(training.labels) // plan.batch_size)
    steps = plan.epochs * steps_per_epoch
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=plan.peak_rate / 25,
        decay_steps=int(steps * (1 - plan.warm_up)),
        warmup_target=plan.peak_rate,
        warmup_steps=int(steps * plan.warm_up),
    )
    # Without XLA, which takes a minute to compile a deep network, and whose steps are no faster on a CPU.
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"], jit_compile=False)
    batches = partial(_shifted_batches, training, image, plan, np.random.default_rng(seed))
    with progress.stage("train", steps) as stage, dataset(batches, image, training.labels) as shifted:
        history = model.fit(
            shifted,
            epochs=plan.epochs,
            steps_per_epoch=steps_per_epoch,
            validation_data=(normalised(validation.pictures, image), validation.labels),
            validation_batch_size=500,
            shuffle=False,  # the batches are shuffled already
            callbacks=training_callbacks(stage, plan.epochs, "val_accuracy", plan.patience),
            verbose=0,
        ).history
    accuracies = [round(float(value), 4) for value in history["val_accuracy"]]
    return {
        "plan": asdict(plan),
        "seed": seed,
        "epochs": len(accuracies),
        "best_epoch": int(np.argmax(accuracies)) + 1,
        "validation_accuracy": accuracies,
        "train_inputs": len(training.labels),
        "validation_inputs": len(validation.labels),
        "seconds": round(time.monotonic() - started, 1),
    }


def _shifted_batches(
    digits: Digits, image: ImageSpec, plan: TrainingPlan, random: np.random.Generator
) -> Iterator[Batch]:
    """Shuffled batches without end, each picture moved by up to `shift` pixels either way."""
    margin = ((0, 0), (plan.shift, plan.shift), (plan.shift, plan.shift), (0, 0))
    # Every shift of every picture, as a view: (N, 2·shift + 1, 2·shift + 1, channels, height, width).
    padded, size = np.pad(digits.pictures, margin), (image.height, image.width)
    windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=(1, 2))  # type: ignore[call-overload]
    while True:
        order = random.permutation(len(windows))
        for start in range(0, len(order), plan.batch_size):
            chosen = order[start : start + plan.batch_size]
            down, right = random.integers(0, 2 * plan.shift + 1, (2, len(chosen)))
            pictures = np.moveaxis(windows[chosen, down, right], 1, -1)
            yield normalised(pictures, image), digits.labels[chosen]
