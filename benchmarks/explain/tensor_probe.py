"""Every tensor of a model after a run, as real numbers.

XNNPACK is not used, because it does not show its intermediate tensors. Its integer kernels round differently, by one
step at most in each layer, which is far below what is looked for here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.interpreter import loaded
from metadata.graph import read_graph
from metadata.preprocess import Tensor as ModelInput
from metadata.tensors import Tensor

Reals = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Node:
    """The model's input, or what an operator writes. The range is what its integers can hold; None for floats."""

    index: int
    name: str
    operator: str
    scale: float | None
    zero_point: int | None
    low: float | None
    high: float | None

    def real(self, values: npt.NDArray[Any]) -> Reals:
        """Stored values as real numbers."""
        if self.scale is None or self.zero_point is None:
            return values.astype(np.float32, copy=False)
        real: Reals = (values.astype(np.float32) - self.zero_point) * np.float32(self.scale)
        return real


class TensorProbe:
    """A model that keeps all its tensors. `nodes` are in the order in which they are computed, the input first."""

    def __init__(self, model: bytes) -> None:
        self._interpreter, _ = loaded(model, xnnpack=False, experimental_preserve_all_tensors=True)
        graph = read_graph(model)
        (self._input,) = graph.inputs
        computed = ((index, operator.name) for operator in graph.operators for index in operator.outputs)
        self.nodes = tuple(
            _node(index, graph.tensors[index], name) for index, name in ((self._input, "INPUT"), *computed)
        )

    def run(self, model_input: ModelInput) -> None:
        """Run one input, (height, width, channels) in the model's own type."""
        self._interpreter.set_tensor(self._input, model_input[np.newaxis])
        self._interpreter.invoke()

    def values(self, node: Node) -> Reals:
        """A tensor's values after the last run."""
        return node.real(self._interpreter.get_tensor(node.index))


def _node(index: int, tensor: Tensor, operator: str) -> Node:
    quantization = tensor.quantization
    if quantization is None or len(quantization.scales) != 1 or np.dtype(str(tensor.dtype)).kind not in "iu":
        return Node(index, tensor.name, operator, None, None, None, None)
    (scale,), (zero_point,) = quantization.scales, quantization.zero_points
    limits = np.iinfo(str(tensor.dtype))
    low, high = ((limit - zero_point) * scale for limit in (limits.min, limits.max))
    return Node(index, tensor.name, operator, scale, zero_point, float(low), float(high))
