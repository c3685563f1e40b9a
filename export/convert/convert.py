"""From a Keras model to `.tflite` bytes: one trace and one freeze, then every variant from the same frozen graph.

The frozen graph is converted as a GraphDef. The result answers bit for bit like that of `from_keras_model`, in a
quarter of the time; and no weights can be missing, as happens silently when an unfrozen Keras 3 function is converted.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from export.errors import VariantError
from export.recipe import Variant
from metadata.card import ImageSpec
from metadata.preprocess import Pixels, normalised


@dataclass(frozen=True, slots=True)
class Frozen:
    """A traced model whose weights are constants: a GraphDef with one input and one output tensor."""

    graph_def: Any
    input: Any
    output: Any


def freeze(model: Any, image: ImageSpec) -> Frozen:
    """Trace `model` at batch 1 with an input named `image` and an output named `probabilities`, and freeze it."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    @tf.function(  # type: ignore[untyped-decorator]  # TensorFlow has no type stubs
        input_signature=[tf.TensorSpec((1, image.height, image.width, image.channels), tf.float32, "image")]
    )
    def classify(pictures: Any) -> Any:
        return tf.identity(model(pictures, training=False), "probabilities")

    function = convert_variables_to_constants_v2(classify.get_concrete_function())
    graph_def = function.graph.as_graph_def()
    # The function's own output is called Identity; the tensor before it has the name given above.
    ends = function.inputs[0], function.graph.get_tensor_by_name("probabilities:0")
    # The converter needs only name, type and shape of input and output. Placeholders have those too, and do not keep a
    # second copy of the graph and its weights in memory. What was traced has reference cycles: gc frees it now.
    with tf.Graph().as_default():
        empty = [tf.compat.v1.placeholder(end.dtype, end.shape, end.op.name) for end in ends]
    del function, ends
    gc.collect()
    return Frozen(graph_def, *empty)


def with_black_and_white(calibration: Pixels) -> Pixels:
    """A black and a white picture, then the samples: the input's range is 0..255, so an app can pass raw pixels."""
    extremes = np.stack([np.full_like(calibration[0], level) for level in (0, 255)])
    return np.concatenate([extremes, calibration])


def convert(frozen: Frozen, variant: Variant, calibration: Pixels, image: ImageSpec) -> bytes:
    """The variant's `.tflite` bytes; VariantError with the converter's reason when it cannot be made.

    `int8_mixed` is made in mixed.py.
    """
    import tensorflow as tf

    converter = _converter(frozen)
    if variant is not Variant.FP32:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if variant is Variant.FP16:
        converter.target_spec.supported_types = [tf.float16]
    if variant in (Variant.INT8, Variant.INT16X8):
        converter.representative_dataset = lambda: model_inputs(calibration, image)
    if variant is Variant.INT8:
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    if variant is Variant.INT16X8:
        # An operator without a 16-bit kernel stays in float.
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
            tf.lite.OpsSet.TFLITE_BUILTINS,
        ]
    return _converted(converter, variant)


def calibrate(frozen: Frozen, calibration: Pixels, image: ImageSpec) -> bytes:
    """`.tflite` bytes in float, with every tensor's range on the samples stored in it; VariantError as in `convert`."""
    import tensorflow as tf

    converter = _converter(frozen)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: model_inputs(calibration, image)
    converter._experimental_calibrate_only = True
    return _converted(converter, Variant.INT8_MIXED)


def model_inputs(pictures: Pixels, image: ImageSpec) -> Iterator[list[Any]]:
    """For each picture a list of its one input tensor, as TensorFlow Lite's tools want samples."""
    for index in range(len(pictures)):
        yield [normalised(pictures[index : index + 1], image)]


def _converter(frozen: Frozen) -> Any:
    import tensorflow as tf

    converter = tf.compat.v1.lite.TFLiteConverter(frozen.graph_def, [frozen.input], [frozen.output])
    # Per-channel dense layers need FULLY_CONNECTED version 12; the app's runtime stops at 11.
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    return converter


def _converted(converter: Any, variant: Variant) -> bytes:
    with refusals(variant):
        model: bytes = converter.convert()
    return model


@contextmanager
def refusals(variant: Variant) -> Iterator[None]:
    """Turns TensorFlow Lite's errors while it makes `variant` into VariantError."""
    import tensorflow as tf
    from tensorflow.lite.python.convert import ConverterError

    try:
        yield
    except (RuntimeError, ValueError, tf.errors.OpError, ConverterError) as error:
        reason = str(error).strip().splitlines() or ["no reason given"]
        raise VariantError(f"{variant} cannot be converted: {reason[0]}; the whole reason is in the log") from error
