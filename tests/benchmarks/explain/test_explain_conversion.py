"""Files that are really calibrated badly, and the calibration that is named as the cause."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.compare.accuracy import ArrowName
from benchmarks.explain.explanation import Explanation, explain
from benchmarks.formats.manifest import ExportedVariant, Manifest
from benchmarks.formats.variant_record import TensorSpec
from export.convert import convert
from export.recipe import Variant as Kind
from metadata.reader import read, read_bytes
from metadata.tensors import short_name
from metadata.writer import pack
from tests.benchmarks.faulty import Bench, named, on, unwarned
from tests.benchmarks.models import MODELS, digits, is_exported, photographs

SAMPLES = 12

pytestmark = pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first")

Levels = npt.NDArray[np.uint8]


class Factory:
    """Converts the reference model of a bench's recipe to int8 with any calibration."""

    def __init__(self, bench: Bench) -> None:
        import keras

        self.bench = bench
        self.recipe = bench.recipe
        model = keras.models.load_model(self.recipe.model.path, compile=False)
        self._frozen = convert.freeze(model, self.recipe.image)
        self._card = read(self.recipe.variants["int8"].file.path).card
        self.levels: Levels = np.concatenate(list(self.recipe.evaluation_set(None).batches(self.recipe.image, 200)))
        self._random = np.random.default_rng(11)

    def calibration(self, name: str) -> Levels:
        some, shape = self.levels[-SAMPLES:], (SAMPLES, *self.levels.shape[1:])
        sets: dict[str, Any] = {
            "noise": lambda: self._random.integers(0, 256, shape),
            "gaussian": lambda: self._random.normal(127, 40, shape).clip(0, 255),
            "dim": lambda: 0.3 * some + 90,
            "dark": lambda: some // 5,
            "good": lambda: some,
        }
        return np.asarray(sets[name](), np.uint8)

    def explained(self, calibration: str, extremes: bool) -> Explanation:
        """A healthy phone's run of the file that this calibration makes."""
        samples = self.calibration(calibration)
        samples = convert.with_black_and_white(samples) if extremes else samples
        variant = self._variant(convert.convert(self._frozen, Kind.INT8, samples, self.recipe.image), calibration)
        recipe = replace(self.recipe, variants={**self.recipe.variants, "int8": variant})
        bench = Bench(recipe, ["int8"], self.bench.home)
        return explain(bench.row(bench.run("none")), Manifest({recipe.name: recipe}))

    def _variant(self, model: bytes, name: str) -> ExportedVariant:
        assert self._card is not None
        path = self.bench.home / f"{name}.tflite"
        path.write_bytes(pack(model, self._card))
        tensor = read_bytes(path.read_bytes()).file.inputs[0]
        assert tensor.quantization is not None
        scale, zero_point = tensor.quantization.scales[0], tensor.quantization.zero_points[0]
        spec = TensorSpec(tensor.name, tensor.shape, str(tensor.dtype), scale, zero_point)
        return replace(self.recipe.variants["int8"], file=named(path), input=spec)


@pytest.fixture(scope="module")
def of_photographs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Factory]:
    home = tmp_path_factory.mktemp("photographs")
    recipe = Manifest.read(MODELS).recipes["efficientnet_lite0"]
    with unwarned():
        yield Factory(Bench(on(recipe, photographs(recipe, SAMPLES), home / "inputs"), ["int8"], home))


@pytest.fixture(scope="module")
def of_digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Factory]:
    home = tmp_path_factory.mktemp("digits")
    with unwarned():
        yield Factory(Bench(digits(home / "inputs", 200), ["int8"], home))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The converter warns of what these tests do on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def judge(found: Explanation, cause: str) -> None:
    assert (found.arrow, found.causes[0].id) == (ArrowName.CONVERSION, cause)
    assert found.causes[0].score >= 0.8


@pytest.mark.parametrize(
    ("calibration", "extremes"), [("noise", True), pytest.param("gaussian", False, marks=pytest.mark.thorough)]
)
def test_noise_instead_of_photographs_is_named(of_photographs: Factory, calibration: str, extremes: bool) -> None:
    found = of_photographs.explained(calibration, extremes)
    judge(found, "RANDOM-CALIBRATION")
    assert "noise of pixels" in found.causes[0].evidence
    assert len(found.layers) > 50


@pytest.mark.thorough
def test_photographs_without_contrast_are_named(of_photographs: Factory) -> None:
    found = of_photographs.explained("dim", extremes=False)
    judge(found, "CLIPPED-CALIBRATION")
    assert "of image are cut off" in found.causes[0].evidence
    assert (found.layers[0].saturated or 0) > 0.3


def test_a_real_calibration_is_merely_rounded(of_photographs: Factory, of_digits: Factory) -> None:
    for factory in (of_photographs, of_digits):
        assert {one.id for one in factory.explained("good", extremes=True).causes} <= {"ROUNDING"}


@pytest.mark.parametrize(
    ("calibration", "extremes", "cause"),
    [
        ("noise", False, "RANDOM-CALIBRATION"),
        ("dark", False, "CLIPPED-CALIBRATION"),
        ("dark", True, "CLIPPED-CALIBRATION"),
    ],
)
def test_digits_are_calibrated_badly_too(of_digits: Factory, calibration: str, extremes: bool, cause: str) -> None:
    judge(of_digits.explained(calibration, extremes), cause)


def test_noise_beside_black_and_white_is_named_as_one_of_two_that_six_ranges_do_not_tell_apart(
    of_digits: Factory,
) -> None:
    """Black and white decide the first ranges; the others are those of pictures with half the contrast, too."""
    found = of_digits.explained("gaussian", extremes=True)
    assert found.causes[0].id in ("RANDOM-CALIBRATION", "CLIPPED-CALIBRATION")
    assert found.causes[0].score >= 0.8


def test_a_fused_tensor_is_called_by_its_first_layer() -> None:
    assert short_name("net_1/bn0_relu6_1/Relu6;net_1/bn0_1/batchnorm/add_1") == "bn0_relu6_1"
    assert short_name("image") == "image"
