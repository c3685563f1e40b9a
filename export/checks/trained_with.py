"""The cost of the ImageSpec's preprocessing: Keras on the same inputs, with the preprocessing of the training.

Pictures are decoded and resized by the library that the training used, exactly as it does: EXIF rotation and alpha are
ignored, the whole picture is stretched, and `tf.image.resize` gives fractional values. They pass through `tf.data` in
batches, so that memory does not grow with their number.
"""

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.evaluation.desktop import Probabilities
from benchmarks.formats.inputs import RAW, Inputs
from benchmarks.formats.variant_record import TrainedWithRecord
from export.checks.verify import changes_between, measured, rounded
from export.errors import SourceError
from export.recipe import Progress, TrainedWith
from metadata.card import ImageSpec
from metadata.picture import decode

READABLE = (b"\xff\xd8\xff", b"\x89PNG")  # JPEG and PNG: both libraries read them in one and three channels
BATCH = 16  # a larger batch of photographs is not faster, and needs more memory for its activations

Run = Callable[[npt.NDArray[np.float32]], Probabilities]
"""Answers normalised pictures, (N, height, width, channels), with probabilities, (N, labels)."""


def measure(
    trained_with: TrainedWith,
    run: Run,
    evaluated: Inputs,
    image: ImageSpec,
    expected: Probabilities,
    progress: Progress,
) -> TrainedWithRecord | None:
    """The manifest's `trained_with`: `expected`, by the ImageSpec, compared with `run` on inputs as at training.

    None, and a line that says so, where all inputs are raw pixels: nothing is resized there. SourceError for a picture
    that the training's library cannot read.
    """
    if all(name.endswith(RAW) for name in evaluated.ids):
        progress.say(f"  --trained-with {trained_with}: the inputs are pixels of the model's size, none is resized")
        return None
    import tensorflow as tf

    answers: list[Probabilities] = []
    with progress.stage(f"ask as trained, {trained_with}", len(evaluated.ids)) as stage:
        try:
            for batch in pictures(trained_with, evaluated, image):
                answers.append(run(batch.numpy()))
                stage.advance(len(batch))
        except tf.errors.OpError as error:
            first = evaluated.ids[sum(map(len, answers))]
            raise SourceError(
                f"--trained-with {trained_with}: {first} or one of the {BATCH - 1} after it is not read as at "
                f"training ({error.message.splitlines()[0]}); save it again, or leave it out"
            ) from error
    training = np.concatenate(answers)
    changes = changes_between(training, expected, evaluated.truth)
    return TrainedWithRecord(
        preprocessing=trained_with,
        training_accuracy=rounded(changes.earlier_accuracy),
        **measured(changes, training, expected),
    )


def pictures(trained_with: TrainedWith, evaluated: Inputs, image: ImageSpec) -> Any:
    """A `tf.data.Dataset` of inputs as at training: float32 (≤ BATCH, height, width, channels)."""
    import tensorflow as tf

    fit = _by_load_img(image) if trained_with is TrainedWith.KERAS_NEAREST else _by_tf_image(trained_with, image)
    mean, std = (np.array(values, np.float32) for values in (image.mean, image.std))
    encoded = tf.data.Dataset.from_generator(
        lambda: _readable(evaluated, image), output_signature=tf.TensorSpec((), tf.string)
    )
    fitted = encoded.map(lambda data: (tf.cast(fit(data), tf.float32) - mean) / std, tf.data.AUTOTUNE)
    return fitted.batch(BATCH).prefetch(1)


def _by_tf_image(trained_with: TrainedWith, image: ImageSpec) -> Callable[[Any], Any]:
    import tensorflow as tf

    def fit(data: Any) -> Any:
        decoded = tf.io.decode_image(data, image.channels, expand_animations=False)
        return tf.image.resize(decoded, (image.height, image.width), trained_with.removeprefix("tf_"))

    return fit


def _by_load_img(image: ImageSpec) -> Callable[[Any], Any]:
    import keras
    import tensorflow as tf

    size = (image.height, image.width)
    colours = "grayscale" if image.channels == 1 else "rgb"

    def load(data: bytes) -> npt.NDArray[np.uint8]:
        loaded = keras.utils.load_img(io.BytesIO(data), color_mode=colours, target_size=size, interpolation="nearest")
        return np.asarray(loaded).reshape(*size, image.channels)

    def fit(data: Any) -> Any:
        return tf.ensure_shape(tf.numpy_function(load, [data], tf.uint8), (*size, image.channels))

    return fit


def _readable(evaluated: Inputs, image: ImageSpec) -> Iterator[bytes]:
    """The inputs in order as JPEG or PNG. Raw pixels and other formats become PNG, as the kit decodes them."""
    for ids, encoded in evaluated.encoded(BATCH):
        for name, data in zip(ids, encoded, strict=True):
            if name.endswith(RAW):
                levels = np.frombuffer(data, np.uint8).reshape(image.height, image.width, image.channels)
                yield _png(Image.fromarray(levels.squeeze(-1) if image.channels == 1 else levels))
            else:
                yield data if data.startswith(READABLE) else _png(decode(data, name))


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()
