"""int8 with its worst layers in float: which those are, and the model that leaves them so.

TensorFlow's quantisation debugger runs every layer both ways and says how far apart they are. That is weighed by
channel, because one loud channel makes a whole tensor look well while it drowns the others. A tensor is spared only if
the layer that makes it and the layers that take it are all in float. How many tensors have to be spared is found on the
calibration samples; the evaluation set only judges.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.desktop import Probabilities, TfliteRunner
from export.convert.convert import Frozen, calibrate, fed, refusals
from export.recipe import Tolerance, Variant
from metadata.card import ImageSpec
from metadata.preprocess import Pixels

DEBUGGED = 20  # samples that are run both ways
COMPARED = 100  # samples on which enough is told from too little
SPARED_AT_MOST = 0.5  # of all tensors: beyond that it is hardly int8


@dataclass(frozen=True, slots=True)
class Mixed:
    """The `.tflite` bytes, and the output tensors of the layers that are in float, in the graph's order."""

    model: bytes
    float_layers: tuple[str, ...]


def mix(frozen: Frozen, calibration: Pixels, image: ImageSpec, tolerance: Tolerance) -> Mixed:
    """Spare the worst tensor, the worst two, four and so on, until answers are as near float as `tolerance` asks.

    The last try, where none is near enough: whoever asked has to judge it in any case. VariantError when the model
    cannot be converted.
    """
    calibrated = calibrate(frozen, calibration, image)
    with refusals(Variant.INT8_MIXED):
        return _mixed(calibrated, calibration, image, tolerance)


def _mixed(calibrated: bytes, calibration: Pixels, image: ImageSpec, tolerance: Tolerance) -> Mixed:
    graph, samples = _Graph.of(calibrated), calibration[:COMPARED]
    noise = _noise(calibrated, calibration[:DEBUGGED], image)
    suspects = [name for name in sorted(noise, key=noise.__getitem__, reverse=True) if graph.consumers(name)]
    expected = TfliteRunner(calibrated, image).run(samples)
    mixed = Mixed(b"", ())
    for count in _doubling(len(suspects)):
        layers = graph.around(suspects[:count])
        mixed = Mixed(_quantized(calibrated, denylisted_nodes=layers), tuple(layers))
        if _near(expected, TfliteRunner(mixed.model, image).run(samples), tolerance):
            break
    return mixed


def _near(expected: Probabilities, answered: Probabilities, tolerance: Tolerance) -> bool:
    """Whether enough top-1 are float's, and float thinks little of the others: what it gave its own, less theirs.

    The samples have no labels. But where probabilities mean what they say, that is the accuracy that is lost.
    """
    top = answered.argmax(axis=1)
    disagreement = (top != expected.argmax(axis=1)).mean()
    loss = (expected.max(axis=1) - expected[np.arange(len(top)), top]).mean()
    return bool(disagreement * 100 <= tolerance.agreement and loss * 100 <= tolerance.accuracy)


def _doubling(suspects: int) -> Iterator[int]:
    """1, 2, 4 … up to half of them, one at least."""
    count = 1
    while count == 1 or count <= suspects * SPARED_AT_MOST:
        yield count
        count *= 2


@dataclass(frozen=True, slots=True)
class _Graph:
    """A model's layers by their output tensor's name, each with the names of its inputs, in the graph's order."""

    inputs: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, model: bytes) -> "_Graph":
        import tensorflow as tf

        interpreter = tf.lite.Interpreter(model_content=model)
        name = {tensor["index"]: str(tensor["name"]) for tensor in interpreter.get_tensor_details()}
        # There is no public way to a layer's inputs; TensorFlow's own debugger takes this one.
        layers = interpreter._get_ops_details()
        return cls({name[layer["outputs"][0]]: tuple(name.get(i, "") for i in layer["inputs"]) for layer in layers})

    def consumers(self, tensor: str) -> list[str]:
        return [layer for layer, inputs in self.inputs.items() if tensor in inputs]

    def around(self, tensors: Sequence[str]) -> list[str]:
        """The layers that make these tensors and those that take them."""
        chosen = {layer for tensor in tensors for layer in (tensor, *self.consumers(tensor))}
        return [layer for layer in self.inputs if layer in chosen]


def _noise(calibrated: bytes, samples: Pixels, image: ImageSpec) -> dict[str, float]:
    """How much of each tensor int8 drowns, 0 to 1, by the tensor's name."""
    import tensorflow as tf

    experimental, verified = tf.lite.experimental, _quantized(calibrated, enable_numeric_verify=True)
    debugger = experimental.QuantizationDebugger(
        quant_debug_model_content=verified,
        debug_dataset=lambda: fed(samples, image),
        debug_options=experimental.QuantizationDebugOptions(layer_direct_compare_metrics={"noise": _drowned}),
    )
    debugger.run()
    # A verifying layer takes a tensor as int8, under a new name, and as float, under the one it has.
    verifiers = _Graph.of(verified).inputs
    return {verifiers[name][1]: float(noise["noise"]) for name, noise in debugger.layer_statistics.items()}


def _drowned(exact: npt.NDArray[np.float32], stored: npt.NDArray[np.int8], scale: float, zero_point: int) -> float:
    """Noise over signal, both as energy, at most 1, averaged over the channels that have any signal."""
    axes = tuple(range(exact.ndim - 1))
    error = (stored.astype(np.float64) - zero_point) * scale - exact
    signal, noise = (exact.astype(np.float64) ** 2).mean(axes), (error**2).mean(axes)
    live = signal > 0
    return float(np.minimum(1, noise[live] / signal[live]).mean()) if live.any() else 0.0


def _quantized(calibrated: bytes, **options: Any) -> bytes:
    from tensorflow.lite.python.convert import mlir_quantize

    # Dense layers per tensor, as all variants have them.
    model: bytes = mlir_quantize(calibrated, disable_per_channel_for_dense_layers=True, **options)
    return model
