"""What the phone is asked to reproduce is what the desktop really gave."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.evaluation.interpreter import Interpreter
from benchmarks.formats import inputs
from export.checks import selftest
from export.recipe import Variant
from metadata.card import CenterSquare, ImageSpec
from metadata.picture import decode
from metadata.preprocess import Quantization, QuantizedType, tensor
from metadata.reader import read_bytes
from tests.golden.jobs.__main__ import FOLDER

MODELS = FOLDER.parent / "models"


def picture(form: str, size: tuple[int, int] = (40, 30)) -> bytes:
    noise = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, form)
    return file.getvalue()


@pytest.fixture
def made(tmp_path: Path) -> tuple[zipfile.ZipFile, ImageSpec]:
    image = read_bytes((MODELS / "colour_fp32.tflite").read_bytes()).image
    assert image is not None
    (tmp_path / "reference").mkdir()
    raw = bytes(image.height * image.width * image.channels)
    entries = [("a.png", picture("PNG"), 0), ("b.jpg", picture("JPEG"), 1), ("c.raw", raw, 2), ("d.png", b"", 3)]
    evaluated = inputs.write(tmp_path / "reference", entries)
    models: dict[str, Path] = {Variant.FP32: MODELS / "colour_fp32.tflite", Variant.INT8: MODELS / "colour_int8.tflite"}
    selftest.write(tmp_path / "colour.selftest", evaluated, image, models)
    return zipfile.ZipFile(tmp_path / "colour.selftest"), image


def test_pictures_travel_as_they_are_and_a_jpeg_as_what_it_became(made: tuple[zipfile.ZipFile, ImageSpec]) -> None:
    archive, image = made
    index = json.loads(archive.read("selftest.json"))
    assert [one["name"] for one in index["inputs"]] == ["0.png", "1.raw", "2.raw"]
    assert archive.read("0.png") == picture("PNG")
    assert len(archive.read("1.raw")) == image.height * image.width * image.channels
    stored = np.asarray(Image.open(io.BytesIO(picture("PNG"))))
    assert index["inputs"][0]["decoded_sha256"] == hashlib.sha256(stored.tobytes()).hexdigest()
    assert [one["decoded_sha256"] for one in index["inputs"][1:]] == [None, None]
    assert all(one.compress_type == zipfile.ZIP_STORED for one in archive.infolist())


def test_fed_tensors_and_outputs_are_those_of_the_model(made: tuple[zipfile.ZipFile, ImageSpec]) -> None:
    archive, image = made
    index = json.loads(archive.read("selftest.json"))
    for described, name in zip(index["models"], ("colour_fp32", "colour_int8"), strict=True):
        data = (MODELS / f"{name}.tflite").read_bytes()
        assert described["sha256"] == hashlib.sha256(data).hexdigest()
        model = Interpreter(data)
        scale, zero_point = model.input["quantization"]
        quantization = Quantization(scale, zero_point, QuantizedType.UINT8) if scale else None
        fed = tensor(decode(picture("PNG"), "0.png"), image, quantization)
        assert described["fed_sha256"][0] == hashlib.sha256(fed.tobytes()).hexdigest()
        model.feed(fed[np.newaxis])
        model.invoke()
        outputs = archive.read(described["outputs"])
        assert outputs[: len(outputs) // 3] == model.scores().tobytes()
    assert [one["tolerance"] for one in index["models"]] == [1e-4, 2.0]


def test_the_crop_of_the_spec_is_obeyed(tmp_path: Path) -> None:
    image = read_bytes((MODELS / "colour_fp32.tflite").read_bytes()).image
    assert image is not None
    (tmp_path / "reference").mkdir()
    evaluated = inputs.write(tmp_path / "reference", [("a.png", picture("PNG", (300, 100)), 0)])
    hashes = []
    for number, crop in enumerate((None, CenterSquare(1, 2))):
        spec = ImageSpec(image.height, image.width, image.channels, image.mean, image.std, crop)
        path = tmp_path / f"{number}.selftest"
        selftest.write(path, evaluated, spec, {Variant.FP32: MODELS / "colour_fp32.tflite"})
        hashes.append(json.loads(zipfile.ZipFile(path).read("selftest.json"))["models"][0]["fed_sha256"][0])
    assert hashes[0] != hashes[1]
