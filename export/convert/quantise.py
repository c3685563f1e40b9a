"""From a float model with the ranges of its tensors to integers, by TensorFlow's two quantisers.

The results answer bit for bit as the converter's would, given the same ranges. In the body of a loop or condition,
whose ranges cannot be seen, everything stays in float, as does an operator that has no integer kernel.
"""

from collections.abc import Sequence

from export.convert.calibration import Ranges
from metadata.ranges import with_ranges


def calibrated(model: bytes, ranges: Ranges) -> bytes:
    """The float `model` with its ranges written into it, as the functions below take it."""
    return with_ranges(model, {index: (one.low, one.high) for index, one in ranges.items()})


def int8(model: bytes, *, float_ends: bool = False, float_layers: Sequence[str] = (), verify: bool = False) -> bytes:
    """Integers of 8 bits, fed and answering in uint8, or in float32 with `float_ends`.

    `float_layers` are names of the output tensors of layers left in float; with `verify` the float layers stand beside
    those of integers, and a NumericVerify after each pair reads what both give.
    """
    import tensorflow as tf
    from tensorflow.lite.python.convert import mlir_quantize

    ends = tf.float32 if float_ends else tf.uint8
    made: bytes = mlir_quantize(
        model,
        input_data_type=ends,
        output_data_type=ends,
        denylisted_nodes=list(float_layers),
        enable_numeric_verify=verify,
        disable_per_channel_for_dense_layers=True,
    )
    return made


def int16x8(model: bytes) -> bytes:
    """Activations of 16 bits and weights of 8, between float32 ends."""
    import tensorflow as tf
    from tensorflow.lite.python.optimize.calibrator import Calibrator

    made: bytes = Calibrator(model).calibrate_and_quantize(
        lambda: iter(()),  # the ranges are there already
        tf.float32,
        tf.float32,
        allow_float=True,
        activations_type=tf.int16,
        bias_type=tf.int64,
        disable_per_channel_quantization_for_dense_layers=True,
    )
    return made
