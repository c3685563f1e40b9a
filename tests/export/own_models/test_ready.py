"""A `.tflite` file that is ready: packed with what it lacks, measured as it is, shipped without a parity."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.evaluation import separate_process
from benchmarks.evaluation.reference import KERAS, References
from benchmarks.formats.manifest import Manifest, Reference
from metadata.archive import read_archive
from metadata.card import DigitLayout, ImageSpec, ModelCard, Polarity
from metadata.writer import pack
from tests.export.own_models.conftest import GOLDEN, Desk, answers, classifier, colours, levels_of, packed

pytestmark = pytest.mark.usefixtures("tensorflow")


def test_a_ready_file_is_packed_measured_and_shipped_without_a_parity(desk: Desk, tmp_path: Path) -> None:
    colours().save(tmp_path / "model.keras")
    whole = desk.export(tmp_path / "model.keras", "--variants", "fp32,int8")
    bare = tmp_path / "ready.tflite"
    bare.write_bytes(packed(desk, whole)[: read_archive(packed(desk, whole)).start])
    record = desk.export(bare, "--name", "ready", "--crop", "center:1/2")
    (variant,) = record.variants.values()
    assert (variant.parity, variant.accuracy, record.default_variant) == (None, 1.0, "given")
    assert (record.parameters, record.training) == (None, None)
    recipe = Manifest.read(desk.models).recipes["ready"]
    assert recipe.reference is Reference.TFLITE
    again = References(recipe, folder=tmp_path / "references").answers(tuple(recipe.variants.values()))
    assert np.array_equal(again[KERAS], again["given"])
    entries = json.loads((desk.assets / "catalog.json").read_text())["models"]
    assert [entry["default"] for entry in entries if entry["recipe"] == "ready"] == [True]


def test_a_packed_file_says_itself_what_the_command_line_does_not(desk: Desk, tmp_path: Path) -> None:
    colours().save(tmp_path / "model.keras")
    whole = desk.export(tmp_path / "model.keras", "--variants", "int8", "--crop", "center:7/8", "--license", "MIT")
    path = tmp_path / "again.tflite"
    path.write_bytes(packed(desk, whole, "int8"))
    record = desk.export(path, usual=False)
    assert record.card == replace(whole.card, name="again")
    assert record.variants["given"].input.dtype == "uint8"
    other = desk.export(path, "--crop", "none", usual=False)
    assert other.card.image["crop"] == {"kind": "none"}


def test_how_a_digit_looks_to_a_packed_file_need_not_be_said_again(desk: Desk, tmp_path: Path, tensorflow: Any) -> None:
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(classifier((28, 28, 1)))
    card = ModelCard(
        *("grey", "", "1", "", ""),
        ImageSpec(28, 28, 1, (0.0,), (255.0,), digit=DigitLayout(Polarity.DARK_ON_LIGHT, box=24)),
        ("red", "green", "blue"),
    )
    (tmp_path / "grey.tflite").write_bytes(pack(converter.convert(), card))
    image = desk.export(tmp_path / "grey.tflite", usual=False).card.image
    assert image["digit"] == {"polarity": "dark_on_light", "box": 24, "center": "mass"}
    turned = desk.export(tmp_path / "grey.tflite", "--digit", "light_on_dark", usual=False).card.image
    assert turned["digit"] == {"polarity": "light_on_dark", "box": 24, "center": "mass"}


def test_the_self_test_of_a_ready_file_allows_what_its_kernels_may_differ_by(desk: Desk, tmp_path: Path) -> None:
    """Nobody says whether its weights are dynamic; that its outputs are integers, it says itself."""
    colours().save(tmp_path / "model.keras")
    whole = desk.export(tmp_path / "model.keras", "--variants", "fp32,int8")
    for variant, tolerance in (("fp32", 0.5), ("int8", 2.0)):
        (tmp_path / "ready.tflite").write_bytes(packed(desk, whole, variant))
        record = desk.export(tmp_path / "ready.tflite", usual=False)
        assert record.reference.self_test is not None
        with zipfile.ZipFile(desk.models / record.reference.self_test.path) as archive:
            (model,) = json.loads(archive.read("selftest.json"))["models"]
        assert model["tolerance"] == tolerance


@pytest.mark.parametrize(
    ("name", "options", "line"),
    [
        ("bare_fp32.tflite", [], "--labels is missing; give a text file with one label a line"),
        ("bare_fp32.tflite", ["--size", "9x9"], "bare_fp32.tflite takes (1, "),
        ("bare_fp32.tflite", ["--order", "bgr"], "--order bgr would change the graph of a ready file; give the Keras"),
    ],
)
def test_a_ready_file_that_cannot_be_shipped_is_refused(desk: Desk, name: str, options: list[str], line: str) -> None:
    path = GOLDEN.parent / "models" / name
    assert desk.refused(path, *options, "--mean", 0, "--std", 255, usual=False).startswith(line)


def test_wrong_deviation_of_a_ready_file_is_found_too(desk: Desk, tmp_path: Path, many: Path) -> None:
    colours().save(tmp_path / "model.keras")
    whole = desk.export(tmp_path / "model.keras", "--variants", "int8")
    path = tmp_path / "ready.tflite"
    path.write_bytes(packed(desk, whole, "int8"))
    line = desk.refused(path, "--mean", 0, "--std", 255, "--eval-dir", many, usual=False)
    assert "; give --mean 127.5 --std 127.5, or leave out --eval-dir" in line


def test_a_ready_file_of_logits_is_refused(desk: Desk, tmp_path: Path) -> None:
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(classifier(activation=None))
    (tmp_path / "logits.tflite").write_bytes(converter.convert())
    line = desk.refused(tmp_path / "logits.tflite", "--eval-dir", desk.photos)
    assert "which are no probabilities; give the Keras file, where a softmax can be appended" in line


def test_a_ready_file_with_wrong_labels_names_the_off_by_one(desk: Desk) -> None:
    path = GOLDEN.parent / "models" / "bare_fp32.tflite"
    assert "off by one: 3 labels for 4 outputs: the model has a background class" in desk.refused(path)


@pytest.mark.parametrize(
    ("make", "options", "line"),
    [
        (
            "one_sigmoid",
            [],
            "labels do not fit the model: 3 labels for one output, which is the probability of the second of two",
        ),
        (
            "uint8_without_scale",
            [],
            "model.tflite takes uint8 without scale and zero point, so nothing says what a pixel",
        ),
        ("any_size", [], "model.tflite takes (1, any, any, 3), pictures of any size; choose one with --size"),
    ],
)
def test_a_ready_file_that_is_no_classifier_as_it_stands_is_refused(
    desk: Desk, tmp_path: Path, make: str, options: list[str], line: str
) -> None:
    from tests.metadata import tiny_models

    (tmp_path / "model.tflite").write_bytes(getattr(tiny_models, make)())
    assert desk.refused(tmp_path / "model.tflite", *options).startswith(line)


def test_a_ready_file_with_types_that_the_apps_runtime_does_not_compute_is_refused(desk: Desk, tmp_path: Path) -> None:
    from metadata.probe_types import weighted_model

    (tmp_path / "model.tflite").write_bytes(weighted_model("CONV_2D", "float32", "int4", "channel")[0])
    line = desk.refused(tmp_path / "model.tflite")
    assert line.startswith(
        "model.tflite must not ship: OPERATOR-TYPES: CONV_2D of float32 and int4, one scale a channel"
    )


@pytest.mark.parametrize("variant", ["fp32", "int8"])
def test_a_ready_file_of_one_output_is_shipped_with_two(desk: Desk, tmp_path: Path, variant: str) -> None:
    """Of the labels cat and dog it is the probability of dog; of dog alone, too."""
    from benchmarks.evaluation.desktop import TfliteRunner

    path, pictures = GOLDEN.parent / "models" / f"sigmoid_{variant}.tflite", tmp_path / "pictures"
    labels = ("cat", "dog") if variant == "fp32" else ("not dog", "dog")
    for label, colour in zip(labels, ("red", "green"), strict=True):
        (pictures / label).mkdir(parents=True)
        (pictures / label / "0.png").write_bytes(next((desk.photos / colour).iterdir()).read_bytes())
    options = ["--eval-dir", pictures, "--mean", "127.5", "--std", "127.5"]
    record = desk.export(path, *options, usual=False)
    assert "one output becomes two probabilities" in desk.said
    assert record.card.labels == labels
    output = record.variants["given"].output
    assert (output.shape, output.dtype) == ((1, 2), "float32")
    levels = np.random.default_rng(7).integers(0, 256, (4, 24, 24, 3), dtype=np.uint8)
    raw = TfliteRunner(path.read_bytes(), record.card.spec()).run(levels)
    assert np.array_equal(answers(desk, record, levels, "given"), raw)
    assert np.ptp(raw) > 0.01


def test_a_ready_file_of_any_size_may_name_one(desk: Desk, tmp_path: Path) -> None:
    picture = next((desk.photos / "red").iterdir()).read_bytes()
    for label in ("ant", "bee", "cat", "dog"):
        (tmp_path / "pictures" / label).mkdir(parents=True)
        (tmp_path / "pictures" / label / "0.png").write_bytes(picture)
    options = ["--eval-dir", tmp_path / "pictures", "--mean", "127.5", "--std", "127.5"]
    record = desk.export(GOLDEN.parent / "models" / "any_size_int8.tflite", *options, usual=False)
    assert record.variants["given"].input.shape == (1, 40, 24, 3)


def test_a_ready_file_of_any_size_is_shipped_with_the_size_asked_for(desk: Desk, tmp_path: Path) -> None:
    from tensorflow.lite.python.interpreter import Interpreter

    from tests.metadata import tiny_models

    (tmp_path / "labels4.txt").write_text("red\ngreen\nblue\nblack\n")
    (tmp_path / "model.tflite").write_bytes(tiny_models.any_size())
    (desk.photos / "black").mkdir()
    (desk.photos / "black" / "0.png").write_bytes(next((desk.photos / "red").iterdir()).read_bytes())
    options = ["--labels", tmp_path / "labels4.txt", "--mean", "127.5", "--std", "127.5", "--size", "16x16"]
    record = desk.export(tmp_path / "model.tflite", *options, usual=False)
    assert record.variants["given"].input.shape == (1, 16, 16, 3)
    levels = levels_of(desk.photos)
    given = answers(desk, record, levels, "given")
    interpreter = Interpreter(model_content=tiny_models.any_size())
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(source["index"], (1, 16, 16, 3))
    interpreter.allocate_tensors()
    for picture, answer in zip(levels, given, strict=True):
        interpreter.set_tensor(source["index"], ((picture[np.newaxis] - 127.5) / 127.5).astype(np.float32))
        interpreter.invoke()
        assert np.abs(interpreter.get_tensor(target["index"])[0] - answer).max() < 1e-5


def test_a_file_that_crashes_the_runtime_is_one_line(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "crash.py"
    script.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setattr(separate_process, "SCRIPT", script)
    (tmp_path / "model.tflite").write_bytes((GOLDEN.parent / "models" / "colour_fp32.tflite").read_bytes())
    for label in ("ant", "bee", "cat", "dog"):
        (tmp_path / "eval" / label).mkdir(parents=True)
        (tmp_path / "eval" / label / "0.png").write_bytes(next((desk.photos / "red").iterdir()).read_bytes())
    line = desk.refused(tmp_path / "model.tflite", "--eval-dir", tmp_path / "eval", usual=False)
    assert line.startswith("model crashes TensorFlow Lite (")
    assert "was ended by SIGSEGV while it ran a model); convert it again" in line
