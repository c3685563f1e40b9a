"""In which layers another file of the same graph has other weights. Bytes in, values out; nothing is run."""

from dataclasses import dataclass

from benchmarks.explain.two_runs import outline
from metadata.graph import held_values, read_graph


@dataclass(frozen=True, slots=True)
class OtherWeights:
    """A file that the phone may have run, what it is in words, and the tensors of the layers with other weights."""

    what: str
    sha256: str
    tensors: frozenset[int]


def differing_layers(model: bytes, other: bytes) -> frozenset[int]:
    """The tensors that operators compute with other weights in `other`; none where it has another graph."""
    graph, theirs = read_graph(model), read_graph(other)
    if outline(graph) != outline(theirs):
        return frozenset()
    values, other_values = held_values(model), held_values(other)
    changed = {
        index
        for index in graph.constants
        if values.get(index) != other_values.get(index)
        or graph.tensors[index].quantization != theirs.tensors[index].quantization
    }
    found: set[int] = set()
    for operator in graph.operators:
        if not changed.isdisjoint(operator.inputs):
            # Float copies of half weights are computed from nothing else, and are weights themselves.
            (changed if graph.constants.issuperset(operator.outputs) else found).update(operator.outputs)
    return frozenset(found)
