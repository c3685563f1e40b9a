"""What a frozen graph does with a picture before its first layer, and with the scores after its last.

This is read from the graph's operations, so it does not matter how the model was written: with a Rescaling layer, a
Lambda, or arithmetic in `call`.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
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


class FinalActivation(StrEnum):
    """The last operation on the scores."""

    SOFTMAX = "softmax"
    SOFTMAX_TWICE = "softmax twice"
    SIGMOID = "sigmoid"
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
    return FinalActivation.SIGMOID if last.op == "Sigmoid" else FinalActivation.OTHER


def _effective(nodes: dict[str, Any], node: Any) -> Any:
    """`node`, or where it changes nothing, the nearest node before it that does."""
    while node.op in NEUTRAL and node.input and not node.input[0].startswith("^"):
        node = nodes[_name(node.input[0])]
    return node
