import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from metadata.check import check
from metadata.check_image import raw_pixel_inconsistency
from metadata.finding import Finding, Severity
from metadata.operators import Operator
from metadata.reader import PackedModel, read_bytes
from metadata.runtimes import known_runtimes, load_runtime
from metadata.support_metadata import ColorSpace, Normalization
from metadata.tensors import DType, Tensor, TensorQuantization
from metadata.writer import pack
from tests.metadata.conftest import Cards

Tiny = Mapping[str, bytes]


def findings(model: PackedModel, runtime: str = "2.16.1") -> dict[str, Finding]:
    return {finding.id: finding for finding in check(model, load_runtime(runtime))}


def with_input(model: PackedModel, **changes: Any) -> PackedModel:
    """`model` with other words about its input in the metadata."""
    assert model.metadata is not None
    described = replace(model.metadata.inputs[0], **changes)
    return replace(model, metadata=replace(model.metadata, inputs=(described,)))


@pytest.fixture(scope="module")
def packed(tiny: Tiny, card_for: Cards) -> PackedModel:
    return read_bytes(pack(tiny["fp32_3"], card_for(3)))


@pytest.mark.parametrize("name", ["fp32_1", "int8_1", "fp32_3", "int8_3"])
def test_a_model_of_this_kit_is_clean_in_every_known_runtime(tiny: Tiny, card_for: Cards, name: str) -> None:
    model = read_bytes(pack(tiny[name], card_for(int(name[-1]))))
    for runtime in known_runtimes():
        assert findings(model, runtime) == {}


def test_a_model_without_metadata_is_told_how_to_get_some(tiny: Tiny) -> None:
    found = findings(read_bytes(tiny["fp32_1"]))
    assert list(found) == ["NO-METADATA"]
    assert "python -m metadata pack" in found["NO-METADATA"].remedy


def test_a_label_file_that_is_named_but_missing_is_found(tiny: Tiny, card_for: Cards) -> None:
    whole = pack(tiny["fp32_3"], card_for(3))
    found = findings(read_bytes(whole[: read_bytes(whole).archive.start]))
    assert "'labels.txt'" in found["LABELS-MISSING"].summary
    assert "'preprocess.json'" in found["FILE-MISSING"].summary


@pytest.mark.parametrize(
    ("labels", "outputs", "summary"),
    [
        (1000, 1001, "off by one: 1000 labels for 1001 outputs: the model has a background class"),
        (1001, 1000, "off by one: 1001 labels for 1000 outputs: the file has a background class"),
        (90, 1000, "90 labels for 1000 outputs"),
    ],
)
def test_a_wrong_label_count_is_found(packed: PackedModel, labels: int, outputs: int, summary: str) -> None:
    output = replace(packed.file.outputs[0], shape=(1, outputs))
    model = replace(packed, labels=("x",) * labels, file=replace(packed.file, outputs=(output,)))
    assert findings(model)["LABEL-COUNT"].summary.startswith(summary)


def test_metadata_without_a_label_file_is_found(packed: PackedModel) -> None:
    assert findings(replace(packed, label_file=None, labels=None))["NO-LABELS"].severity is Severity.ERROR


def test_labels_that_repeat_are_a_warning(tiny: Tiny, card_for: Cards) -> None:
    card = replace(card_for(3), labels=("crane", "dog", "cat", "crane"))
    found = findings(read_bytes(pack(tiny["fp32_3"], card)))
    assert list(found) == ["LABELS-UNCLEAN"]
    assert found["LABELS-UNCLEAN"].severity is Severity.WARNING
    assert "line 4 repeats 'crane' of line 1" in found["LABELS-UNCLEAN"].summary


def test_missing_normalisation_is_an_error_for_float_and_a_warning_for_integers(
    packed: PackedModel, tiny: Tiny, card_for: Cards
) -> None:
    assert findings(with_input(packed, normalization=None))["NO-NORMALIZATION"].severity is Severity.ERROR
    integer = read_bytes(pack(tiny["int8_3"], card_for(3)))
    assert findings(with_input(integer, normalization=None))["NO-NORMALIZATION"].severity is Severity.WARNING


@pytest.mark.parametrize(
    "normalization",
    [
        Normalization((), ()),
        Normalization((1.0, 2.0), (1.0,)),
        Normalization((0.0,), (0.0,)),
        Normalization((float("nan"),), (1.0,)),
        Normalization((0.0,), (float("inf"),)),
    ],
)
def test_a_normalisation_that_cannot_be_is_found(packed: PackedModel, normalization: Normalization) -> None:
    assert "NORMALIZATION-INVALID" in findings(with_input(packed, normalization=normalization))


