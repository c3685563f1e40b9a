"""The first subgraph of a .tflite file: which operator computes which tensors from which. Bytes in, values out.

Slots are field numbers in tensorflow/lite/schema/schema.fbs, TensorFlow 2.19.
"""

import math
from dataclasses import dataclass

from metadata.errors import ModelFileError
from metadata.flatbuffer import FlatBuffer, Table
from metadata.model_file import IDENTIFIER, KIND
from metadata.operators import WEIGHTED, read_operators
from metadata.tensors import DType, Tensor, read_tensor

ITEM_BYTES = {
    DType.FLOAT32: 4,
    DType.FLOAT16: 2,
    DType.INT32: 4,
    DType.UINT8: 1,
    DType.INT64: 8,
    DType.BOOL: 1,
    DType.INT16: 2,
    DType.INT8: 1,
}
"""The types whose values a runtime can hand out, and the size of one."""
INTEGER_WEIGHTS = (DType.INT8, DType.UINT8, DType.INT4)
BUFFER, IS_VARIABLE = 2, 5  # slots of a tensor
NO_BUFFER = 0  # the first buffer of every file is empty
OMITTED = -1  # in an operator's inputs: an optional one that is not there


@dataclass(frozen=True, slots=True)
class GraphOperator:
    """One operator; `inputs` and `outputs` are indices of tensors, optional inputs that are left out not among them."""

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Tensors by index, and operators in the order in which they are computed.

    `constants` are the tensors that the file holds, and those that operators compute from nothing else.
    """

    tensors: tuple[Tensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    operators: tuple[GraphOperator, ...]
    constants: frozenset[int]
    variables: frozenset[int]

    @property
    def computing(self) -> tuple[GraphOperator, ...]:
        """The operators whose results depend on the input."""
        return tuple(one for one in self.operators if not self.constants.issuperset(one.outputs))

    def is_dynamic(self, operator: GraphOperator) -> bool:
        """Whether an operator quantises its input while it runs: integer weights, and floats for all that comes out."""
        places = WEIGHTED.get(operator.name)
        if places is None or len(operator.inputs) <= places[1]:
            return False
        weights, output = self.tensors[operator.inputs[places[1]]], self.tensors[operator.outputs[0]]
        return weights.dtype in INTEGER_WEIGHTS and output.dtype is DType.FLOAT32

    def size_bytes(self, index: int) -> int:
        """How many bytes a tensor's values take; those of a type that no runtime hands out count as none."""
        tensor = self.tensors[index]
        return math.prod(tensor.shape) * (ITEM_BYTES.get(tensor.dtype, 0) if tensor.dtype is not None else 0)


def read_graph(data: bytes) -> Graph:
    """The first subgraph of a .tflite file; ModelFileError for bytes that are not a whole one."""
    return graph_of(FlatBuffer.of(data).root(IDENTIFIER, KIND))


def graph_of(model: Table) -> Graph:
    """The first subgraph of the model whose root table this is."""
    graphs = model.tables(2)
    if not graphs:
        raise ModelFileError("the model has no subgraph, hence nothing to run; convert it again")
    tensors, buffers = graphs[0].tables(0), model.tables(4)
    names = [kind.name for kind in read_operators(model.tables(1), graphs)]
    operators = tuple(_operator(table, names, len(tensors)) for table in graphs[0].tables(3))
    inputs, outputs = graphs[0].numbers(1, "i"), graphs[0].numbers(2, "i")
    _check((*inputs, *outputs), len(tensors))
    held = {index for index, tensor in enumerate(tensors) if _is_held(tensor, buffers)}
    for operator in operators:
        if operator.inputs and held.issuperset(operator.inputs):
            held.update(operator.outputs)
    return Graph(
        tensors=tuple(read_tensor(table) for table in tensors),
        inputs=inputs,
        outputs=outputs,
        operators=operators,
        constants=frozenset(held),
        variables=frozenset(index for index, tensor in enumerate(tensors) if tensor.integer(IS_VARIABLE, "B")),
    )


def held_values(data: bytes) -> dict[int, memoryview]:
    """The bytes of the tensors whose values a .tflite file holds, by index, not copied; ModelFileError as above."""
    model = FlatBuffer.of(data).root(IDENTIFIER, KIND)
    buffers = model.tables(4)
    tensors = model.tables(2)[0].tables(0)
    return {
        index: buffers[tensor.integer(BUFFER, "I")].blob(0)
        for index, tensor in enumerate(tensors)
        if _is_held(tensor, buffers)
    }


def _operator(table: Table, names: list[str], tensors: int) -> GraphOperator:
    inputs = tuple(index for index in table.numbers(1, "i") if index != OMITTED)
    outputs = table.numbers(2, "i")
    _check((*inputs, *outputs), tensors)
    return GraphOperator(names[table.integer(0, "I")], inputs, outputs)


def _check(indices: tuple[int, ...], count: int) -> None:
    for index in indices:
        if not 0 <= index < count:
            raise ModelFileError(f"tensor {index} is used, but the graph has {count}; the file is damaged")


def _is_held(tensor: Table, buffers: tuple[Table, ...]) -> bool:
    """Whether the file holds the tensor's values."""
    buffer = tensor.integer(BUFFER, "I")
    if buffer >= len(buffers):
        raise ModelFileError(f"a tensor lies in buffer {buffer}, but the file has {len(buffers)}; damaged")
    return buffer != NO_BUFFER and (buffers[buffer].length(0) > 0 or buffers[buffer].integer(1, "Q") > 1)
