"""What a graph does with a picture before its first layer, and with its scores after the last. A frozen graph in.

Found by the structure of the graph, so it holds for every way in which a layer can be written: a Rescaling layer, a
Lambda, arithmetic in `call`.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from export.convert.convert import Frozen

TOLD = 3  # numbers of a constant, one a channel
PASSING = frozenset({"Cast", "Identity", "Reshape", "Squeeze", "StopGradient", "NoOp"})
Numbers = npt.NDArray[np.float64]
# What each operation of x and a constant is, as (scale, offset); some take them either way round.
LINES: dict[str, Callable[[Numbers], tuple[Numbers, Numbers]]] = {
    "Add": lambda c: (np.ones(1), c),
    "AddV2": lambda c: (np.ones(1), c),
    "BiasAdd": lambda c: (np.ones(1), c),
    "Mul": lambda c: (c, np.zeros(1)),
    "RealDiv": lambda c: (1 / c, np.zeros(1)),
    "Sub": lambda c: (np.ones(1), -c),
}
EITHER_WAY = frozenset({"Add", "AddV2", "Mul"})
GEOMETRY = dict.fromkeys(("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic"), "resized again")


class FinalActivation(StrEnum):
    """What the last operation makes of the scores."""

    SOFTMAX = "softmax"
    SOFTMAX_TWICE = "softmax twice"
    SIGMOID = "sigmoid"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class GraphEnds:
    """`begins` is what is done to every pixel first, in words, in order; empty where the first layer sees it as fed."""

    begins: tuple[str, ...]
    ending: FinalActivation


def ends(frozen: Frozen) -> GraphEnds:
    """What `frozen` does at both of its ends."""
    nodes = {node.name: node for node in frozen.graph_def.node}
    return GraphEnds(tuple(_begins(nodes, _name(frozen.input.name))), _ending(nodes, _name(frozen.output.name)))


def _name(tensor: str) -> str:
    return tensor.split(":", maxsplit=1)[0]


def _begins(nodes: dict[str, Any], current: str) -> list[str]:
    readers = defaultdict(list)
    for node in nodes.values():
        for source in node.input:
            if not source.startswith("^"):  # that is an order of events, no value
                readers[_name(source)].append(node)
    scale, offset, others = np.ones(1), np.zeros(1), []
    while len(readers[current]) == 1:
        (node,) = readers[current]
        if (line := _line(nodes, node, current)) is not None:
            scale, offset = scale * line[0], offset * line[0] + line[1]
        elif node.op in GEOMETRY:
            others.append(GEOMETRY[node.op])
        elif node.op == "ReverseV2" or (node.op == "StridedSlice" and _is_flip(nodes, node)):
            others.append("channels reversed")
        elif node.op not in PASSING:
            break
        current = node.name
    if np.all(scale == 1) and np.all(offset == 0):
        return others
    return [f"pixel × {_few(scale)} + {_few(offset)}", *others]


def _line(nodes: dict[str, Any], node: Any, current: str) -> tuple[Numbers, Numbers] | None:
    """(scale, offset) of an operation on `current` that is a straight line; None for any other."""
    operands = [_name(source) for source in node.input if not source.startswith("^")]
    if node.op not in LINES or len(operands) != 2 or (operands[0] != current and node.op not in EITHER_WAY):
        return None
    constant = _value(nodes, operands[operands[0] == current])
    # The first of them tell it: a whole mean picture after a mean by channel is of another shape, and said no better.
    return None if constant is None else LINES[node.op](np.ravel(constant.astype(np.float64))[:TOLD])


def _value(nodes: dict[str, Any], name: str) -> npt.NDArray[Any] | None:
    from tensorflow import make_ndarray

    node = _before(nodes, nodes[name])
    value: npt.NDArray[Any] | None = make_ndarray(node.attr["value"].tensor) if node.op == "Const" else None
    return value


def _is_flip(nodes: dict[str, Any], node: Any) -> bool:
    steps = _value(nodes, _name(node.input[3]))
    return steps is not None and -1 in steps


def _few(values: Numbers) -> str:
    return "/".join(dict.fromkeys(f"{value:.5g}" for value in values))


def _ending(nodes: dict[str, Any], current: str) -> FinalActivation:
    last = _before(nodes, nodes[current])
    if last.op == "Softmax":
        return (
            FinalActivation.SOFTMAX_TWICE
            if _before(nodes, nodes[_name(last.input[0])]).op == "Softmax"
            else FinalActivation.SOFTMAX
        )
    return FinalActivation.SIGMOID if last.op == "Sigmoid" else FinalActivation.OTHER


def _before(nodes: dict[str, Any], node: Any) -> Any:
    """The first node at or before `node` that does something."""
    while node.op in PASSING and node.input and not node.input[0].startswith("^"):
        node = nodes[_name(node.input[0])]
    return node
