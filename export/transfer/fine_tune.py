"""The last layers of the extractor, taught on at a low rate once the head knows its classes.

Batch normalisation stays as it was trained, in inference mode: a few pictures would spoil its statistics. Pictures are
decoded a batch at a time, for every epoch anew. What does not lower the validation loss is undone.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from export.data.pictures import Picture, batches
from export.errors import SourceError
from export.recipe import Progress
from export.transfer.features import Features
from export.transfer.head import epoch_note, loss_for, metric_for, targets
from metadata.card import ImageSpec
from metadata.preprocess import normalised

EPOCHS = 3
BATCH = 16
RATE = 1e-5

Batch = tuple[npt.NDArray[Any], npt.NDArray[Any]]


def fine_tune(
    network: Any,
    logits: Any,
    layers: int,
    train: Features,
    validation: Features,
    classes: int,
    image: ImageSpec,
    seed: int,
    progress: Progress,
) -> Mapping[str, Any]:
    """Teach the last `layers` layers of `network` with weights, and `logits`, in place; what the manifest records.

    SourceError when the network has fewer layers than that.
    """
    import keras

    started = time.monotonic()
    chosen = _unfreeze(network, layers)
    model = keras.Model(network.inputs, logits(network.output))
    model.compile(keras.optimizers.Adam(RATE), loss_for(classes), metrics=[metric_for(classes)])
    stopping = _Pictures(validation, image, classes)
    before, frozen = model.evaluate(iter(stopping), steps=stopping.steps, verbose=0)[0], model.get_weights()
    teaching = _Pictures(train, image, classes, seed)
    with progress.stage(f"fine-tune {layers} layers", EPOCHS * teaching.steps) as stage:
        tell = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: stage.advance(1),  # noqa: ARG005 - Keras passes them by name
            on_epoch_end=lambda epoch, logs: stage.advance(0, epoch_note(epoch, EPOCHS, logs)),
        )
        best = keras.callbacks.EarlyStopping("val_loss", patience=EPOCHS, restore_best_weights=True)
        history = model.fit(
            iter(teaching),
            steps_per_epoch=teaching.steps,
            epochs=EPOCHS,
            validation_data=iter(stopping),
            validation_steps=stopping.steps,
            callbacks=[tell, best],
            verbose=0,
        ).history
    kept = min(history["val_loss"]) < before
    if not kept:
        model.set_weights(frozen)
        progress.say("fine-tuning did not lower the validation loss: undone")
    return {
        "layers": chosen,
        "kept": kept,
        "rate": RATE,
        "validation_loss": [float(f"{value:.6g}") for value in (before, *history["val_loss"])],
        "validation_accuracy": [round(float(value), 4) for value in history["val_accuracy"]],
        "seconds": round(time.monotonic() - started, 1),
    }


def _unfreeze(network: Any, layers: int) -> list[str]:
    """Names of the last `layers` layers that have weights, batch normalisation aside; only these are trainable now."""
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
    """Batches without end, decoded when they are asked for; shuffled in every round where a seed is given."""

    def __init__(self, features: Features, image: ImageSpec, classes: int, seed: int | None = None) -> None:
        self._files = [photo.path for photo, _ in features.photos]
        self._targets = targets(features.labels, classes)
        self._image = image
        self._random = None if seed is None else np.random.default_rng(seed)
        self.steps = -(-len(self._files) // BATCH)

    def __iter__(self) -> Iterator[Batch]:
        while True:
            count = len(self._files)
            order = np.arange(count) if self._random is None else self._random.permutation(count)
            yield from self._round(order)

    def _round(self, order: Sequence[int] | npt.NDArray[np.intp]) -> Iterator[Batch]:
        files = [self._files[index] for index in order]
        for start, batch in enumerate(batches(files, self._image, size=BATCH)):
            chosen = order[start * BATCH : start * BATCH + len(batch)]
            read = [(one.levels, index) for one, index in zip(batch, chosen, strict=True) if isinstance(one, Picture)]
            if not read:
                raise SourceError(f"{files[start * BATCH]} and those after it were readable before; put them back")
            levels = np.stack([one for one, _ in read])
            yield normalised(levels, self._image), self._targets[[index for _, index in read]]
