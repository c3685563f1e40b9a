"""Models as users bring them, made here with Keras; the command line that exports them; and labelled pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.evaluation.desktop import TfliteRunner
from benchmarks.formats.models_file import RecipeRecord
from export.commands import own_model
from export.commands.own_model import parse
from export.commands.run import REFUSALS, run
from metadata import reader
from tests.export.conftest import Quiet, noise

GOLDEN = Path(__file__).parents[2] / "golden" / "own"
COLOURS = {"red": (220, 60, 60), "green": (60, 220, 60), "blue": (60, 60, 220)}
FEW, MANY = 6, 20  # pictures of a colour: too few to check mean and std, and enough


def classifier(size: Sequence[int | None] = (16, 16, 3), outputs: int = 3, activation: str | None = "softmax") -> Any:
    """A convolution, pooling and a dense layer with seeded weights."""
    import keras

    keras.utils.set_random_seed(7)
    return keras.Sequential(
        [
            keras.Input(tuple(size)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(outputs, activation=activation),
        ]
    )


def colours() -> Any:
    """Names the colour of a picture that is fed as RGB in −1..1; anything of another range is blue to it."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, activation=keras.activations.tanh),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    # tanh(9x): −1..1 becomes a sharp no or yes; from 0 upwards everything is a yes, and the last label wins.
    model.layers[1].set_weights([np.eye(3) * 9, np.zeros(3)])
    model.layers[2].set_weights([np.eye(3) * 4, np.array([0.0, 0.1, 0.2])])
    return model


def painted(folder: Path, count: int) -> Path:
    """<folder>/<colour>/<number>.png, so many of each colour, noisy."""
    for name, colour in COLOURS.items():
        (folder / name).mkdir(parents=True)
        for index in range(count):
            levels = np.clip(np.array(colour) + noise(index, 20, 20, 3) // 8 - 16, 0, 255).astype(np.uint8)
            Image.fromarray(levels).save(folder / name / f"{index:02d}.png")
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return painted(tmp_path / "photos", FEW)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    return painted(tmp_path / "many", MANY)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """A label file of the three colours."""
    path = tmp_path / "labels.txt"
    path.write_text("red\ngreen\nblue\n")
    return path


class Desk:
    """`python -m export MODEL …` into folders of its own, in this process."""

    def __init__(self, folder: Path, labels: Path, photos: Path) -> None:
        self.models, self.assets = folder / "models", folder / "assets"
        self.usual = ["--labels", str(labels), "--mean", "127.5", "--std", "127.5"]
        self.photos = photos
        self.progress = Quiet()

    def export(self, model: Path, *options: object, usual: bool = True) -> RecipeRecord:
        """The record of the exported model; calibrated and evaluated on the pictures where nothing else is said."""
        words = [str(model), *map(str, options), *(self.usual if usual else [])]
        for option in ("--eval-dir",) if model.suffix == ".tflite" else ("--calibration", "--eval-dir"):
            words += [] if option in words else [option, str(self.photos)]
        chosen, choices = own_model.choose(parse(words))
        (name,) = chosen
        self.progress.said.clear()
        return run(chosen, choices, self.models, self.assets, self.progress).records[name]

    def refused(self, model: Path, *options: object, usual: bool = True) -> str:
        """The one line that an export ends in."""
        with pytest.raises(REFUSALS) as refusal:
            self.export(model, *options, usual=usual)
        line = str(refusal.value)
        assert line == " ".join(line.split()), "one line"
        return line

    @property
    def said(self) -> str:
        return "\n".join(self.progress.said)


@pytest.fixture
def desk(tmp_path: Path, labels: Path, photos: Path) -> Desk:
    return Desk(tmp_path, labels, photos)


def packed(desk: Desk, record: RecipeRecord, variant: str = "fp32") -> bytes:
    path: Path = desk.models / record.variants[variant].path
    return path.read_bytes()


def answers(desk: Desk, record: RecipeRecord, levels: Any, variant: str = "fp32") -> Any:
    """What the packed file says to levels, preprocessed as it asks for."""
    data = packed(desk, record, variant)
    image = reader.read_bytes(data).image
    assert image is not None
    return TfliteRunner(data, image).run(levels)


def levels_of(photos: Path) -> Any:
    files = sorted(photos.rglob("*.png"))[::2]
    pictures = [Image.open(file).resize((16, 16), Image.Resampling.BILINEAR) for file in files]
    return np.stack([np.asarray(picture) for picture in pictures])
