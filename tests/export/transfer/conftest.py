"""A little network with random weights as the extractor: real, and quick to convert."""

from pathlib import Path
from typing import Any

import pytest

from export.recipe import BuildContext, Choices
from export.transfer.backbones import Backbone
from metadata.card import CenterSquare, ImageSpec
from tests.export.conftest import Quiet, unwarned

SIDE = 16


def build_context(**choices: Any) -> BuildContext:
    return BuildContext({}, Choices(**choices), Quiet())


def little_network(context: BuildContext) -> Any:
    """Two convolutions with seeded random weights, pooled: enough to tell colours apart."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(context.choices.seed)
    image = keras.Input((SIDE, SIDE, 3), name="image")
    x = layers.Conv2D(8, 3, 2, "same", activation="relu", name="first")(image)
    x = layers.BatchNormalization(name="normalise")(x)
    x = layers.Conv2D(16, 3, 2, "same", activation="relu", name="second")(x)
    return keras.Model(image, layers.GlobalAveragePooling2D(name="pool")(x), name="little")


@pytest.fixture(scope="session")
def little() -> Backbone:
    image = ImageSpec(SIDE, SIDE, 3, (127.5,) * 3, (127.5,) * 3, CenterSquare(1, 1))
    return Backbone("little", image, "the tests", "CC0", little_network)


@pytest.fixture(scope="session")
def network(_imported: None, little: Backbone) -> Any:
    with unwarned():
        return little.load(build_context())


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Features are kept in a folder of the test's own."""
    monkeypatch.setenv("HANDSET_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"
