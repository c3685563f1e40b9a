"""Every tensor of a model after a run, as real numbers.

XNNPACK is not used, because it does not show its intermediate tensors. Its integer kernels round differently, by one
step at most in each layer, which is far below what is looked for here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.interpreter import loaded
from metadata.preprocess import Tensor

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
        (self._input,) = self._interpreter.get_input_details()
        self.nodes = tuple(self._nodes())

    def run(self, model_input: Tensor) -> None:
        """Run one input, (height, width, channels) in the model's own type."""
        self._interpreter.set_tensor(self._input["index"], model_input[np.newaxis])
        self._interpreter.invoke()

    def values(self, node: Node) -> Reals:
        """A tensor's values after the last run."""
        return node.real(self._interpreter.get_tensor(node.index))

    def _nodes(self) -> Iterator[Node]:
        details = {tensor["index"]: tensor for tensor in self._interpreter.get_tensor_details()}
        yield _node(self._input, "INPUT")
        # No public call says which operator writes a tensor; TensorFlow's own debugger uses this one too.
        for operator in self._interpreter._get_ops_details():
            for index in operator["outputs"]:
                yield _node(details[index], operator["op_name"])


def _node(tensor: Any, operator: str) -> Node:
    scale, zero_point = tensor["quantization"]
    dtype = np.dtype(tensor["dtype"])
    if not scale or dtype.kind not in "iu":
        return Node(tensor["index"], tensor["name"], operator, None, None, None, None)
    limits = np.iinfo(dtype)
    low, high = ((limit - zero_point) * scale for limit in (limits.min, limits.max))
    return Node(tensor["index"], tensor["name"], operator, float(scale), int(zero_point), float(low), float(high))
