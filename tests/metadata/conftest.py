"""Fixtures of this room: tiny real models, converted once a session, and cards for them."""

import importlib.util
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from metadata.card import ImageSpec, ModelCard
from metadata.support_library import missing_support

TINY_MODELS = "TINY_MODELS"
Cards = Callable[[int], ModelCard]

needs_support = pytest.mark.skipif(missing_support() is not None, reason=str(missing_support()))
"""For tests that ask Google's own tflite-support."""


@pytest.fixture(scope="session")
def tiny() -> Mapping[str, bytes]:
    """The .tflite files of `tiny_models` by name: fp32_1, int8_1, fp32_3, int8_3 and the odd ones.

    Where TensorFlow is not installed, another process has converted them into the folder TINY_MODELS.
    """
    if (converted := os.environ.get(TINY_MODELS)) is not None:
        return {path.stem: path.read_bytes() for path in Path(converted).glob("*.tflite")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tests.metadata import tiny_models as make

        return {
            **{f"{kind.__name__}_{channels}": kind(channels) for kind in (make.fp32, make.int8) for channels in (1, 3)},
            "int8_3_misfit": make.int8(3, darkest=60.0),
            "int16x8": make.int16x8(),
            "buffer_offsets": make.buffer_offsets(),
            "dense_dynamic": make.dense_dynamic(),
            "without_weights": make.without_weights(),
            "two_inputs": make.two_inputs(),
            "any_size": make.any_size(),
            "one_sigmoid": make.one_sigmoid(),
            "uint8_without_scale": make.uint8_without_scale(),
            **{kind: make.scores(kind) for kind in make.ENDS},
            "flex": make.flex(),
            "custom": make.custom(),
        }


@pytest.fixture
def quiet_tensorflow() -> Iterator[None]:
    """TensorFlow warns that it is TensorFlow; inside this fixture that is no error. Skips where it is not installed."""
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="session")
def card_for() -> Cards:
    """The card that fits the tiny classifier of so many channels."""
    return tiny_card


def tiny_card(channels: int) -> ModelCard:
    """The card that fits the tiny classifier of so many channels."""
    size, classes = {1: (28, 10), 3: (32, 4)}[channels]
    labels = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")[:classes]
    image = ImageSpec(size, size, channels, mean=(127.5,) * channels, std=(127.5,) * channels)
    return ModelCard("tiny", "A tiny classifier.", "1.0", "Handset", "Apache-2.0", image, labels)
