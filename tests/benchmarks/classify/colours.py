"""A model that tells red, green and blue apart, packed for real: one knows the answer beforehand."""

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.console.places import ROOT, cache_folder
from benchmarks.console.terminal import quiet
from export.recipe import Variant
from metadata.card import DigitLayout, ImageSpec, ModelCard

COLOURS = {"red": (200, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 200)}
IMAGE = ImageSpec(16, 16, 3, mean=(127.5,) * 3, std=(127.5,) * 3)
DIGITS = ImageSpec(28, 28, 1, mean=(127.5,), std=(127.5,), digit=DigitLayout())
BUILT = ROOT / "build" / "models"
PHOTOGRAPHS = cache_folder() / "photographs"
Capture = pytest.CaptureFixture[str]


def converted(image: ImageSpec, weights: Any, variant: Variant, scale: float = 1) -> bytes:
    """The mean of each channel through one dense layer: a classifier whose answers one can tell beforehand.

    `scale` multiplies its probabilities.
    """
    with quiet(Path(os.devnull)), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras

        from export.convert.convert import convert, freeze

        kernel = np.array(weights, np.float32)
        dense = keras.layers.Dense(kernel.shape[1], activation="softmax")
        shape = (image.height, image.width, image.channels)
        end = [] if scale == 1 else [keras.layers.Rescaling(scale)]
        model = keras.Sequential([keras.Input(shape), keras.layers.GlobalAveragePooling2D(), dense, *end])
        dense.set_weights([kernel, np.zeros(kernel.shape[1], np.float32)])
        calibration = np.random.default_rng(0).integers(0, 256, (8, *shape), np.uint8)
        calibration[0], calibration[1] = 0, 255
        return convert(freeze(model, image), variant, calibration, image)


def card(name: str, image: ImageSpec, labels: tuple[str, ...]) -> ModelCard:
    return ModelCard(name, "For a test.", "1", "Handset", "Apache-2.0", image, labels)


def refused(run: Any, capfd: Capture, *arguments: str | Path) -> str:
    """The one line of a command that exits 2 and prints nothing else."""
    assert run(*arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err