def test_a_calibration_without_black_is_found(tiny: Tiny, card_for: Cards) -> None:
    found = findings(read_bytes(pack(tiny["int8_3_misfit"], card_for(3))))
    assert list(found) == ["RAW-PIXELS-MISFIT"]
    assert "pixel 0 is 0 to the model" not in found["RAW-PIXELS-MISFIT"].summary
    assert "black and white" in found["RAW-PIXELS-MISFIT"].remedy


def test_normalisation_out_of_step_with_the_quantisation_is_found(tiny: Tiny, card_for: Cards) -> None:
    """Scale 2/255 and zero point 127 were made for [-1, 1]; a card of [0, 1] does not fit them."""
    card = card_for(3)
    image = replace(card.image, mean=(0.0,) * 3, std=(255.0,) * 3)
    assert "RAW-PIXELS-MISFIT" in findings(read_bytes(pack(tiny["int8_3"], replace(card, image=image))))


@pytest.mark.parametrize(
    ("dtype", "scale_and_zero_point", "mean_and_std", "fits"),
    [
        (DType.UINT8, (1 / 128, 128), (127.5, 127.5), True),
        (DType.UINT8, (1 / 128, 127), (127.0, 128.0), True),
        (DType.UINT8, (1.0, 0), (0.0, 1.0), True),
        (DType.INT8, (2 / 255, -1), (127.5, 127.5), True),
        (DType.INT8, (1.0, -128), (0.0, 1.0), True),
        (DType.INT8, (1.0, 0), (0.0, 1.0), False),
        (DType.UINT8, (1.0, 2), (0.0, 1.0), False),
        (DType.UINT8, (1.0, 1), (0.0, 1.0), True),
        (DType.UINT8, (0.0, 0), (0.0, 1.0), False),
    ],
)
def test_raw_pixels_pass_within_one_level(
    dtype: DType, scale_and_zero_point: tuple[float, int], mean_and_std: tuple[float, float], fits: bool
) -> None:
    (scale, zero_point), (mean, std) = scale_and_zero_point, mean_and_std
    tensor = Tensor("image", (1, 8, 8, 1), dtype, TensorQuantization((scale,), (zero_point,), 0))
    assert (raw_pixel_inconsistency(tensor, (mean,), (std,)) is None) is fits


