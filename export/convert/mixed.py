"""int8 with its worst layers in float: finds those layers and makes the model.

TensorFlow's quantisation debugger runs every layer in int8 and in float and compares the two. The error is averaged
over channels, because one channel with large values makes a whole tensor look exact while the other channels are lost.
A tensor stays in float only if the layer that makes it and all layers that read it are in float. The number of such
tensors is found on the calibration samples; the evaluation set only judges.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.desktop import Probabilities, TfliteRunner
from benchmarks.evaluation.interpreter import loaded
from export.convert import quantise
from export.convert.calibration import Done
from export.convert.convert import Frozen, calibrate, model_inputs, refusals
from export.recipe import Tolerance, Variant
from metadata.card import ImageSpec
from metadata.graph import Graph, read_graph
from metadata.preprocess import Pixels

VERIFIER = "NumericVerify"  # the operator that stands beside every pair of layers
VERIFIED_SAMPLES = 20  # for the error of every layer
COMPARED_SAMPLES = 100  # for the decision whether enough layers are in float
MOST_FLOAT = 0.5  # share of all tensors; with more of them in float the model is hardly int8


@dataclass(frozen=True, slots=True)
class MixedModel:
    """The `.tflite` bytes, and the names of the output tensors of the float layers, in the graph's order."""

    model: bytes
    float_layers: tuple[str, ...]


def convert_mixed(
    frozen: Frozen, calibration: Pixels, image: ImageSpec, tolerance: Tolerance, done: Done = lambda _: None
) -> MixedModel:
    """The model with the worst tensor in float, or the worst two, four and so on: the first that `tolerance` allows.

    Where none is, the last one: the caller judges the result in any case. VariantError when the model cannot be
    converted.
    """
    calibrated = calibrate(frozen, Variant.INT8_MIXED, calibration, image, done)
    with refusals(Variant.INT8_MIXED):
        graph, samples = _Layers.of(calibrated), calibration[:COMPARED_SAMPLES]
        noise = _noise(calibrated, calibration[:VERIFIED_SAMPLES], image)
        worst = [name for name in sorted(noise, key=noise.__getitem__, reverse=True) if graph.consumers(name)]
        expected = TfliteRunner(calibrated, image).run(samples)
        count = 1
        while True:
            layers = graph.around(worst[:count])
            model = quantise.int8(calibrated, float_ends=True, float_layers=layers)
            near = _near(expected, TfliteRunner(model, image).run(samples), tolerance)
            count *= 2
            if near or count > len(worst) * MOST_FLOAT:
                return MixedModel(model, tuple(layers))


def _near(expected: Probabilities, answers: Probabilities, tolerance: Tolerance) -> bool:
    """Whether the top-1 labels of `answers` are close enough to those of `expected`, the float model's.

    The samples have no labels. So the lost accuracy is estimated by the float model's own probabilities: that of its
    top-1 label, minus that of the label which `answers` puts first.
    """
    top = answers.argmax(axis=1)
    disagreement = (top != expected.argmax(axis=1)).mean()
    loss = (expected.max(axis=1) - expected[np.arange(len(top)), top]).mean()
    return bool(disagreement * 100 <= tolerance.agreement and loss * 100 <= tolerance.accuracy)


@dataclass(frozen=True, slots=True)
class _Layers:
    """The names of every layer's input tensors, by the name of its output tensor, in the graph's order."""

    inputs: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, model: bytes) -> "_Layers":
        graph = read_graph(model)
        name = [tensor.name for tensor in graph.tensors]
        return cls({name[layer.outputs[0]]: tuple(name[index] for index in layer.inputs) for layer in graph.operators})

    def consumers(self, tensor: str) -> list[str]:
        return [layer for layer, inputs in self.inputs.items() if tensor in inputs]

    def around(self, tensors: Sequence[str]) -> list[str]:
        """The layers that make these tensors and those that read them."""
        chosen = {layer for tensor in tensors for layer in (tensor, *self.consumers(tensor))}
        return [layer for layer in self.inputs if layer in chosen]


def _noise(calibrated: bytes, samples: Pixels, image: ImageSpec) -> dict[str, float]:
    """How much of each tensor's signal is lost in int8, 0 to 1, by the tensor's name.

    XNNPACK would hide tensors, and it refuses layers that the plain kernels compute.
    """
    verified = quantise.int8(calibrated, float_ends=True, verify=True)
    interpreter, _ = loaded(verified, xnnpack=False, experimental_preserve_all_tensors=True)
    graph = read_graph(verified)
    # A verifying layer reads a tensor twice: as int8, under a new name, and as float, under its own name.
    pairs = [verifier.inputs for verifier in graph.operators if verifier.name == VERIFIER]
    lost = np.zeros((len(samples), len(pairs)))
    for picture, shares in zip(model_inputs(samples, image), lost, strict=True):
        interpreter.set_tensor(graph.inputs[0], *picture)
        interpreter.invoke()
        for at, (stored, exact) in enumerate(pairs):
            shares[at] = _lost_share(
                interpreter.get_tensor(exact), _real(graph, stored, interpreter.get_tensor(stored))
            )
    return {graph.tensors[exact].name: float(mean) for (_, exact), mean in zip(pairs, lost.mean(axis=0), strict=True)}


def _real(graph: Graph, index: int, stored: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    """Values of an int8 tensor as real numbers."""
    quantization = graph.tensors[index].quantization
    if quantization is None:
        raise ValueError(f"tensor {index} of {stored.dtype} has no scale")
    return (stored.astype(np.float64) - quantization.zero_points[0]) * quantization.scales[0]


def _lost_share(exact: npt.NDArray[np.float32], rounded: npt.NDArray[np.float64]) -> float:
    """Mean square error over mean square of the signal, at most 1, averaged over the channels that are not all zero."""
    axes = tuple(range(exact.ndim - 1))
    signal, noise = (exact.astype(np.float64) ** 2).mean(axes), ((rounded - exact) ** 2).mean(axes)
    live = signal > 0
    return float(np.minimum(1, noise[live] / signal[live]).mean()) if live.any() else 0.0
