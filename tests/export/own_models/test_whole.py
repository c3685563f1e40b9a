"""A user's model all the way: what is said, what is appended, and that the phone's file answers as the model did."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.evaluation.reference import KERAS, References
from benchmarks.formats.manifest import Manifest, Reference
from benchmarks.formats.models_file import EvaluationRecord
from export.commands import own_model
from export.commands.own_model import parse
from export.commands.run import run
from export.data import mnist
from metadata import reader
from metadata.check import check
from metadata.finding import Severity
from metadata.labels import shipped_labels
from metadata.runtimes import load_runtime
from tests.export.own_models.conftest import GOLDEN, Desk, answers, classifier, colours, levels_of, packed
from tests.export.records import parity_of

pytestmark = pytest.mark.usefixtures("tensorflow")


def test_a_keras_file_is_exported_with_every_variant_and_nothing_to_do_the_second_time(
    desk: Desk, tmp_path: Path
) -> None:
    colours().save(tmp_path / "Colour Model.keras")
    record = desk.export(tmp_path / "Colour Model.keras", "--crop", "center:7/8", "--author", "me")
    assert list(record.variants) == ["fp32", "fp16", "dynamic", "int8"]
    assert {parity_of(variant).keras_accuracy for variant in record.variants.values()} == {1.0}
    assert (record.card.name, record.card.author, record.screen) == ("colour_model", "me", "gallery")
    assert record.card.image["crop"] == {"kind": "center_square", "num": 7, "den": 8}
    assert record.evaluation == EvaluationRecord("labelled pictures in photos", 18, True)
    catalog = json.loads((desk.assets / "catalog.json").read_text())
    assert {entry["recipe"] for entry in catalog["models"]} == {"colour_model"}
    for variant in record.variants:
        found = check(reader.read_bytes(packed(desk, record, variant)), load_runtime())
        assert not [finding for finding in found if finding.severity is Severity.ERROR]
    desk.export(tmp_path / "Colour Model.keras", "--crop", "center:7/8", "--author", "me")
    assert desk.said.startswith("everything is up to date")
    desk.export(tmp_path / "Colour Model.keras", "--crop", "none", "--author", "me", "--variants", "fp32")
    assert not desk.said.startswith("everything is up to date")


def test_logits_get_a_softmax_and_it_is_said(desk: Desk, tmp_path: Path) -> None:
    model = classifier(activation=None)
    model.save(tmp_path / "model.h5")
    record = desk.export(tmp_path / "model.h5", "--variants", "fp32")
    assert "model.h5: it ends in logits: a softmax is appended" in desk.said
    levels = levels_of(desk.photos)
    logits = model.predict((levels - 127.5) / 127.5, verbose=0)
    exponents = np.exp(logits)
    assert np.allclose(answers(desk, record, levels), exponents / exponents.sum(1, keepdims=True), atol=1e-5)


def test_probabilities_made_without_a_softmax_are_left_as_they_are(desk: Desk, tmp_path: Path) -> None:
    import keras

    picture = keras.Input((16, 16, 3))
    positive = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU()(picture)) + 0.1
    keras.Model(picture, positive / keras.ops.sum(positive, axis=1, keepdims=True)).save(tmp_path / "model.keras")
    desk.export(tmp_path / "model.keras", "--variants", "fp32")
    assert "no softmax at its end, but its answers are probabilities: left as they are" in desk.said


def test_a_doubled_softmax_is_found_and_said(desk: Desk, tmp_path: Path) -> None:
    import keras

    keras.Sequential([classifier(), keras.layers.Softmax()]).save(tmp_path / "model.keras")
    desk.export(tmp_path / "model.keras", "--variants", "fp32")
    assert "model.keras: softmax is applied twice, so no probability exceeds 0.58; remove the last one" in desk.said


@pytest.mark.parametrize("activation", ["sigmoid", None])
def test_a_single_output_becomes_two_probabilities(desk: Desk, tmp_path: Path, activation: str | None) -> None:
    model = classifier(outputs=1, activation=activation)
    kernel, _ = model.layers[-1].get_weights()
    model.layers[-1].set_weights([kernel * 6, np.full(1, -3.3)])  # logits on both sides of zero
    model.save(tmp_path / "model.keras")
    (tmp_path / "two.txt").write_text("red\nblue\n")
    (desk.photos / "green").rename(tmp_path / "green")
    record = desk.export(
        tmp_path / "model.keras", "--labels", tmp_path / "two.txt", "--mean", 127.5, "--std", 127.5, usual=False
    )
    assert "one output becomes two probabilities, of the first label and of the second" in desk.said
    levels = levels_of(desk.photos)
    second = model.predict((levels - 127.5) / 127.5, verbose=0)[:, 0]
    second = second if activation else 1 / (1 + np.exp(-second))
    assert np.allclose(answers(desk, record, levels), np.stack([1 - second, second], axis=1), atol=1e-5)
    assert parity_of(record.variants["int8"]).agreement > 0.9


def test_any_size_becomes_the_chosen_one(desk: Desk, tmp_path: Path) -> None:
    classifier((None, None, 3)).save(tmp_path / "model.keras")
    record = desk.export(tmp_path / "model.keras", "--size", "20x24", "--variants", "fp32")
    assert record.variants["fp32"].input.shape == (1, 20, 24, 3)


def test_the_reference_of_a_saved_model_is_computed_again_without_it(desk: Desk, tmp_path: Path) -> None:
    labels = tmp_path / "four.txt"
    labels.write_text("red\ngreen\nblue\ngrey\n")
    record = desk.export(GOLDEN / "saved_model", "--labels", labels, "--mean", 0, "--std", 1, usual=False)
    assert "saved_model is a graph: its signature serving_default is used, and no Python of it is run" in desk.said
    assert "saved_model prepares its pictures by itself" in desk.said
    assert parity_of(record.variants["fp32"]).max_probability_difference < 1e-5
    recipe = Manifest.read(desk.models).recipes["saved_model"]
    assert recipe.reference is Reference.TENSORFLOW
    kept = np.load(recipe.probabilities.path)
    recipe.probabilities.path.unlink()
    again = References(recipe, folder=tmp_path / "references").answers((recipe.variants["int8"],))
    assert np.array_equal(again[KERAS], kept)


def test_a_grey_model_is_for_the_digit_canvas_and_meets_mnist(
    desk: Desk, tmp_path: Path, some_mnist: mnist.Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mnist, "load", lambda _: some_mnist)  # in place of all ten thousand
    (tmp_path / "digits.txt").write_text("\n".join(shipped_labels("digits")))
    words = ["--labels", tmp_path / "digits.txt", "--mean", 0, "--std", 255, "--variants", "fp32"]
    chosen, choices = own_model.choose(parse([str(GOLDEN / "logits.h5"), *map(str, words)]))
    record = run(chosen, choices, desk.models, desk.assets, desk.progress).records["logits"]
    assert record.screen == "digit"
    assert record.card.image["digit"] == {"polarity": "light_on_dark", "box": 20, "center": "mass"}
    assert record.evaluation == EvaluationRecord("MNIST test set", 200, True)
    assert "no --calibration: calibrated on digits of MNIST's training set" in desk.said
    assert "no --eval-dir: MNIST's test digits, labelled, as the labels are the ten digits" in desk.said
