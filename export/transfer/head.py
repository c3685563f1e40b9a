"""The layer that is taught: from features to classes. Ten epochs over remembered features cost seconds.

Two classes are one question, so they get one logit and its loss, `BinaryCrossentropy(from_logits=True)`; more get one
logit each. Either is exported as a softmax, one probability a label.

Features are centred and brought to one scale while teaching, so that one rate suits every backbone; the taught layer
then takes them as they are.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from export.recipe import Progress
from export.transfer.features import Features


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """How to teach. `least_steps` has the pictures of a small folder seen several times an epoch.

    `peak_rate` is of Adam, times the number of features: a step moves a logit as far whatever that number is.
    """

    epochs: int = 10
    batch_size: int = 32
    peak_rate: float = 1.28
    least_steps: int = 400

    def rounds(self, pictures: int) -> int:
        """How often each of so many pictures is seen in an epoch."""
        return max(1, round(self.least_steps / self.epochs / math.ceil(pictures / self.batch_size)))


def logits_layer(classes: int) -> Any:
    """One logit for two classes, one a class for more."""
    import keras

    return keras.layers.Dense(1 if classes == 2 else classes, kernel_initializer="zeros", name="logits")


def loss_for(classes: int) -> Any:
    """The loss that takes what `logits_layer` answers: logits, not probabilities."""
    import keras

    if classes == 2:
        return keras.losses.BinaryCrossentropy(from_logits=True)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def metric_for(classes: int) -> Any:
    """Accuracy at the logits: above zero is the second of two classes."""
    import keras

    if classes == 2:
        return keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)
    return keras.metrics.SparseCategoricalAccuracy("accuracy")


def probabilities_layer(logits: Any, classes: int) -> Any:
    """The taught layer as a softmax over all classes; it is built when it is called, with the weights to come.

    One logit z becomes −z/2 and z/2, because softmax(−z/2, z/2) is (1 − sigmoid(z), sigmoid(z)), exactly.
    """
    import keras

    kernel, bias = logits.get_weights()
    if classes == 2:
        kernel, bias = np.concatenate([-kernel, kernel], axis=1) / 2, np.concatenate([-bias, bias]) / 2
    layer = keras.layers.Dense(classes, "softmax", name="probabilities")
    layer.build((None, len(kernel)))
    layer.set_weights([kernel, bias])
    return layer


def train_head(
    train: Features, validation: Features, classes: int, plan: HeadPlan, seed: int, progress: Progress
) -> tuple[Any, Mapping[str, Any]]:
    """The taught logits layer, as of its best epoch by validation loss, and what the manifest records of it."""
    import keras

    started = time.monotonic()
    keras.utils.set_random_seed(seed)
    logits = logits_layer(classes)
    model = keras.Sequential([keras.Input((train.vectors.shape[1],)), logits])
    centre, scale = train.vectors.mean(axis=0), float(train.vectors.std(axis=0).mean()) or 1.0
    epochs, rounds = plan.epochs, plan.rounds(len(train.labels))
    rate = keras.optimizers.schedules.CosineDecay(
        plan.peak_rate / len(centre), epochs * math.ceil(rounds * len(train.labels) / plan.batch_size)
    )
    model.compile(keras.optimizers.Adam(rate), loss_for(classes), metrics=[metric_for(classes)])
    with progress.stage("teach the head", epochs) as stage:
        tell = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: stage.advance(1, epoch_note(epoch, epochs, logs))
        )
        best = keras.callbacks.EarlyStopping("val_loss", patience=epochs, restore_best_weights=True)
        history = model.fit(
            np.tile((train.vectors - centre) / scale, (rounds, 1)),
            targets(np.tile(train.labels, rounds), classes),
            batch_size=plan.batch_size,
            epochs=epochs,
            validation_data=((validation.vectors - centre) / scale, targets(validation.labels, classes)),
            callbacks=[tell, best],
            verbose=0,
        ).history
    kernel, bias = logits.get_weights()
    logits.set_weights([kernel / scale, bias - centre @ kernel / scale])
    return logits, {
        "plan": asdict(plan),
        "rounds_an_epoch": rounds,
        "best_epoch": int(np.argmin(history["val_loss"])) + 1,
        "loss": type(loss_for(classes)).__name__,
        "validation_accuracy": [round(float(value), 4) for value in history["val_accuracy"]],
        "seconds": round(time.monotonic() - started, 1),
    }


def epoch_note(epoch: int, epochs: int, logs: Mapping[str, float]) -> str:
    """What stands beside the bar."""
    return f"epoch {epoch + 1} of {epochs}, validation accuracy {logs['val_accuracy']:.4f}"


def targets(labels: npt.NDArray[np.int64], classes: int) -> npt.NDArray[Any]:
    """Labels as the loss takes them: a column of floats for one logit."""
    return labels.astype(np.float32)[:, np.newaxis] if classes == 2 else labels
