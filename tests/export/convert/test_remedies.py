"""A real model that int8 breaks, and what each remedy does for it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from benchmarks.evaluation.desktop import TfliteRunner, answer
from benchmarks.formats import inputs
from benchmarks.formats.models_file import ExportRecord
from export.commands.table import footnotes
from export.convert.remedies import Remedy
from export.errors import ParityError, VariantError
from export.pipeline import export
from export.recipe import BuildContext, Built, Choices, Recipe, Tolerance, Variant
from metadata.check import check
from metadata.reader import read
from metadata.runtimes import load_runtime
from tests.export.conftest import Quiet
from tests.export.fragile import CALIBRATION, IMAGE, TOLERANCE, pictures, recipe
from tests.export.records import parity_of

pytestmark = pytest.mark.usefixtures("tensorflow")
HEALTHY, LOUD, DEAFENING, REFUSED = 1, 1e3, 3e4, 1e5


def run(folder: Path, of: Recipe, *variants: Variant) -> ExportRecord:
    choices = Choices(variants=variants or (Variant.FP32, Variant.INT8))
    return export(of, choices, load_runtime(), folder, Quiet())


class Exported:
    """What an export of a recipe wrote, and its record."""

    def __init__(self, folder: Path, of: Recipe) -> None:
        self.folder, self.record = folder, run(folder, of)


@pytest.fixture(scope="module")
def exported(_imported: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[[float], Exported]:
    """Exports a classifier of that loudness, once for all tests."""

    @cache
    def export_once(loudness: float) -> Exported:
        return Exported(tmp_path_factory.mktemp("exported"), recipe(loudness))

    return export_once


Of = Callable[[float], Exported]


def tried(record: ExportRecord) -> dict[str, str]:
    """The verdict of everything that was tried, in its order."""
    return {one.remedy: one.parity.verdict if one.parity else "refused" for one in record.remedies}


def test_an_int8_that_is_good_enough_needs_no_remedy(tmp_path: Path) -> None:
    record = run(tmp_path, recipe(HEALTHY))
    assert record.remedies == ()
    assert record.default_variant == "int8"
    assert record.variants["int8"].calibration_samples == CALIBRATION
    assert record.variants["fp32"].calibration_samples is None


def test_more_samples_mend_what_was_calibrated_on_too_little(tmp_path: Path) -> None:
    record = run(tmp_path, recipe(HEALTHY, timid=True))
    assert tried(record) == {"int8": "FAIL", "more_calibration": "PASS"}
    int8 = record.variants["int8"]
    assert (int8.calibration_samples, int8.verdict) == (4 * CALIBRATION, "PASS")
    assert record.default_variant == "int8"


def test_sixteen_bits_mend_what_one_loud_channel_drowns(exported: Of) -> None:
    record = exported(LOUD).record
    assert tried(record) == {"int8": "FAIL", "more_calibration": "FAIL", "int16x8": "PASS"}
    assert list(record.variants) == ["fp32", "int16x8"]
    assert record.variants["int16x8"].input.dtype == "float32"
    assert record.default_variant == "fp32", "which is faster"


def test_float_layers_mend_what_sixteen_bits_cannot(exported: Of) -> None:
    record = exported(DEAFENING).record
    verdicts = {"int8": "FAIL", "more_calibration": "FAIL", "int16x8": "FAIL", "int8_mixed": "PASS"}
    assert tried(record) == verdicts
    mixed = record.variants["int8_mixed"]
    assert [name.split("/")[1].rpartition("_")[0] for name in mixed.float_layers or ()] == ["loud", "quiet"]
    assert record.variants["fp32"].float_layers is None
    assert record.default_variant == "int8_mixed"


def test_an_int8_that_litert_refuses_to_prepare_is_mended_like_one_that_fails(tmp_path: Path) -> None:
    """XNNPACK takes no requantisation by 256 or more: tensorflow/tensorflow issue 77293 ends with the same words."""
    record = run(tmp_path, recipe(REFUSED))
    assert tried(record) == {"int8": "refused", "int16x8": "FAIL", "int8_mixed": "PASS"}, "more samples are no remedy"
    refused = record.remedies[0].refused or ""
    assert refused.startswith("fragile_int8.tflite does not run in LiteRT on this computer: failed to create XNNPACK")
    assert {path.name for path in tmp_path.glob("*.tflite")} == {"fragile_fp32.tflite", "fragile_int8_mixed.tflite"}
    lines = [line for line in footnotes({"fragile": record}) if line.startswith("fragile: ")]
    assert lines[1] == f"fragile: int8 is refused: {refused}"
    assert lines[3].startswith("fragile: remedy int8_mixed is enough: ")


def test_int8_alone_may_be_asked_for_and_refused(tmp_path: Path) -> None:
    record = run(tmp_path, recipe(REFUSED), Variant.INT8)
    assert list(record.variants) == ["int8_mixed"]
    assert record.default_variant == "int8_mixed"


def test_a_remedy_that_was_asked_for_by_name_and_is_refused_stops_the_export(tmp_path: Path) -> None:
    def normed(_: BuildContext) -> Built:
        import keras

        layers = keras.layers
        rows = [keras.Input((16, 16, 3)), layers.LayerNormalization(), layers.Flatten(), layers.Dense(8, "softmax")]
        return Built(keras.Sequential(rows), pictures(1, CALIBRATION)[0], None)

    with pytest.raises(VariantError, match=r"^fragile_int16x8\.tflite does not run in LiteRT on this computer: "):
        run(tmp_path, replace(recipe(HEALTHY), build=normed), Variant.FP32, Variant.INT16X8)


def test_what_failed_is_not_left_behind(exported: Of) -> None:
    folder, record = exported(DEAFENING).folder, exported(DEAFENING).record
    assert {path.name for path in folder.glob("*.tflite")} == {"fragile_fp32.tflite", "fragile_int8_mixed.tflite"}
    assert all((folder / file.path).is_file() for file in record.files)


@pytest.mark.parametrize("loudness", [LOUD, DEAFENING])
def test_what_mends_is_packed_like_every_variant_and_loads_in_the_apps_runtime(exported: Of, loudness: float) -> None:
    folder, record = exported(loudness).folder, exported(loudness).record
    *_, last = record.variants.values()
    packed = read(folder / last.path)
    assert check(packed, load_runtime()) == ()
    assert packed.image == IMAGE
    runner = TfliteRunner((folder / last.path).read_bytes(), IMAGE)
    reference = inputs.read(folder / "reference")
    top = answer(reference, IMAGE, {"last": runner}, lambda _: None)["last"].argmax(axis=1)
    assert float((top == reference.truth).mean()) == pytest.approx(parity_of(last).accuracy)


def test_a_remedy_that_was_asked_for_by_name_is_not_made_twice(tmp_path: Path) -> None:
    progress = Quiet()
    choices = Choices(variants=(Variant.INT8, Variant.INT16X8))
    record = export(recipe(LOUD, more=False), choices, load_runtime(), tmp_path, progress)
    assert tried(record) == {"int8": "FAIL", "more_calibration": "refused", "int16x8": "PASS"}
    assert list(record.variants) == ["int16x8"]
    assert not [line for line in progress.said if line.startswith("remedy ")]


def test_new_names_may_be_asked_for_where_int8_is_well(tmp_path: Path) -> None:
    record = run(tmp_path, recipe(HEALTHY), *Variant)
    assert list(record.variants) == ["fp32", "fp16", "dynamic", "int8", "int16x8", "int8_mixed"]
    assert {one.verdict for one in record.variants.values()} == {"PASS"}
    assert record.variants["int8_mixed"].float_layers


def test_where_nothing_helps_the_export_stops_and_says_what_was_tried(tmp_path: Path) -> None:
    """Nobody gains fifty points."""
    greedy = {Variant.FP32: TOLERANCE, Variant.INT8: Tolerance(accuracy=-50, agreement=5)}
    with pytest.raises(ParityError) as refusal:
        run(tmp_path, replace(recipe(HEALTHY, more=False), tolerances=greedy))
    message = str(refusal.value)
    assert message.startswith("fragile loses too much: int8: accuracy ")
    assert "; more_calibration: there are no more than 40 samples to calibrate on; int16x8: accuracy " in message
    assert "; int8_mixed: accuracy " in message
    assert message.count("-50 points may be lost") == 3


def test_without_int8_there_is_nothing_to_mend(tmp_path: Path) -> None:
    assert run(tmp_path, recipe(DEAFENING), Variant.FP32).remedies == ()
    (tmp_path / "again").mkdir()
    with pytest.raises(ParityError, match=r"^fragile loses too much: int16x8: accuracy "):
        run(tmp_path / "again", recipe(DEAFENING), Variant.INT16X8)


def test_every_try_is_told_in_a_line_of_its_own(tmp_path: Path) -> None:
    record = run(tmp_path, recipe(LOUD, more=False))
    lines = [line for line in footnotes({"fragile": record}) if line.startswith("fragile: ")][1:]
    assert lines[0].startswith("fragile: int8 loses too much: accuracy -")
    assert lines[1] == (
        "fragile: remedy more_calibration could not be tried: there are no more than 40 samples to calibrate on"
    )
    assert lines[2].startswith("fragile: remedy int16x8 is enough: accuracy ")
    assert lines[2].endswith(" s, 40 samples)")
    assert len(lines) == 3


def test_the_remedies_are_named_after_what_they_make() -> None:
    assert [remedy.variant for remedy in Remedy] == [Variant.INT8, Variant.INT16X8, Variant.INT8_MIXED]
