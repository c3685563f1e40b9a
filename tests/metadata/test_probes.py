"""Copies of a model whose outputs are its intermediate tensors: what is in them, and what is left out."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from metadata.archive import read_archive
from metadata.errors import ModelFileError
from metadata.front import without_front
from metadata.graph import Graph, GraphOperator, read_graph
from metadata.probes import groups, isolated, probed, with_outputs
from metadata.reader import read_bytes
from metadata.tensors import DType, Tensor
from metadata.writer import pack
from tests.metadata.conftest import Cards

Tiny = Mapping[str, bytes]
NAMES = ("fp32_3", "int8_3", "int16x8", "any_size", "one_sigmoid")


@pytest.mark.parametrize("name", NAMES)
def test_a_probe_ends_with_the_converters_own_bytes(tiny: Tiny, name: str) -> None:
    model = tiny[name]
    for copy in (with_outputs(model, probed(read_graph(model)).tensors)[0], isolated(model).data):
        assert copy.endswith(model)
        assert without_front(copy) == model


@pytest.mark.parametrize("name", NAMES)
def test_a_probe_has_the_same_graph_with_more_outputs(tiny: Tiny, name: str) -> None:
    graph = read_graph(tiny[name])
    copy, outputs = with_outputs(tiny[name], probed(graph).tensors)
    assert outputs[: len(graph.outputs)] == graph.outputs
    assert set(outputs) == {index for operator in graph.computing for index in operator.outputs}
    assert read_graph(copy) == replace(graph, outputs=outputs)


def test_a_packed_models_probe_carries_nothing_that_describes_the_outputs_it_had(tiny: Tiny, card_for: Cards) -> None:
    packed = pack(tiny["int8_3"], card_for(3))
    copy, outputs = with_outputs(packed, probed(read_graph(packed)).tensors)
    read = read_bytes(copy)
    assert (read.metadata, read.archive.files) == (None, ())
    assert len(read.file.outputs) == len(outputs) > 1
    assert read.file.operators == read_bytes(packed).file.operators
    assert read.file.min_runtime_version == read_bytes(packed).file.min_runtime_version
    assert len(copy) < len(packed[: read_archive(packed).start])


@pytest.mark.parametrize("name", NAMES)
def test_every_operator_of_an_isolated_model_reads_what_it_is_given(tiny: Tiny, name: str) -> None:
    graph, alone = read_graph(tiny[name]), isolated(tiny[name])
    cut = read_graph(alone.data)
    assert [cut.tensors[index] for index in cut.inputs] == [graph.tensors[index] for index in alone.inputs]
    assert cut.outputs == alone.outputs == probed(graph).tensors
    for before, after in zip(graph.operators, cut.operators, strict=True):
        assert (after.name, after.outputs) == (before.name, before.outputs)
        assert all(index in cut.constants or index in cut.inputs for index in after.inputs)


def tensor(shape: tuple[int, ...], dtype: DType | None = DType.FLOAT32) -> Tensor:
    return Tensor("t", shape, dtype, None)


def graph_of(*results: Tensor) -> Graph:
    """A chain from tensor 0 over `results`."""
    chain = tuple(GraphOperator("ABS", (index,), (index + 1,)) for index in range(len(results)))
    return Graph((tensor((1, 4)), *results), (0,), (len(results),), chain, frozenset(), frozenset())


def test_what_no_runtime_can_hand_out_is_named() -> None:
    small, huge = tensor((1, 4)), tensor((1, 1 << 30))
    odd = (small, tensor((1, 4), DType.RESOURCE), tensor((1, 4), None), tensor(()), tensor((1, 0)), huge, small)
    found = probed(replace(graph_of(*odd), variables=frozenset({7})))
    assert found.tensors == (1,)
    assert list(found.hidden) == [2, 3, 4, 5, 6, 7]
    assert [reason.split(",")[0] for reason in found.hidden.values()] == [
        "values of type resource",
        "values of type unknown",
        "a shape that is known only when it runs",
        "a shape that is known only when it runs",
        "4",
        "a variable",
    ]


def test_constants_are_not_probed_nor_what_operators_make_of_them(tiny: Tiny) -> None:
    graph = graph_of(tensor((1, 4)), tensor((1, 4)))
    folded = replace(graph, constants=frozenset({1}))
    assert probed(folded).tensors == (2,)
    assert not set(probed(read_graph(tiny["fp32_3"])).tensors) & read_graph(tiny["fp32_3"]).constants


def test_groups_keep_the_order_and_the_limit() -> None:
    graph = graph_of(*[tensor((1, count)) for count in (10, 20, 30, 5, 5, 40)])
    tensors = probed(graph).tensors
    assert groups(graph, tensors) == (tensors,)
    found = groups(graph, tensors, limit_bytes=160)
    assert found == ((1, 2), (3, 4, 5), (6,))
    assert all(sum(map(graph.size_bytes, group)) <= 160 for group in found)


def test_a_file_whose_weights_cannot_be_moved_is_refused_in_one_line(tiny: Tiny) -> None:
    for make in (isolated, lambda model: with_outputs(model, ())):
        with pytest.raises(ModelFileError, match="convert without buffer offsets"):
            make(tiny["buffer_offsets"])
        with pytest.raises(ModelFileError, match=r"not a \.tflite file"):
            make(b"0123456789")


@pytest.mark.parametrize(("name", "dynamic"), [("dense_dynamic", True), ("fp32_3", False), ("int8_3", False)])
def test_an_operator_with_integer_weights_among_floats_quantises_its_input(
    tiny: Tiny, name: str, dynamic: bool
) -> None:
    graph = read_graph(tiny[name])
    assert any(graph.is_dynamic(operator) for operator in graph.operators) is dynamic
