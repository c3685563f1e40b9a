"""Copies of a model whose outputs are its intermediate tensors. Bytes in, bytes out; nothing is converted again.

A copy is a new subgraph table in front of the model's own bytes: operators, tensors and weights stay where they lie.
Its metadata describes the model's own outputs and would be wrong of the copy, so the copy has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from metadata.archive import read_archive
from metadata.flatbuffer import Table
from metadata.front import GRAPHS, METADATA, OFFSET, Front, movable_root, without_front
from metadata.graph import ITEM_BYTES, Graph, graph_of
from metadata.support_schema import ENTRY_NAME

MAX_BYTES = 64 << 20
"""What the outputs of one copy may take."""
TENSORS, INPUTS, OUTPUTS, OPERATORS = range(4)
GRAPH: Mapping[int, str] = dict.fromkeys(range(5), OFFSET)
"""The fields of the schema's table SubGraph, by slot, but for the index of debug information."""
OPERATOR: Mapping[int, str] = {
    **dict.fromkeys((1, 2, 4, 5, 7, 8, 12), OFFSET),
    0: "I",
    3: "B",
    6: "b",
    11: "B",
}
"""The fields of the schema's table Operator, but for those of files beyond 2 GB."""
GIVEN = 1  # an operator's slot: its inputs


@dataclass(frozen=True, slots=True)
class Probed:
    """What can be seen of a graph: tensors in the order of computation, and why others cannot be seen, by index."""

    tensors: tuple[int, ...]
    hidden: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class IsolatedModel:
    """A model in which every operator computes from inputs that it is given, not from what others computed.

    `inputs` and `outputs` are the original model's tensors, in the order of this one's.
    """

    data: bytes
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def probed(graph: Graph) -> Probed:
    """Every result of an operator that a runtime can hand out, the model's own outputs too."""
    results = [index for operator in graph.computing for index in operator.outputs]
    reasons = {index: _reason(graph, index) for index in dict.fromkeys(results)}
    return Probed(
        tuple(index for index, reason in reasons.items() if reason is None),
        {index: reason for index, reason in reasons.items() if reason is not None},
    )


def _reason(graph: Graph, index: int) -> str | None:
    tensor = graph.tensors[index]
    if index in graph.variables:
        return "a variable, which has no value of its own"
    if tensor.dtype not in ITEM_BYTES:
        return f"values of type {tensor.dtype or 'unknown'}"
    if not tensor.shape or min(tensor.shape) < 1:
        return "a shape that is known only when it runs"
    size = graph.size_bytes(index)
    return f"{size:,} bytes, more than {MAX_BYTES:,}" if size > MAX_BYTES else None


def groups(graph: Graph, tensors: tuple[int, ...], limit_bytes: int = MAX_BYTES) -> tuple[tuple[int, ...], ...]:
    """`tensors` in as few groups as keep their order and take at most `limit_bytes` each, the model's outputs apart."""
    found: list[list[int]] = [[]]
    left = limit_bytes
    for index in tensors:
        left -= graph.size_bytes(index)
        if left < 0 and found[-1]:
            found.append([])
            left = limit_bytes - graph.size_bytes(index)
        found[-1].append(index)
    return tuple(map(tuple, found))


def with_outputs(model: bytes, tensors: tuple[int, ...]) -> tuple[bytes, tuple[int, ...]]:
    """A copy of `model` that also puts out `tensors`, and all that it puts out: the model's own outputs first.

    ModelFileError where the file cannot be read, or be referred to from a front.
    """
    flat = without_front(model[: read_archive(model).start])
    root = movable_root(flat)
    outputs = tuple(dict.fromkeys((*graph_of(root).outputs, *tensors)))
    front, fields = _front(root, (OUTPUTS,))
    front.put_numbers(fields[OUTPUTS], "i", outputs)
    return front.closed() + flat, outputs


def isolated(model: bytes) -> IsolatedModel:
    """`model` with every operator on its own: a tensor that can be seen is given to those that read it.

    What cannot be seen still goes from operator to operator. ModelFileError as of `with_outputs`.
    """
    flat = without_front(model[: read_archive(model).start])
    root = movable_root(flat)
    graph, old = graph_of(root), root.tables(GRAPHS)[0]
    outputs = probed(graph).tensors
    read = {index for operator in graph.computing for index in operator.inputs}
    given = tuple(index for index in (*graph.inputs, *outputs) if index in read)
    tensors = old.targets(TENSORS)
    copies = {index: len(tensors) + place for place, index in enumerate(given)}
    front, fields = _front(root, (TENSORS, INPUTS, OUTPUTS, OPERATORS))
    front.put_vector(fields[TENSORS], [*tensors, *(tensors[index] for index in given)], 0)
    front.put_numbers(fields[INPUTS], "i", tuple(copies.values()))
    front.put_numbers(fields[OUTPUTS], "i", outputs)
    operators = old.tables(OPERATORS)
    place = front.put_vector(fields[OPERATORS], (), len(operators))
    for index, operator in enumerate(operators):
        slots = front.put_copy(operator, OPERATOR, (GIVEN,))
        front.point(place + 4 * index, slots[0] - 4)
        front.put_numbers(slots[GIVEN], "i", [copies.get(one, one) for one in operator.numbers(GIVEN, "i")])
    return IsolatedModel(front.closed() + flat, given, outputs)


def _front(root: Table, replaced: tuple[int, ...]) -> tuple[Front, dict[int, int]]:
    """A front with another first subgraph and without the metadata; where the subgraph's fields are, by slot."""
    front = Front(root, [slot for slot in (GRAPHS, METADATA) if root.has(slot)])
    first, *others = root.tables(GRAPHS)
    place = front.put("I", 1 + len(others), *[0] * (1 + len(others)))
    front.point(front.root[GRAPHS], place)
    for index, other in enumerate(others, start=2):
        front.point_back(place + 4 * index, other.at)
    if root.has(METADATA):
        kept = [entry.at for entry in root.tables(METADATA) if entry.text(0) != ENTRY_NAME]
        front.put_vector(front.root[METADATA], kept, 0)
    fields = front.put_copy(first, GRAPH, replaced)
    front.point(place + 4, fields[0] - 4)
    return front, fields
