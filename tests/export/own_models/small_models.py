"""Small models of pictures, and what their fp32 files answer."""

from pathlib import Path
from typing import Any

import numpy as np

from tests.export.own_models.conftest import Desk, answers, levels_of

PLAIN = ("--mean", 0, "--std", 1)


def exported(desk: Desk, path: Path, *options: object) -> Any:
    """What the fp32 file answers to the pictures, which are given as they are."""
    record = desk.export(path, "--labels", desk.usual[1], *PLAIN, "--variants", "fp32", *options, usual=False)
    return answers(desk, record, levels_of(desk.photos))


def pictures(desk: Desk) -> Any:
    return levels_of(desk.photos).astype(np.float32)


def ending(picture: Any, outputs: int = 3, activation: str | None = "sigmoid", layers: Any = None) -> Any:
    import keras

    layers = layers or keras.layers
    pooled = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(picture))
    return layers.Dense(outputs, activation=activation)(pooled)


def rescaled(size: tuple[int, ...] = (16, 16, 3)) -> tuple[Any, Any]:
    import keras

    keras.utils.set_random_seed(3)
    picture = keras.Input(size)
    return picture, keras.layers.Rescaling(1 / 127.5, -1)(picture)
