"""The head: the one new layer, from features to classes. Ten epochs over cached features take seconds.

Two classes get one logit and its loss, `BinaryCrossentropy(from_logits=True)`; more classes get one logit each. Both
are exported as a softmax, one probability a label.

For training, features are centred and scaled, so that one learning rate suits every backbone; the trained layer then
takes features as they are.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from export.networks.callbacks import training_callbacks
from export.networks.saved_model import GraphModel
from export.recipe import Progress
from export.transfer.features import Features


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """How to train. With few pictures, each is used several times an epoch, for at least `least_steps` steps in all.

    Adam's learning rate begins at `peak_rate` divided by the number of features: then a step changes a logit by as
    much for every backbone.
    """

    epochs: int = 10
    batch_size: int = 32
    peak_rate: float = 1.28
    least_steps: int = 400

    def rounds(self, pictures: int) -> int:
        """How often each of so many pictures is used in an epoch."""
        return max(1, round(self.least_steps / self.epochs / math.ceil(pictures / self.batch_size)))


def logits_layer(classes: int) -> Any:
    """One logit for two classes, one a class for more."""
    import keras

    return keras.layers.Dense(1 if classes == 2 else classes, kernel_initializer="zeros", name="logits")


def loss_for(classes: int) -> Any:
    """The loss for the outputs of `logits_layer`: logits, not probabilities."""
    import keras

    if classes == 2:
        return keras.losses.BinaryCrossentropy(from_logits=True)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def metric_for(classes: int) -> Any:
    """Accuracy computed from logits: one above zero means the second of two classes."""
    import keras

    if classes == 2:
        return keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)
    return keras.metrics.SparseCategoricalAccuracy("accuracy")


def probabilities_layer(logits: Any, classes: int) -> Any:
    """The trained head as a softmax over all classes.

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
    """The trained logits layer, of its best epoch by validation loss, and what the manifest records of it."""
    import keras

    started = time.monotonic()
    keras.utils.set_random_seed(seed)
    logits = logits_layer(classes)
    model = keras.Sequential([keras.Input((train.vectors.shape[1],)), logits])
    centre, scale = train.vectors.mean(axis=0), float(train.vectors.std(axis=0).mean()) or 1.0
    rounds = plan.rounds(len(train.labels))
    steps = math.ceil(rounds * len(train.labels) / plan.batch_size)
    rate = keras.optimizers.schedules.CosineDecay(plan.peak_rate / len(centre), plan.epochs * steps)
    model.compile(keras.optimizers.Adam(rate), loss_for(classes), metrics=[metric_for(classes)])
    with progress.stage("train the head", plan.epochs * steps) as stage:
        history = model.fit(
            np.tile((train.vectors - centre) / scale, (rounds, 1)),
            targets(np.tile(train.labels, rounds), classes),
            batch_size=plan.batch_size,
            epochs=plan.epochs,
            validation_data=((validation.vectors - centre) / scale, targets(validation.labels, classes)),
            callbacks=training_callbacks(stage, plan.epochs, "val_loss", plan.epochs),
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


def targets(labels: npt.NDArray[np.int64], classes: int) -> npt.NDArray[Any]:
    """Labels in the form that the loss takes: a column of floats for one logit."""
    return labels.astype(np.float32)[:, np.newaxis] if classes == 2 else labels


def classifier(network: Any, logits: Any, classes: int) -> Any:
    """The backbone's network and the head as one model from pictures to probabilities.

    It is a Keras model where `network` is, else a GraphModel.
    """
    import keras

    probabilities = probabilities_layer(logits, classes)
    if not isinstance(network, GraphModel):
        return keras.Model(network.inputs, probabilities(network.output), name="classifier")

    def classify(pictures: Any) -> Any:
        with keras.name_scope("head"):  # the converter needs the name `probabilities` for the output itself
            return probabilities(network(pictures))

    return GraphModel(classify, network.count_params() + probabilities.count_params())
