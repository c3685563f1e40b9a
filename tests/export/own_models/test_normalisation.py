"""Mean, deviation and channel order: applied exactly, and checked on labelled pictures."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.errors import OwnModelError
from export.output.store import Store
from export.own_models.normalisation import check_normalisation, common_normalisations
from tests.export.conftest import Quiet
from tests.export.own_models.conftest import Desk, answers, classifier, colours, levels_of
from tests.export.records import parity_of

pytestmark = pytest.mark.usefixtures("tensorflow")


@pytest.mark.parametrize("folder", [False, True])
def test_mean_and_deviation_by_channel_and_bgr_go_into_the_graph(desk: Desk, tmp_path: Path, folder: bool) -> None:
    model, path = classifier(), tmp_path / ("folder" if folder else "model.keras")
    if folder:
        model.export(path, verbose=False)
    else:
        model.save(path)
    options = ["--mean", "123.68,116.779,103.939", "--std", "58,57,56", "--order", "bgr"]
    labels = ["--labels", desk.usual[1]]
    record = desk.export(path, *options, *labels, "--variants", "fp32,int8", usual=False)
    image = record.card.image
    assert (image["mean"], image["std"]) == ([0, 0, 0], [1, 1, 1])
    levels = levels_of(desk.photos)
    model_input = ((levels - np.array([123.68, 116.779, 103.939])) / np.array([58, 57, 56]))[..., ::-1]
    assert np.allclose(answers(desk, record, levels), model.predict(model_input, verbose=0), atol=1e-5)
    assert record.variants["int8"].input.scale == pytest.approx(1.0, abs=1e-4)


def test_a_model_that_rescales_by_itself_is_named_and_doubling_is_warned_of(
    desk: Desk, tmp_path: Path, many: Path
) -> None:
    import keras

    inside = keras.layers.Rescaling(1 / 127.5, offset=-1)
    keras.Sequential([keras.Input((16, 16, 3)), inside, colours()]).save(tmp_path / "model.keras")
    own = ["--labels", desk.usual[1], "--mean", 0, "--std", 1]
    desk.export(tmp_path / "model.keras", *own, "--variants", "fp32", usual=False)
    assert "  model.keras prepares its pictures by itself, beginning with pixel × 0.0078431 + -1" in desk.said.split(
        "\n"
    )
    line = desk.refused(tmp_path / "model.keras", "--eval-dir", many)
    assert "warning: model.keras prepares its pictures by itself" in desk.said
    assert "; so --mean 0 --std 1, unless it was trained on top of those" in desk.said
    assert line.startswith("--mean 127.5 --std 127.5 gets ")
    assert "; give --mean 0 --std 1, or leave out --eval-dir to export it as stated" in line


def test_a_mean_picture_after_a_mean_by_channel_is_named(desk: Desk, tmp_path: Path) -> None:
    import keras

    class Whitened(keras.layers.Layer):  # type: ignore[misc]  # Keras has no type stubs
        def call(self, pictures: Any) -> Any:
            return (pictures - np.array([1, 2, 3], np.float32)) * np.full((16, 16, 3), 0.5, np.float32)

    keras.Sequential([keras.Input((16, 16, 3)), Whitened(), colours()]).export(tmp_path / "model", verbose=False)
    desk.export(tmp_path / "model", "--variants", "fp32")
    assert "beginning with pixel × 0.5 + -0.5/-1/-1.5" in desk.said


def test_wrong_deviation_is_found_by_accuracy_and_the_right_one_proposed(
    desk: Desk, tmp_path: Path, many: Path
) -> None:
    colours().save(tmp_path / "model.keras")
    labels = ["--labels", desk.usual[1], "--eval-dir", str(many)]
    line = desk.refused(tmp_path / "model.keras", *labels, "--mean", 0, "--std", 255, usual=False)
    assert line.startswith("--mean 0 --std 255 gets ")
    assert "; give --mean 127.5 --std 127.5, or leave out --eval-dir" in line
    line = desk.refused(tmp_path / "model.keras", *labels, usual=False)
    assert line.startswith(
        "--mean and --std are missing. Of 30 pictures, 100.0% are right with --mean 127.5 --std 127.5"
    )
    assert not Store(desk.models).records


def test_channels_the_wrong_way_round_are_found(desk: Desk, tmp_path: Path, many: Path) -> None:
    import keras

    picture = keras.Input((16, 16, 3))
    keras.Model(picture, colours()(picture[..., ::-1])).save(tmp_path / "model.keras")
    line = desk.refused(tmp_path / "model.keras", "--eval-dir", many)
    assert "; give --mean 127.5 --std 127.5 --order bgr, or leave out --eval-dir" in line
    record = desk.export(tmp_path / "model.keras", "--order", "bgr", "--variants", "int8")
    assert parity_of(record.variants["int8"]).accuracy == 1.0


def coin_flips(seed: int) -> tuple[Any, Any]:
    """Scores that have nothing to do with the truth, whatever the input; and the truth of 60 pictures."""
    truth = np.random.default_rng(seed).integers(0, 3, 60)
    return lambda levels, normalisation: np.random.default_rng(abs(hash((seed, normalisation)))).random(
        (len(levels), 3)
    ), truth


def test_a_model_that_knows_nothing_proves_no_normalisation_wrong() -> None:
    levels, stated = np.zeros((60, 4, 4, 3), np.uint8), common_normalisations(3)[2]
    for seed in range(50):
        scores, truth = coin_flips(seed)
        check_normalisation(scores, levels, truth, stated, common_normalisations(3), Quiet())


def test_a_model_that_knows_nothing_gets_no_normalisation_proposed() -> None:
    scores, truth = coin_flips(1)
    with pytest.raises(OwnModelError, match=r"no usual ones fit: .* check that the labels are in the order"):
        check_normalisation(scores, np.zeros((60, 4, 4, 3), np.uint8), truth, None, common_normalisations(3), Quiet())
