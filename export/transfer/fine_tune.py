"""Fine-tuning: the last layers of the backbone are trained too, at a low rate, once the head is trained.

Batch normalisation keeps its statistics and runs in inference mode: a few pictures would spoil them. Pictures are
decoded a batch at a time, again for every epoch. Training that does not lower the validation loss is undone.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.pictures import Picture, batches
from export.errors import SourceError
from export.networks.batches import Batch, dataset
from export.networks.callbacks import training_callbacks
from export.recipe import BuildContext
from export.transfer.features import Features
from export.transfer.head import loss_for, metric_for, targets
from metadata.card import ImageSpec
from metadata.preprocess import normalised

EPOCHS = 3
BATCH = 16
RATE = 1e-5


def fine_tune(
    network: Any,
    logits: Any,
    train: Features,
    validation: Features,
    classes: int,
    image: ImageSpec,
    context: BuildContext,
) -> Mapping[str, Any]:
    """Train the last weighted layers of `network`, and `logits`, in place; return what the manifest records.

    How many layers is the user's choice, in `context`.

    SourceError when the network has fewer layers than that.
    """
    import keras

    started, layers = time.monotonic(), context.choices.fine_tune
    chosen = _unfreeze(network, layers)
    model = keras.Model(network.inputs, logits(network.output))
    model.compile(keras.optimizers.Adam(RATE), loss_for(classes), metrics=[metric_for(classes)])
    validating, training = _Pictures(validation, image, classes), _Pictures(train, image, classes, context.choices.seed)
    with (
        dataset(validating.batches, image, validating.targets) as held_back,
        dataset(training.batches, image, training.targets) as learned,
    ):
        before, frozen = model.evaluate(held_back, steps=validating.steps, verbose=0)[0], model.get_weights()
        with context.progress.stage(f"fine-tune {layers} layers", EPOCHS * training.steps) as stage:
            history = model.fit(
                learned,
                steps_per_epoch=training.steps,
                epochs=EPOCHS,
                validation_data=held_back,
                validation_steps=validating.steps,
                shuffle=False,  # the batches are shuffled already
                callbacks=training_callbacks(stage, EPOCHS, "val_loss", EPOCHS),
                verbose=0,
            ).history
    kept = min(history["val_loss"]) < before
    if not kept:
        model.set_weights(frozen)
        context.progress.say("fine-tuning did not lower the validation loss: undone")
    return {
        "layers": chosen,
        "kept": kept,
        "rate": RATE,
        "validation_loss": [float(f"{value:.6g}") for value in (before, *history["val_loss"])],
        "validation_accuracy": [round(float(value), 4) for value in history["val_accuracy"]],
        "seconds": round(time.monotonic() - started, 1),
    }


def _unfreeze(network: Any, layers: int) -> list[str]:
    """Make only the last `layers` layers with weights trainable, never batch normalisation; return their names."""
    import keras

    network.trainable = True
    weighted = [
        layer for layer in network.layers if layer.weights and not isinstance(layer, keras.layers.BatchNormalization)
    ]
    if layers > len(weighted):
        raise SourceError(f"--fine-tune {layers}: the backbone has {len(weighted)} layers with weights; give fewer")
    chosen = weighted[-layers:]
    for layer in network.layers:
        layer.trainable = layer in chosen
    return [layer.name for layer in chosen]


class _Pictures:
    """Photographs and their `targets`; `steps` batches are an epoch."""

    def __init__(self, features: Features, image: ImageSpec, classes: int, seed: int | None = None) -> None:
        self._files = [photo.path for photo, _ in features.photos]
        self.targets = targets(features.labels, classes)
        self._image = image
        self._random = None if seed is None else np.random.default_rng(seed)
        self.steps = -(-len(self._files) // BATCH)

    def batches(self) -> Iterator[Batch]:
        """Batches without end, decoded when they are needed; reshuffled every epoch where there is a seed."""
        while True:
            count = len(self._files)
            order = np.arange(count) if self._random is None else self._random.permutation(count)
            yield from self._epoch(order)

    def _epoch(self, order: Sequence[int] | npt.NDArray[np.intp]) -> Iterator[Batch]:
        files = [self._files[index] for index in order]
        for start, batch in enumerate(batches(files, self._image, size=BATCH)):
            chosen = order[start * BATCH : start * BATCH + len(batch)]
            read = [
                (item.levels, index) for item, index in zip(batch, chosen, strict=True) if isinstance(item, Picture)
            ]
            if not read:
                raise SourceError(f"{files[start * BATCH]} and those after it were readable before; put them back")
            levels = np.stack([picture for picture, _ in read])
            yield normalised(levels, self._image), self.targets[[index for _, index in read]]
