from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from benchmarks.evaluation.desktop import Probabilities, TfliteRunner
from benchmarks.evaluation.stats import paired, paired_difference
from benchmarks.evaluation.stats.probabilities import distance
from export.checks.verify import admit
from export.convert import convert
from export.convert.variants import runner
from export.errors import VariantError
from export.recipe import Variant
from metadata.card import ImageSpec, ModelCard
from metadata.preprocess import normalised, table
from metadata.reader import read_bytes
from metadata.runtimes import load_runtime
from metadata.writer import pack
from tests.export.conftest import noise

IMAGE = ImageSpec(height=16, width=16, channels=3, mean=(127.0,) * 3, std=(128.0,) * 3)
CALIBRATION = convert.with_black_and_white(noise(1, 10, 16, 16, 3))
PICTURES = noise(2, 30, 16, 16, 3)
RUNTIME = load_runtime()
CONVERTED: tuple[Variant, ...] = tuple(
    variant for variant in Variant if variant is not Variant.INT8_MIXED
)  # that is test_mixed.py's
PARAMETERS = (3 * 9 + 1) * 8 + 8 * 4 + (14 * 14 * 8 + 1) * 10


def card(labels: int) -> ModelCard:
    return ModelCard("tiny", "", "1", "", "", IMAGE, tuple(f"label {index}" for index in range(labels)))


@dataclass(frozen=True)
class Tiny:
    """A seeded network of one convolution and one dense layer, and all its variants from one frozen graph."""

    model: Any
    frozen: convert.Frozen
    variants: Mapping[Variant, bytes]


@pytest.fixture(scope="module")
def made(_imported: None) -> Tiny:
    import keras

    keras.utils.set_random_seed(7)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3), name="image"),
            layers.Conv2D(8, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(10, "softmax"),
        ]
    )
    frozen = convert.freeze(model, IMAGE)
    variants: dict[Variant, bytes] = {
        variant: convert.convert(frozen, variant, CALIBRATION, IMAGE) for variant in CONVERTED
    }
    return Tiny(model, frozen, variants)


@pytest.fixture
def tiny(made: Tiny, tensorflow: Any) -> Tiny:  # noqa: ARG001 - its warnings are ignored while a test runs
    return made


def by_the_book(tf: Any, model: Any, variant: Variant, per_channel_dense: bool = False) -> bytes:
    """The same variant through `from_keras_model`, as the documentation shows it."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter._experimental_disable_per_channel_quantization_for_dense_layers = not per_channel_dense
    if variant is not Variant.FP32:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if variant is Variant.FP16:
        converter.target_spec.supported_types = [tf.float16]
    if variant in (Variant.INT8, Variant.INT16X8):
        converter.representative_dataset = lambda: ([normalised(one[None], IMAGE)] for one in CALIBRATION)
    if variant is Variant.INT16X8:
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
    if variant is Variant.INT8:
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    return bytes(converter.convert())


def both_ways(tiny: Tiny, tf: Any, variant: Variant) -> list[Probabilities]:
    """The answers of the kit's file and of the other."""
    files = (tiny.variants[variant], by_the_book(tf, tiny.model, variant))
    return [TfliteRunner(file, IMAGE).run(PICTURES) for file in files]


@pytest.mark.parametrize("variant", [Variant.FP32, Variant.FP16, Variant.DYNAMIC])
def test_a_float_variant_answers_bit_for_bit_as_from_keras_model_would(
    tiny: Tiny, tensorflow: Any, variant: Variant
) -> None:
    ours, theirs = both_ways(tiny, tensorflow, variant)
    assert ours.dtype == np.float32
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("variant", [Variant.INT8, Variant.INT16X8])
def test_an_integer_variant_is_not_worse_than_from_keras_model_s(tiny: Tiny, tensorflow: Any, variant: Variant) -> None:
    """The ranges are measured by other kernels, so the last bit may differ, on one processor more than on another."""
    exact = TfliteRunner(tiny.variants[Variant.FP32], IMAGE).run(PICTURES)
    ours, theirs = both_ways(tiny, tensorflow, variant)
    rms, usual = (distance(exact, answers, None).rms for answers in (ours, theirs))
    assert rms <= 1.1 * usual
    agree, usually = ((answers.argmax(axis=1) == exact.argmax(axis=1)) for answers in (ours, theirs))
    assert paired_difference(paired(usually, agree)).high >= 0


def test_every_variant_is_smaller_than_the_one_before(tiny: Tiny) -> None:
    sizes = [len(tiny.variants[variant]) for variant in (Variant.FP32, Variant.FP16, Variant.DYNAMIC)]
    assert sizes[0] > 1.8 * sizes[1] > 2.5 * sizes[2]
    assert len(tiny.variants[Variant.INT8]) < sizes[1]
    assert len(tiny.variants[Variant.INT16X8]) < sizes[1]


def test_sixteen_bits_are_inside_and_float_at_both_ends(tiny: Tiny, tensorflow: Any) -> None:
    interpreter = tensorflow.lite.Interpreter(model_content=tiny.variants[Variant.INT16X8])
    kinds = {tensor["dtype"] for tensor in interpreter.get_tensor_details() if len(tensor["shape"]) == 4}
    assert kinds == {np.int16, np.int8, np.float32}


def test_the_tensors_have_the_names_and_types_that_the_kit_promises(tiny: Tiny) -> None:
    for variant, model in tiny.variants.items():
        file = read_bytes(model).file
        assert (file.inputs[0].name, file.inputs[0].shape) == ("image", (1, 16, 16, 3))
        assert file.outputs[0].shape == (1, 10)
        kind = "uint8" if variant is Variant.INT8 else "float32"
        assert (file.inputs[0].dtype, file.outputs[0].dtype) == (kind, kind)


