"""Files that Keras 2 wrote answer as Keras 2 did, or are refused with what would help."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.networks import saved_model
from export.own_models import keras_file
from tests.export.own_models.conftest import GOLDEN, Desk

pytestmark = pytest.mark.usefixtures("tensorflow")
PICTURE = (np.arange(32 * 32 * 3) * 7 % 256).reshape(1, 32, 32, 3).astype(np.float32)
FED = (PICTURE - 127.5) / 127.5


def expected(name: str) -> Any:
    return json.loads((GOLDEN / "answers.json").read_text())[name]


@pytest.mark.parametrize(
    "name", ["depthwise_groups.h5", "preprocess_input_inside.h5", "keras2_zip.keras", "caffe_inside.h5"]
)
def test_a_file_of_keras_2_answers_as_keras_2_did(name: str) -> None:
    loaded = keras_file.read(GOLDEN / name, trust=False).load()
    assert loaded.answers(FED)[0] == pytest.approx(expected(name), abs=1e-6)
    assert loaded.model.predict_on_batch(FED)[0] == pytest.approx(expected(name), abs=1e-6)


def test_a_saved_model_of_keras_2_answers_as_keras_2_did() -> None:
    model = saved_model.read(GOLDEN / "saved_model").load()
    assert model(FED).numpy()[0] == pytest.approx(expected("saved_model"), abs=1e-6)
    assert model.count_params() == 132


@pytest.mark.parametrize(("name", "why"), [("custom_layer.h5", "Unknown layer: 'Twice'")])
def test_a_layer_without_its_code_is_refused_with_the_way_out(desk: Desk, tmp_path: Path, name: str, why: str) -> None:
    labels = tmp_path / "four.txt"
    labels.write_text("red\ngreen\nblue\ngrey\n")
    line = desk.refused(GOLDEN / name, "--labels", labels, "--mean", 0, "--std", 1, usual=False)
    assert line.startswith(f"{name} cannot be loaded by tf-keras 2.19.0: ")
    assert f"{why}; open it where it was made and save it as a SavedModel, with model.export('folder') in" in line


def test_weights_without_a_model_are_refused_with_what_to_type(desk: Desk) -> None:
    assert desk.refused(GOLDEN / "weights_only.h5") == (
        "weights_only.h5 holds weights without a model; build the model, load_weights('weights_only.h5'), and save it "
        "with model.save('model.keras')"
    )


def test_a_loaded_file_is_as_it_was() -> None:
    path = GOLDEN / "depthwise_groups.h5"
    before = path.read_bytes()
    keras_file.read(path, trust=False).load()
    assert path.read_bytes() == before
