"""Graphs that compute in half precision, said again in float32; and the step of graphs that imitate quantisation.

Mixed precision keeps its variables in float32 and computes in float16 or bfloat16, for which TensorFlow Lite has no
kernels on a phone's processor. The same graph in float32 is at least as exact.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

HALF = frozenset({19, 14})  # DT_HALF, DT_BFLOAT16
FLOAT = 1  # DT_FLOAT
FAKE_QUANTISATION = frozenset(
    {"FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxVarsPerChannel"}
)


def nodes(graph_def: Any) -> Iterator[Any]:
    """Every node of a GraphDef, those of its functions too."""
    yield from graph_def.node
    for function in graph_def.library.function:
        yield from function.node_def


def computes_in_half(graph_def: Any) -> bool:
    """Whether any operation takes or gives float16 or bfloat16."""
    return any(
        attribute.type in HALF or not HALF.isdisjoint(attribute.list.type) or attribute.tensor.dtype in HALF
        for node in nodes(graph_def)
        for attribute in node.attr.values()
    )


def in_single_precision(graph_def: Any) -> Any:
    """A copy of the graph with float32 in place of float16 and bfloat16."""
    from tensorflow import make_ndarray, make_tensor_proto

    single = type(graph_def)()
    single.CopyFrom(graph_def)
    for function in single.library.function:
        for argument in (*function.signature.input_arg, *function.signature.output_arg):
            if argument.type in HALF:
                argument.type = FLOAT
    for node in nodes(single):
        for attribute in node.attr.values():
            if attribute.type in HALF:
                attribute.type = FLOAT
            for index, kind in enumerate(attribute.list.type):
                if kind in HALF:
                    attribute.list.type[index] = FLOAT
            if attribute.tensor.dtype in HALF:
                attribute.tensor.CopyFrom(make_tensor_proto(make_ndarray(attribute.tensor).astype(np.float32)))
    return single


def fake_quantisation_step(graph_def: Any) -> float | None:
    """The largest step between two values of an imitated quantisation; None for a graph without any."""
    constants = {node.name: node for node in graph_def.node if node.op == "Const"}
    found = [node for node in nodes(graph_def) if node.op in FAKE_QUANTISATION]
    steps = []
    for node in found:
        levels = 2 ** (node.attr["num_bits"].i or 8) - 1
        steps += [width / levels for width in _widths(node, constants)]
    return max(steps, default=0.0) if found else None


def _widths(node: Any, constants: dict[str, Any]) -> list[float]:
    """The widths of the ranges that a node quantises."""
    from tensorflow import make_ndarray

    if node.op == "FakeQuantWithMinMaxArgs":
        return [node.attr["max"].f - node.attr["min"].f]
    low, high = (constants.get(source.split(":")[0]) for source in node.input[1:3])
    if low is None or high is None:
        return []
    ranges = np.ravel(make_ndarray(high.attr["value"].tensor) - make_ndarray(low.attr["value"].tensor))
    return [float(width) for width in ranges]
