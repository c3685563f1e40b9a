"""Batches that Python makes, for Keras to train on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy.typing as npt

from metadata.card import ImageSpec

Batch: TypeAlias = tuple[npt.NDArray[Any], npt.NDArray[Any]]
"""Normalised pictures, float32 (N, height, width, channels), and their targets, (N, …); N may differ."""


@contextmanager
def dataset(batches: Callable[[], Iterator[Batch]], image: ImageSpec, targets: npt.NDArray[Any]) -> Iterator[Any]:
    """A `tf.data.Dataset` of `batches`, made one ahead of their use; each has pictures of `image` and some `targets`.

    Within the block an error of `batches` is raised as itself, where TensorFlow makes its own of it.

    Keras makes one of an iterator too, but lets tf.data tune it. The tuning's thread sleeps for 10 ms, then 20 ms, and
    so on up to a minute (tensorflow/core/framework/model.h), and the end of `fit` waits for it: with TensorFlow 2.19,
    12 of 32 trainings that took 7 s ended after 10.2 s.
    """
    import tensorflow as tf

    errors: list[Exception] = []

    def noted() -> Iterator[Batch]:
        try:
            yield from batches()
        except Exception as error:
            errors.append(error)
            raise

    signature = (
        tf.TensorSpec((None, image.height, image.width, image.channels), tf.float32),
        tf.TensorSpec((None, *targets.shape[1:]), targets.dtype),
    )
    options = tf.data.Options()
    options.autotune.enabled = False
    try:
        yield tf.data.Dataset.from_generator(noted, output_signature=signature).prefetch(1).with_options(options)
    except tf.errors.OpError as error:
        if errors:
            raise errors[0] from error
        raise
