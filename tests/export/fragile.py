"""A small classifier that int8 breaks, by how much is asked, and recipes around it. Its weights are set by hand.

Four hues, faint and strong, are told apart: a layer splits what is not grey into positive and negative parts, beside
a constant; the next one makes the constant `loudness` times louder, and one more undoes that. In float it is all the
same. In integers the loud channel takes the whole range of its tensor, and the colours fall between two steps.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from export.recipe import BuildContext, Built, Entry, Evaluation, Recipe, Screen, Tolerance, Variant
from metadata.card import ImageSpec, ModelCard
from metadata.preprocess import Pixels

IMAGE = ImageSpec(16, 16, 3, mean=(127.5,) * 3, std=(127.5,) * 3)
HUES = np.array([[2, -1, -1], [-2, 1, 1], [-1, 2, -1], [1, -2, 1]])
COLOURS = 127.5 + np.concatenate([15 * HUES, 40 * HUES])
CALIBRATION = 40
TOLERANCE = Tolerance(accuracy=5, agreement=5)


def pictures(seed: int, count: int, strength: float = 1) -> tuple[Pixels, list[int]]:
    """Noisy pictures of one colour each and which colour it is, less colourful than they might be by `strength`."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, len(COLOURS), count)
    plain = 127.5 + strength * (COLOURS[truth] - 127.5)
    noisy = plain[:, None, None] + strength * random.normal(0, 10, (count, 16, 16, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8), truth.tolist()


def model(loudness: float) -> Any:
    """The Keras model."""
    import keras

    layers = keras.layers
    made = keras.Sequential(
        [
            keras.Input((16, 16, 3), name="image"),
            layers.Conv2D(7, 1, activation="relu", name="split"),
            layers.DepthwiseConv2D(3, padding="same", activation="relu", name="loud"),
            layers.Conv2D(7, 1, activation="relu", name="quiet"),
            layers.Conv2D(7, 3, padding="same", activation="relu", name="after"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(len(COLOURS), "softmax", name="probabilities"),
        ]
    )
    for name, weights in _weights(loudness).items():
        made.get_layer(name).set_weights(weights)
    return made


def _weights(loudness: float) -> Mapping[str, list[Any]]:
    signs = np.repeat(np.eye(3), 2, axis=1) * np.array([1, -1] * 3)
    not_grey = (np.eye(3) - 1 / 3) @ signs
    split = np.concatenate([not_grey, np.zeros((3, 1))], axis=1)[None, None]
    loud = np.full((3, 3, 7, 1), 1 / 9)
    loud[:, :, 6] *= loudness
    quiet = np.diag([1.0] * 6 + [1 / loudness])[None, None]
    after = np.zeros((3, 3, 7, 7))
    after[1, 1] = np.eye(7)
    # The nearest colour: 2·c·x − |c|², sharpened.
    wanted = COLOURS / 127.5 - 1
    nearest = np.concatenate([signs.T @ wanted.T, np.zeros((1, len(COLOURS)))])
    return {
        "split": [split, np.array([0.0] * 6 + [1.0])],
        "loud": [loud, np.zeros(7)],
        "quiet": [quiet, np.zeros(7)],
        "after": [after, np.zeros(7)],
        "probabilities": [80 * nearest, -40 * (wanted**2).sum(axis=1)],
    }


def recipe(loudness: float, *, timid: bool = False, more: bool = True) -> Recipe:
    """The classifier as a recipe, judged on 400 pictures by accuracy.

    `timid`: the first samples to calibrate on are nearly grey, and only further ones, if there are `more`, are not.
    """

    def samples(count: int) -> Pixels:
        grey, _ = pictures(1, CALIBRATION, strength=0.05 if timid else 1)
        return np.concatenate([grey, pictures(2, count - CALIBRATION)[0]])

    def build(_: BuildContext) -> Built:
        return Built(model(loudness), samples(CALIBRATION), None, samples if more else None)

    def evaluation(_: BuildContext) -> Evaluation:
        entries = zip(*pictures(3, 400), strict=True)
        return Evaluation("colours", [Entry(f"{n:03}.raw", one.tobytes(), t) for n, (one, t) in enumerate(entries)])

    names = tuple(f"colour {index}" for index in range(len(COLOURS)))
    return Recipe(
        card=ModelCard("fragile", "Eight colours.", "1", "Handset", "Apache-2.0", IMAGE, names),
        parameters=None,
        screen=Screen.GALLERY,
        shipped=False,
        tolerances=dict.fromkeys((Variant.FP32, Variant.INT8), TOLERANCE),
        sources=(),
        build=build,
        evaluation=evaluation,
    )
