"""From a Keras model to `.tflite` bytes: one trace and one freeze, then every variant from the same frozen graph.

The frozen graph is converted as a GraphDef. fp32, fp16 and dynamic answer bit for bit as those of `from_keras_model`;
and no weights can be missing, as happens silently when an unfrozen Keras 3 function is converted. The variants that are
calibrated are made of the fp32 file: calibration.py measures its tensors, quantise.py rounds.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from export.convert import quantise
from export.convert.calibration import Done, Ranges, measure
from export.errors import VariantError
from export.recipe import Variant
from metadata.card import ImageSpec
from metadata.preprocess import Pixels, normalised


@dataclass(slots=True)
class Frozen:
    """A traced model whose weights are constants: a GraphDef with one input and one output tensor.

    `ranges` are those of the tensors of its fp32 file on the samples of the last calibration.
    """

    graph_def: Any
    input: Any
    output: Any
    ranges: Ranges = field(default_factory=dict, repr=False)
    _float_model: bytes | None = field(default=None, repr=False)

    def float_model(self) -> bytes:
        """The fp32 file, made once: the variants that are calibrated begin with it. VariantError as of `convert`."""
        if self._float_model is None:
            self._float_model = _from_graph(self, Variant.FP32)
        return self._float_model

    def drop_graph(self) -> None:
        """Keep the fp32 file alone, one copy of the weights less; fp16 and dynamic cannot be made afterwards."""
        self.float_model()
        self.graph_def = None


def freeze(model: Any, image: ImageSpec) -> Frozen:
    """Trace `model` at batch 1 with an input named `image` and an output named `probabilities`, and freeze it."""
    import tensorflow as tf
    from tensorflow.python.framework import convert_to_constants

    @tf.function(  # type: ignore[untyped-decorator]  # TensorFlow has no type stubs
        input_signature=[tf.TensorSpec((1, image.height, image.width, image.channels), tf.float32, "image")]
    )
    def classify(pictures: Any) -> Any:
        return tf.identity(model(pictures, training=False), "probabilities")

    traced = classify.get_concrete_function()
    # What convert_variables_to_constants_v2 does, without the function that it builds of the graph: half of its time.
    weighted = convert_to_constants._FunctionConverterDataInEager(
        traced, lower_control_flow=True, aggressive_inlining=False
    )
    graph_def, _ = convert_to_constants._replace_variables_by_constants(weighted)
    # The function's own output is called Identity; the tensor before it has the name given above.
    ends = traced.inputs[0], traced.graph.get_tensor_by_name("probabilities:0")
    # The converter needs only name, type and shape of input and output. Placeholders have those too, and do not keep a
    # second copy of the graph and its weights in memory. What was traced has reference cycles: gc frees it now.
    with tf.Graph().as_default():
        empty = [tf.compat.v1.placeholder(end.dtype, end.shape, end.op.name) for end in ends]
    del traced, weighted, ends
    gc.collect()
    return Frozen(graph_def, *empty)


def with_black_and_white(calibration: Pixels) -> Pixels:
    """A black and a white picture, then the samples: the input's range is 0..255, so an app can pass raw pixels."""
    extremes = np.stack([np.full_like(calibration[0], level) for level in (0, 255)])
    return np.concatenate([extremes, calibration])


def convert(
    frozen: Frozen, variant: Variant, calibration: Pixels, image: ImageSpec, done: Done = lambda _: None
) -> bytes:
    """The variant's `.tflite` bytes; VariantError with the converter's reason when it cannot be made.

    `done` is called with 1 after each sample of a calibration. `int8_mixed` is made in mixed.py.
    """
    if variant in (Variant.INT8, Variant.INT16X8):
        model = calibrate(frozen, variant, calibration, image, done)
        with refusals(variant):
            return quantise.int8(model) if variant is Variant.INT8 else quantise.int16x8(model)
    return frozen.float_model() if variant is Variant.FP32 else _from_graph(frozen, variant)


def _from_graph(frozen: Frozen, variant: Variant) -> bytes:
    """fp32, fp16 or dynamic."""
    import tensorflow as tf

    converter = _converter(frozen)
    if variant is not Variant.FP32:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if variant is Variant.FP16:
        converter.target_spec.supported_types = [tf.float16]
    with refusals(variant):
        return bytes(converter.convert())


def calibrate(frozen: Frozen, variant: Variant, calibration: Pixels, image: ImageSpec, done: Done) -> bytes:
    """The fp32 file with its tensors' ranges on the samples written into it, to make `variant` of; as `convert`."""
    model = frozen.float_model()
    with refusals(variant):
        frozen.ranges = measure(model, calibration, image, done)
    return quantise.calibrated(model, frozen.ranges)


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
