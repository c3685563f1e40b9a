"""What a frozen graph does with a picture before its first layer, and with the scores after its last.

This is read from the graph's operations, so it does not matter how the model was written: with a Rescaling layer, a
Lambda, or arithmetic in `call`.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from export.convert.convert import Frozen

SHOWN = 3  # numbers of a constant, one a channel
NEUTRAL = frozenset({"Cast", "Identity", "Reshape", "Squeeze", "StopGradient", "NoOp"})
Numbers = npt.NDArray[np.float64]
# The operations of x and a constant c that are x × scale + offset, as (scale, offset).
LINEAR: dict[str, Callable[[Numbers], tuple[Numbers, Numbers]]] = {
    "Add": lambda c: (np.ones(1), c),
    "AddV2": lambda c: (np.ones(1), c),
    "BiasAdd": lambda c: (np.ones(1), c),
    "Mul": lambda c: (c, np.zeros(1)),
    "RealDiv": lambda c: (1 / c, np.zeros(1)),
    "Sub": lambda c: (np.ones(1), -c),
}
COMMUTATIVE = frozenset({"Add", "AddV2", "Mul"})
GEOMETRY = dict.fromkeys(("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic"), "resized again")

BIAS = frozenset({"Add", "AddV2", "BiasAdd"})
PRODUCTS = frozenset({"BatchMatMulV2", "Conv2D", "Einsum", "MatMul"})
ANY = (-np.inf, np.inf)
MOST_DEPTH = 24  # operations back from the end
ROUNDING = 1e-6
Range = tuple[float, float]
CLIPPING: dict[str, Range] = {
    "Sigmoid": (0.0, 1.0),
    "Softmax": (0.0, 1.0),
    "Relu": (0.0, np.inf),
    "Relu6": (0.0, 6.0),
}


def _either(first: Range, second: Range) -> Range:
    return min(first[0], second[0]), max(first[1], second[1])


def _sum(first: Range, second: Range) -> Range:
    return first[0] + second[0], first[1] + second[1]


def _product(first: Range, second: Range) -> Range:
    values = [one * other if one and other else 0.0 for one in first for other in second]
    return min(values), max(values)


COMBINING: dict[str, Callable[[Range, Range], Range]] = {
    "Add": _sum,
    "AddN": _sum,
    "AddV2": _sum,
    "Maximum": lambda first, second: (max(first[0], second[0]), max(first[1], second[1])),
    "Minimum": lambda first, second: (min(first[0], second[0]), min(first[1], second[1])),
    "Mul": _product,
    "RealDiv": lambda first, second: _product(first, (1 / second[1], 1 / second[0])) if second[0] > 0 else ANY,
    "Sub": lambda first, second: (first[0] - second[1], first[1] - second[0]),
}
# Operations whose values are combined from those of the operands in the slice, or are some of them, or lie between.
OPERANDS = (
    dict.fromkeys((*COMBINING, "Pack"), slice(None))
    | dict.fromkeys(("AvgPool", "ExpandDims", "Gather", "GatherV2", "Max", "MaxPool", "Mean", "Min"), slice(1))
    | dict.fromkeys(("Slice", "SplitV", "StridedSlice", "Tile", "Transpose", "Unpack", *NEUTRAL), slice(1))
    | {"ConcatV2": slice(-1), "SelectV2": slice(1, None), "Split": slice(1, None)}
)


class FinalActivation(StrEnum):
    """The last operation on the scores."""

    SOFTMAX = "softmax"
    SOFTMAX_TWICE = "softmax twice"
    SIGMOID = "sigmoid"
    BOUNDED = "between 0 and 1"  # an average, a product, a choice, a clipped line: none of them gives a logit
    LINEAR = "none"  # a dense layer or a convolution without an activation
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class GraphEnds:
    """`preprocessing` describes, in order, what is done to every pixel before the first layer; empty for nothing."""

    preprocessing: tuple[str, ...]
    activation: FinalActivation


def find_graph_ends(frozen: Frozen) -> GraphEnds:
    """What `frozen` does at its beginning and at its end."""
    nodes = {node.name: node for node in frozen.graph_def.node}
    return GraphEnds(
        tuple(_preprocessing(nodes, _name(frozen.input.name))), _activation(nodes, _name(frozen.output.name))
    )


def _name(tensor: str) -> str:
    return tensor.split(":", maxsplit=1)[0]


def _preprocessing(nodes: dict[str, Any], current: str) -> list[str]:
    readers = defaultdict(list)
    for node in nodes.values():
        for source in node.input:
            if not source.startswith("^"):  # a control dependency, which carries no value
                readers[_name(source)].append(node)
    scale, offset, operations = np.ones(1), np.zeros(1), []
    while len(readers[current]) == 1:
        (node,) = readers[current]
        if (linear := _linear(nodes, node, current)) is not None:
            scale, offset = scale * linear[0], offset * linear[0] + linear[1]
        elif node.op in GEOMETRY:
            operations.append(GEOMETRY[node.op])
        elif node.op == "ReverseV2" or (node.op == "StridedSlice" and _is_flip(nodes, node)):
            operations.append("channels reversed")
        elif node.op not in NEUTRAL:
            break
        current = node.name
    if np.all(scale == 1) and np.all(offset == 0):
        return operations
    return [f"pixel × {_shown(scale)} + {_shown(offset)}", *operations]


def _linear(nodes: dict[str, Any], node: Any, current: str) -> tuple[Numbers, Numbers] | None:
    """(scale, offset) of an operation on `current` that is linear; None for any other."""
    operands = [_name(source) for source in node.input if not source.startswith("^")]
    if node.op not in LINEAR or len(operands) != 2 or (operands[0] != current and node.op not in COMMUTATIVE):
        return None
    constant = _value(nodes, operands[operands[0] == current])
    # A mean picture has values for every pixel; the message can show only the first pixel's.
    return None if constant is None else LINEAR[node.op](np.ravel(constant.astype(np.float64))[:SHOWN])


def _value(nodes: dict[str, Any], name: str) -> npt.NDArray[Any] | None:
    from tensorflow import make_ndarray

    node = _effective(nodes, nodes[name])
    value: npt.NDArray[Any] | None = make_ndarray(node.attr["value"].tensor) if node.op == "Const" else None
    return value


def _is_flip(nodes: dict[str, Any], node: Any) -> bool:
    steps = _value(nodes, _name(node.input[3]))
    return steps is not None and -1 in steps


def _shown(values: Numbers) -> str:
    return "/".join(dict.fromkeys(f"{value:.5g}" for value in values))


def _activation(nodes: dict[str, Any], current: str) -> FinalActivation:
    last = _effective(nodes, nodes[current])
    if last.op == "Softmax":
        return (
            FinalActivation.SOFTMAX_TWICE
            if _effective(nodes, nodes[_name(last.input[0])]).op == "Softmax"
            else FinalActivation.SOFTMAX
        )
    if last.op == "Sigmoid":
        return FinalActivation.SIGMOID
    low, high = bounds(nodes, current)
    if low >= 0 and high <= 1 + ROUNDING:
        return FinalActivation.BOUNDED
    return FinalActivation.LINEAR if _is_linear(nodes, last) else FinalActivation.OTHER


def _is_linear(nodes: dict[str, Any], node: Any) -> bool:
    """Whether it is a product of weights, with or without a bias."""
    if node.op in BIAS and len(node.input) == 2:
        operands = [_effective(nodes, nodes[_name(source)]) for source in node.input]
        node = operands[operands[0].op == "Const"]
    return node.op in PRODUCTS


def bounds(nodes: dict[str, Any], current: str, depth: int = MOST_DEPTH) -> Range:
    """The least and the largest value that a tensor can have, as far as the operations before it tell."""
    node = nodes[current]
    operands = [_name(source) for source in node.input if not source.startswith("^")]
    if node.op == "Const":
        value = _value(nodes, current)
        is_number = value is not None and value.size and value.dtype.kind in "fiu"
        return (float(value.min()), float(value.max())) if is_number and value is not None else ANY
    if node.op in CLIPPING:
        before = bounds(nodes, operands[0], depth - 1) if depth else ANY
        low, high = CLIPPING[node.op]
        return min(max(low, before[0]), high), max(min(high, before[1]), low)
    if not operands or not depth or node.op not in OPERANDS:
        return ANY
    parts = [bounds(nodes, operand, depth - 1) for operand in operands[OPERANDS[node.op]]]
    if not parts:
        return ANY
    low, high = reduce(COMBINING.get(node.op, _either), parts)
    return ANY if np.isnan(low) or np.isnan(high) else (low, high)


def _effective(nodes: dict[str, Any], node: Any) -> Any:
    """`node`, or where it changes nothing, the nearest node before it that does."""
    while node.op in NEUTRAL and node.input and not node.input[0].startswith("^"):
        node = nodes[_name(node.input[0])]
    return node
