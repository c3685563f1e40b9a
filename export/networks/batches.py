"""Batches that Python makes, for Keras to train on."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy.typing as npt

from metadata.card import ImageSpec

Batch: TypeAlias = tuple[npt.NDArray[Any], npt.NDArray[Any]]
"""Normalised pictures, float32 (N, height, width, channels), and their targets, (N, …); N may differ."""


def dataset(batches: Callable[[], Iterator[Batch]], image: ImageSpec, targets: npt.NDArray[Any]) -> Any:
    """A `tf.data.Dataset` of `batches`, made one ahead of their use; each has pictures of `image` and some `targets`.

    Keras makes one of an iterator too, but lets tf.data tune it. The tuning's thread sleeps for 10 ms, then 20 ms, and
    so on up to a minute (tensorflow/core/framework/model.h), and the end of `fit` waits for it: with TensorFlow 2.19,
    half of the trainings that took 7 s ended after 10.2 s.
    """
    import tensorflow as tf

    signature = (
        tf.TensorSpec((None, image.height, image.width, image.channels), tf.float32),
        tf.TensorSpec((None, *targets.shape[1:]), targets.dtype),
    )
    options = tf.data.Options()
    options.autotune.enabled = False
    return tf.data.Dataset.from_generator(batches, output_signature=signature).prefetch(1).with_options(options)
