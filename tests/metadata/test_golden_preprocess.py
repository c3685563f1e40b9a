"""The golden cases, read as the JVM tests read them: by the package, and by the port that shares nothing with it."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from metadata import digit, picture, preprocess
from metadata.card import DigitLayout, ImageSpec
from metadata.preprocess import Quantization, QuantizedType
from tests.golden.preprocess import port
from tests.golden.preprocess.__main__ import FOLDER, golden

CASES: list[dict[str, Any]] = json.loads((FOLDER / "cases.json").read_text("utf-8"))["cases"]
PICTURES = [case for case in CASES if case["picture"]]
README = (FOLDER / "README.md").read_text("utf-8")

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
every_picture = pytest.mark.parametrize("case", PICTURES, ids=lambda case: case["name"])


def raw(case: dict[str, Any]) -> bytes:
    """The raw pixels or ink of a case."""
    name: str = case["pixels"] or case["ink"]
    return (FOLDER / name).read_bytes()


def upright(case: dict[str, Any]) -> Image.Image:
    """What the package makes of the raw pixels or ink."""
    size = case["width"], case["height"]
    if case["pixels"]:
        return picture.upright(Image.frombytes("RGBA", size, raw(case)), case["orientation"])
    layout = ImageSpec.from_json(case["spec"]).digit
    assert isinstance(layout, DigitLayout)
    return digit.layout(np.frombuffer(raw(case), np.uint8).reshape(size[::-1]), layout)


def quantization(case: dict[str, Any]) -> Quantization | None:
    """The input's quantisation; None for float32."""
    record = case["quantization"]
    return record and Quantization(record["scale"], record["zero_point"], QuantizedType(record["dtype"]))


@every_case
def test_the_package_makes_the_golden_bytes(case: dict[str, Any]) -> None:
    spec = ImageSpec.from_json(case["spec"])
    tensor = preprocess.tensor(upright(case), spec, quantization(case))
    assert tensor.shape == (spec.height, spec.width, spec.channels)
    assert tensor.tobytes() == (FOLDER / case["tensor"]).read_bytes()


@every_case
def test_the_page_carried_out_literally_makes_the_golden_bytes(case: dict[str, Any]) -> None:
    levels = np.frombuffer(raw(case), np.uint8).astype(np.int64).reshape(case["height"], case["width"], -1)
    if case["pixels"]:
        levels = port.turned(port.on_white(levels), case["orientation"])
    else:
        levels = port.mnist_layout(levels[..., 0], case["spec"]["digit"])
    assert port.model_input(levels, case["spec"], case["quantization"]) == (FOLDER / case["tensor"]).read_bytes()


@every_case
def test_the_hash_is_the_tensor_s(case: dict[str, Any]) -> None:
    assert hashlib.sha256((FOLDER / case["tensor"]).read_bytes()).hexdigest() == case["sha256"]


@every_picture
def test_the_encoded_picture_holds_these_pixels_and_this_orientation(case: dict[str, Any]) -> None:
    """Exact also for JPEG, with the decoder that wrote the pixels; other decoders may be a few levels off."""
    decoded = picture.decode(FOLDER / case["picture"])
    assert decoded.mode == "RGB"
    assert decoded.size == upright(case).size
    difference = np.abs(np.asarray(decoded, int) - np.asarray(upright(case), int)).max()
    assert difference <= (case["max_level_difference"] or 0)


@every_case
def test_the_spec_and_the_kind_are_whole(case: dict[str, Any]) -> None:
    assert ImageSpec.from_json(case["spec"]).to_json() == case["spec"]
    assert case["kind"] == ("exact" if case["max_level_difference"] is None else "jpeg")
    assert bool(case["picture"]) == bool(case["pixels"]) != bool(case["ink"])


def test_the_generator_would_write_the_files_that_are_there() -> None:
    generated = golden()
    assert {name for name, data in generated.items() if data != (FOLDER / name).read_bytes()} == set()
    assert {f"files/{path.name}" for path in (FOLDER / "files").iterdir()} < generated.keys()


def test_the_folder_stays_small_and_the_cases_many() -> None:
    assert sum(path.stat().st_size for path in (FOLDER / "files").iterdir()) < 1_000_000
    assert len({case["name"] for case in CASES}) == len(CASES) >= 40
    assert {case["orientation"] for case in CASES} == set(range(1, 9))


def test_the_page_counts_the_cases_and_names_their_fields() -> None:
    assert f"\n{len(CASES)} small synthetic pictures" in README
    assert all(f"`{field}`" in README for field in CASES[0])