def test_raw_pixels_pass_an_int8_input(tiny: Tiny) -> None:
    runner = TfliteRunner(tiny.variants[Variant.INT8], IMAGE)
    assert runner.quantization is not None
    fed = table(IMAGE, runner.quantization).astype(int)
    assert np.abs(fed - np.arange(256)).max() <= 1


def test_without_black_and_white_raw_pixels_do_not_pass(tiny: Tiny) -> None:
    """So the two extreme pictures are there for a reason."""
    dim = np.clip(CALIBRATION[2:], 40, 180)
    model = convert.convert(tiny.frozen, Variant.INT8, dim, IMAGE)
    with pytest.raises(VariantError, match="RAW-PIXELS-MISFIT"):
        admit("tiny_int8.tflite", read_bytes(pack(model, card(10))), RUNTIME, PARAMETERS)


def test_black_and_white_come_before_the_samples() -> None:
    assert len(CALIBRATION) == 12
    assert (CALIBRATION[0].max(), CALIBRATION[1].min()) == (0, 255)
    assert np.array_equal(CALIBRATION[2:], noise(1, 10, 16, 16, 3))


@pytest.mark.parametrize("variant", CONVERTED)
def test_every_variant_is_admitted_to_the_apps_runtime(tiny: Tiny, variant: Variant) -> None:
    packed = read_bytes(pack(tiny.variants[variant], card(10)))
    admit("tiny.tflite", packed, RUNTIME, PARAMETERS)
    versions = {operator.name: operator.version for operator in packed.file.operators}
    assert versions["FULLY_CONNECTED"] <= 11


def test_a_per_channel_dense_layer_is_refused_with_the_remedy(tiny: Tiny, tensorflow: Any) -> None:
    model = by_the_book(tensorflow, tiny.model, Variant.DYNAMIC, per_channel_dense=True)
    with pytest.raises(VariantError) as refusal:
        admit("tiny_dynamic.tflite", read_bytes(pack(model, card(10))), RUNTIME, PARAMETERS)
    message = str(refusal.value)
    assert message.startswith("tiny_dynamic.tflite must not ship: OPERATOR-TOO-NEW: FULLY_CONNECTED version 12: ")
    assert "TensorFlow Lite 2.16.1 loads up to version 11" in message
    assert "_experimental_disable_per_channel_quantization_for_dense_layers = True" in message


def test_a_file_without_weights_is_refused(tiny: Tiny, tensorflow: Any) -> None:
    """What the converter makes of an unfrozen Keras 3 function, without a word of warning."""
    tf = tensorflow
    function = tf.function(tiny.model).get_concrete_function(tf.TensorSpec((1, 16, 16, 3), tf.float32))
    model = bytes(tf.lite.TFLiteConverter.from_concrete_functions([function], tiny.model).convert())
    assert len(model) < len(tiny.variants[Variant.FP32]) / 2
    packed = read_bytes(pack(model, card(10)))
    with pytest.raises(
        VariantError, match=r"^tiny_fp32\.tflite must not ship: 15,9\d\d parameters cannot be in \d+ bytes"
    ):
        admit("tiny_fp32.tflite", packed, RUNTIME, PARAMETERS)
    with pytest.raises(VariantError, match=r"^tiny_fp32\.tflite must not ship: NO-WEIGHTS: .*freeze the function"):
        admit("tiny_fp32.tflite", packed, RUNTIME, 0)


@pytest.fixture
def tangent(tensorflow: Any) -> Any:
    """A model of an operator that TensorFlow Lite does not have; `training` is what Keras models take."""
    tf = tensorflow
    return lambda pictures, training=False: tf.reduce_mean(tf.math.tan(pictures), (1, 2))  # noqa: ARG005


def test_a_model_of_operators_beyond_tensorflow_lite_is_refused_in_one_line(tangent: Any) -> None:
    frozen = convert.freeze(tangent, IMAGE)
    with pytest.raises(VariantError) as refusal:
        convert.convert(frozen, Variant.FP32, CALIBRATION, IMAGE)
    message = str(refusal.value)
    assert message.startswith("fp32 cannot be converted: ")
    assert message.endswith("; the whole reason is in the log")
    assert "\n" not in message
    assert "Tan" in message


def test_a_kernel_that_has_no_form_for_16_bits_is_found_before_the_file_is_compared(tensorflow: Any) -> None:
    layers = tensorflow.keras.layers
    rows = [layers.Input((16, 16, 3)), layers.LayerNormalization(), layers.Flatten(), layers.Dense(3, "softmax")]
    frozen = convert.freeze(tensorflow.keras.Sequential(rows), IMAGE)
    model = convert.convert(frozen, Variant.INT16X8, CALIBRATION, IMAGE)
    with pytest.raises(VariantError, match=r"normed\.tflite does not run in LiteRT on this computer: .*"):
        runner("normed.tflite", model, IMAGE)


def test_a_flex_operator_is_refused_by_name(tangent: Any, tensorflow: Any) -> None:
    tf = tensorflow
    frozen = convert.freeze(tangent, IMAGE)
    converter = tf.compat.v1.lite.TFLiteConverter(frozen.graph_def, [frozen.input], [frozen.output])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    with pytest.raises(VariantError, match=r"must not ship: FLEX-OPERATOR: FlexTan runs only in the Flex delegate"):
        admit("tangent.tflite", read_bytes(pack(bytes(converter.convert()), card(3))), RUNTIME, 0)


def test_a_frozen_graph_holds_constants_and_no_variables(tiny: Tiny) -> None:
    kinds = {node.op for node in tiny.frozen.graph_def.node}
    assert "Const" in kinds
    assert not kinds & {"VarHandleOp", "ReadVariableOp", "StatefulPartitionedCall"}
