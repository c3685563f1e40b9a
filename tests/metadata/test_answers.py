"""What a raw output says, and what models of unusual inputs and outputs are taken for: golden cases, also the app's."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.evaluation.desktop import TfliteRunner
from benchmarks.formats.classifier import Classifier
from metadata.check import check
from metadata.labels import class_names, explain_count
from metadata.probabilities import probabilities
from metadata.reader import read
from metadata.resize import with_one_size
from metadata.runtimes import load_runtime
from metadata.show import model_text

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = json.loads((GOLDEN / "answers" / "cases.json").read_text("utf-8"))
# TensorFlow 2.19 is the last with this interpreter, which is why the kit is pinned to it.
pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Warning. tf\.lite\.Interpreter is deprecated:UserWarning")


@pytest.mark.parametrize("case", CASES["probabilities"], ids=lambda case: str(case["name"]))
def test_outputs_become_probabilities(case: dict[str, Any]) -> None:
    outputs = np.array([case["outputs"]], case["dtype"])
    found = probabilities(outputs, case["scale"], case["zero_point"])
    assert found.dtype == np.float32
    assert np.array_equal(found, np.array([case["probabilities"]], np.float32))


@pytest.mark.parametrize("case", CASES["models"], ids=lambda case: str(case["file"]))
def test_a_model_is_taken_for_what_the_app_takes_it_for(case: dict[str, Any]) -> None:
    path = GOLDEN / "models" / case["file"]
    model = read(path)
    assert model.input_shape == tuple(case["input"])
    assert model.file.outputs[0].numbers == case["outputs"]
    assert model.labels == tuple(case["labels"])
    assert (model.preprocessing.height, model.preprocessing.width) == model.input_shape[1:3]
    classifier = Classifier.of(path.read_bytes())
    assert (classifier.input.shape, classifier.output.shape) == (model.input_shape[1:], (case["outputs"],))
    levels = np.random.default_rng(7).integers(0, 256, (3, *model.input_shape[1:]), dtype=np.uint8)
    answers = TfliteRunner(with_one_size(path.read_bytes()), model.preprocessing).run(levels)
    assert answers.shape == (3, len(case["labels"]))
    assert np.allclose(answers.sum(axis=1), 1, atol=0.02)
    assert np.ptp(answers) > 0.01


def found(name: str) -> dict[str, str]:
    return {one.id: one.summary for one in check(read(GOLDEN / "models" / name), load_runtime()) if one.summary}


def test_check_says_what_google_does_otherwise() -> None:
    assert "the probability of the second of two labels" in found("sigmoid_int8.tflite")["ONE-OUTPUT"]
    assert "224x224 is used" in found("any_size_fp32.tflite")["ANY-SIZE"]
    assert "40x24 is used" in found("any_size_int8.tflite")["ANY-SIZE"]
    assert "named 'classes.txt'" in found("column_fp32.tflite")["LABELS-UNNAMED"]
    assert not found("standard_int8.tflite").keys() & {"ONE-OUTPUT", "ANY-SIZE", "LABELS-UNNAMED", "NOT-A-CLASSIFIER"}


def test_show_says_which_label_one_output_is_of_and_which_size_is_used() -> None:
    shown = {name: model_text(name, read(GOLDEN / "models" / name), 200) for name in ("sigmoid_int8.tflite",)}
    assert "the probability of dog; 1 − that is of not dog" in shown["sigmoid_int8.tflite"]
    for name, size in (("any_size_fp32.tflite", "224×224, as the file names none"), ("any_size_int8.tflite", "40×24")):
        assert f"size used      {size}\n" in model_text(name, read(GOLDEN / "models" / name), 200)


def test_one_output_has_two_labels_or_one() -> None:
    assert class_names(("dog",), 1) == ("not dog", "dog")
    assert class_names(("cat", "dog"), 1) == ("cat", "dog")
    assert class_names(("dog",), 2) == ("dog",)
    assert [explain_count(labels, 1) for labels in (1, 2)] == [None, None]
    assert "the probability of the second of two" in str(explain_count(3, 1))


def test_a_softmax_over_one_output_is_no_classifier() -> None:
    model = read(GOLDEN / "models" / "sigmoid_fp32.tflite")
    always = replace(model, file=replace(model.file, ends=("SOFTMAX",)))
    (wrong,) = [one for one in check(always, load_runtime()) if one.id == "NOT-A-CLASSIFIER"]
    assert (wrong.summary, wrong.remedy) == ("a softmax over one output, which is always 1", "train it with a sigmoid")