def test_unequal_channels_cannot_share_one_scale() -> None:
    tensor = Tensor("image", (1, 8, 8, 3), DType.UINT8, TensorQuantization((1 / 58,), (123,), 0))
    inconsistency = raw_pixel_inconsistency(tensor, (123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
    assert inconsistency is not None
    pixel, given, wanted = inconsistency
    assert given == pixel
    assert abs(given - wanted) > 15


def test_a_float_input_passes_any_pixel() -> None:
    assert raw_pixel_inconsistency(Tensor("image", (1, 8, 8, 1), DType.FLOAT32, None), (5.0,), (3.0,)) is None


def test_missing_preprocessing_is_a_warning(packed: PackedModel) -> None:
    assert findings(replace(packed, image=None))["NO-PREPROCESS"].severity is Severity.WARNING


def test_unreadable_preprocessing_says_why(packed: PackedModel) -> None:
    model = replace(packed, image=None, image_error="preprocess.json has format 'x'; this kit reads 'y'")
    assert findings(model)["PREPROCESS-UNREADABLE"].summary == model.image_error


def test_preprocessing_out_of_step_with_the_input_or_the_normalisation_is_found(packed: PackedModel) -> None:
    assert packed.image is not None
    larger = replace(packed, image=replace(packed.image, height=64))
    assert findings(larger)["PREPROCESS-MISMATCH"].summary == "preprocess.json makes 64x32x3, the input is 32x32x3"
    other = replace(packed, image=replace(packed.image, mean=(0.0,) * 3))
    assert "NormalizationOptions with (127.5, 127.5, 127.5)" in findings(other)["PREPROCESS-MISMATCH"].summary


def test_one_normalisation_value_for_all_channels_is_no_mismatch(packed: PackedModel) -> None:
    assert findings(with_input(packed, normalization=Normalization((127.5,), (127.5,)))) == {}


def test_a_mean_that_float32_cannot_hold_is_no_mismatch(tiny: Tiny, card_for: Cards) -> None:
    card = card_for(3)
    image = replace(card.image, mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
    assert findings(read_bytes(pack(tiny["fp32_3"], replace(card, image=image)))) == {}


def test_a_colour_space_that_does_not_fit_the_channels_is_a_warning(packed: PackedModel) -> None:
    found = findings(with_input(packed, color_space=ColorSpace.GRAYSCALE))
    assert found["COLOR-SPACE"].summary == "3 channels are described as grayscale, not rgb"


@pytest.mark.parametrize("shape", [(1, 40), (2, 32, 32, 3), (1, 3, 32, 32), (1, 32, 32, 4), (1, 0, 32, 3), ()])
def test_an_input_that_is_no_picture_is_found(packed: PackedModel, shape: tuple[int, ...]) -> None:
    tensor = replace(packed.file.inputs[0], shape=shape)
    assert "NOT-AN-IMAGE" in findings(replace(packed, file=replace(packed.file, inputs=(tensor,))))


def test_a_model_of_two_inputs_does_not_fit_metadata_for_one(packed: PackedModel) -> None:
    found = findings(replace(packed, file=replace(packed.file, inputs=packed.file.inputs * 2)))
    assert {"NOT-AN-IMAGE", "METADATA-MISFIT"} <= set(found)


def test_the_dense_layer_trap_is_found_with_its_remedy(tiny: Tiny) -> None:
    found = findings(read_bytes(tiny["dense_dynamic"]))["OPERATOR-TOO-NEW"]
    assert found.summary == "FULLY_CONNECTED version 12: TensorFlow Lite 2.16.1 loads up to version 11"
    assert "_experimental_disable_per_channel_quantization_for_dense_layers" in found.remedy
    assert "OPERATOR-TOO-NEW" not in findings(read_bytes(tiny["dense_dynamic"]), "2.19.1")


def test_an_operator_that_the_runtime_never_had_is_found(packed: PackedModel) -> None:
    operators = (Operator("STABLEHLO_COMPOSITE", 1, 1, custom=False),)
    found = findings(replace(packed, file=replace(packed.file, operators=operators)))
    assert found["OPERATOR-UNKNOWN"].summary == "STABLEHLO_COMPOSITE does not exist in TensorFlow Lite 2.16.1"


def test_flex_and_custom_operators_are_found(tiny: Tiny) -> None:
    assert "FlexTan" in findings(read_bytes(tiny["flex"]))["FLEX-OPERATOR"].summary
    assert "Digamma" in findings(read_bytes(tiny["custom"]))["CUSTOM-OPERATOR"].summary


def test_a_file_without_weights_is_found(tiny: Tiny, packed: PackedModel) -> None:
    assert "variables" in findings(read_bytes(tiny["without_weights"]))["NO-WEIGHTS"].summary
    hollow = replace(packed, file=replace(packed.file, weights_bytes=8))
    assert findings(hollow)["NO-WEIGHTS"].summary == "2 operators need weights but the file holds 8 bytes of them"


def added(model: bytes, name: str, content: bytes, method: int) -> bytes:
    out = io.BytesIO(model)
    with zipfile.ZipFile(out, "a", method) as archive:
        archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("entry", "finding_id"),
    [
        (("../../labels.txt", bytes(1), zipfile.ZIP_STORED), "ARCHIVE-ESCAPE"),
        (("bomb.txt", bytes(64 << 20), zipfile.ZIP_DEFLATED), "ARCHIVE-FILE"),
        (("vocabulary.txt", bytes(100), zipfile.ZIP_BZIP2), "ARCHIVE-FILE"),
        (("vocabulary.txt", bytes(100), zipfile.ZIP_DEFLATED), "COMPRESSED-FILE"),
    ],
    ids=["escape", "bomb", "bzip2", "deflated"],
)
def test_what_is_wrong_with_the_archive_is_found(
    tiny: Tiny, card_for: Cards, entry: tuple[str, bytes, int], finding_id: str
) -> None:
    model = read_bytes(added(pack(tiny["fp32_3"], card_for(3)), *entry))
    assert list(findings(model)) == [finding_id]


def test_errors_come_before_warnings(packed: PackedModel) -> None:
    model = with_input(replace(packed, image=None, labels=("x",)), color_space=None)
    severities = [finding.severity for finding in check(model, load_runtime())]
    assert severities == [Severity.ERROR, Severity.WARNING, Severity.WARNING]
