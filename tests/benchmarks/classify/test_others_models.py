"""Ready files by their path, as others make them: Google's metadata alone, one output, pictures of any size."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.__main__ import main

GOLDEN = Path(__file__).parents[2] / "golden" / "models"


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("standard_fp32", {"ant", "bee", "cat", "dog"}),
        ("column_fp32", {"ant", "bee", "cat", "dog"}),
        ("sigmoid_fp32", {"cat", "dog"}),
        ("sigmoid_int8", {"not dog", "dog"}),
        ("any_size_fp32", {"ant", "bee", "cat", "dog"}),
        ("any_size_int8", {"ant", "bee", "cat", "dog"}),
    ],
)
def test_a_file_that_others_made_is_classified(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, labels: set[str]
) -> None:
    levels = np.random.default_rng(7).integers(0, 256, (30, 50, 3), dtype=np.uint8)
    Image.fromarray(levels).save(tmp_path / "picture.png")
    assert main(["classify", str(tmp_path / "picture.png"), "--model", str(GOLDEN / f"{name}.tflite"), "--json"]) == 0
    (answer,) = json.loads(capfd.readouterr().out)
    assert {guess["label"] for guess in answer["top"]} == labels
    assert sum(guess["probability"] for guess in answer["top"]) == pytest.approx(1, abs=0.02)
    best = answer["top"][0]
    assert (best["index"], best["label"]) in enumerate(sorted(labels, reverse=name == "sigmoid_int8"))


def test_a_file_that_does_not_say_its_normalisation_is_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "picture.png")
    bare = GOLDEN / "bare_fp32.tflite"
    assert main(["classify", str(tmp_path / "picture.png"), "--model", str(bare)]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert "bare_fp32.tflite" in line
    assert "says nothing about its labels, normalisation or preprocessing; pack it" in line
