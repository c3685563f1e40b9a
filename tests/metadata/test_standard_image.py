"""Models that carry Google's metadata and nothing of the kit: how a picture becomes their input."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.evaluation.desktop import TfliteRunner
from metadata import picture, preprocess, reader
from metadata.card import ImageSpec, Resize
from metadata.errors import CardError
from metadata.standard_image import standard_image
from tests.metadata.conftest import needs_support
from tests.metadata.test_google_tools import top_answers

GOLDEN = Path(__file__).parents[1] / "golden" / "models"
ROOT = Path(__file__).parents[2]
LITE0 = ROOT / "build" / "models" / "efficientnet_lite0"
PHOTOGRAPHS = ROOT.parent / "shared" / "data"


def test_a_float_input_takes_the_normalisation_of_the_metadata() -> None:
    model = reader.read(GOLDEN / "standard_fp32.tflite")
    assert model.image is None
    expected = ImageSpec(24, 24, 3, (127.5,) * 3, (127.5,) * 3, resize=Resize.BILINEAR_HALF_PIXEL)
    assert model.preprocessing == expected


def test_an_8_bit_input_takes_pixels_as_they_are() -> None:
    model = reader.read(GOLDEN / "standard_int8.tflite")
    (stored,) = model.file.inputs
    assert stored.quantization is not None
    quantization = preprocess.Quantization(
        stored.quantization.scales[0], stored.quantization.zero_points[0], preprocess.QuantizedType.UINT8
    )
    table = preprocess.table(model.preprocessing, quantization)
    assert np.array_equal(table, np.tile(np.arange(256, dtype=np.uint8), (3, 1)))


def test_preprocess_json_comes_first() -> None:
    model = reader.read(GOLDEN / "colour_fp32.tflite")
    assert model.preprocessing == model.image


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shape": (1, 24, 24)}, "not one picture"),
        ({"shape": (1, 24, 24, 4)}, "4 channels"),
    ],
)
def test_an_input_that_is_no_picture_says_so(changes: dict[str, object], words: str) -> None:
    model = reader.read(GOLDEN / "standard_fp32.tflite")
    (tensor,) = model.file.inputs
    file = replace(model.file, inputs=(replace(tensor, **changes),))  # type: ignore[arg-type]
    with pytest.raises(CardError, match=words):
        standard_image(file, model.metadata)


def test_a_float_input_without_normalisation_says_so() -> None:
    bare = reader.read(GOLDEN / "bare_fp32.tflite")
    with pytest.raises(CardError, match="does not say how pixels are normalised; pack it with --mean and --std"):
        _ = bare.preprocessing


@needs_support
@pytest.mark.parametrize("variant", ["fp32", pytest.param("int8", marks=pytest.mark.thorough)])
def test_top_1_is_that_of_googles_task_library_for_97_of_100_photographs(variant: str) -> None:
    photographs = sorted((PHOTOGRAPHS / "imagenet_samples").glob("*.jpg"))[::2]
    path = LITE0 / f"efficientnet_lite0_{variant}.tflite"
    if len(photographs) != 100 or not path.is_file():
        pytest.skip("needs the photographs and efficientnet_lite0; run make export")
    theirs = [index for index, _ in top_answers(path, photographs)]
    model = reader.read(path)
    spec = standard_image(model.file, model.metadata)
    levels = np.stack([preprocess.pixels(picture.decode(photograph), spec) for photograph in photographs])
    ours = TfliteRunner(path.read_bytes(), spec).run(levels).argmax(axis=1)
    assert np.count_nonzero(ours == theirs) >= 97
