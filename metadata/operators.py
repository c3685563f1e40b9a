"""Operators of a .tflite file: which kinds there are, and on which types of tensors they work. Tables in, values out.

Slots are field numbers in tensorflow/lite/schema/schema.fbs, TensorFlow 2.19.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from metadata.errors import ModelFileError
from metadata.flatbuffer import Table
from metadata.tensors import DType, read_dtype

BUILTIN_OPERATORS = tuple((Path(__file__).parent / "operators.txt").read_text("ascii").split())
"""Names by code, as in the schema's enum BuiltinOperator; one a line in the file."""
CUSTOM_CODE = BUILTIN_OPERATORS.index("CUSTOM")
WEIGHTED = {
    "CONV_2D": (0, 1),
    "DEPTHWISE_CONV_2D": (0, 1),
    "TRANSPOSE_CONV": (2, 1),
    "FULLY_CONNECTED": (0, 1),
    "BATCH_MATMUL": (0, 1),
}
"""Which operand of these operators is the input, and which the weights."""
OPERANDS = {**WEIGHTED, "DEQUANTIZE": (0,)}
"""The operands whose types decide what an operator computes; the last one may have a scale for each channel."""
CUSTOM_QUANTIZATION = 1  # of the schema's union QuantizationDetails; what follows it is by blocks
CHANNELS_LAST = ("DEPTHWISE_CONV_2D", "BATCH_MATMUL")  # of their weights; the others have output channels first
VARIABLES = ("READ_VARIABLE", "VAR_HANDLE")
KEEP_RANGE = frozenset(
    {
        "AVERAGE_POOL_2D",
        "DEQUANTIZE",
        "EXPAND_DIMS",
        "MAX_POOL_2D",
        "MEAN",
        "QUANTIZE",
        "RESHAPE",
        "SLICE",
        "SQUEEZE",
        "STRIDED_SLICE",
        "TRANSPOSE",
    }
)
"""Operators whose result lies in the range of their first input."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A kind of operator and how often the graphs use it. `name` is the custom code where `custom`."""

    name: str
    version: int
    count: int
    custom: bool

    @property
    def flex(self) -> bool:
        """Whether it is a TensorFlow operator that needs the Flex delegate."""
        return self.custom and self.name.startswith("Flex")


class Scales(StrEnum):
    """How many scales quantised numbers have: none for plain numbers, one a tensor, or one a channel."""

    NONE = "none"
    TENSOR = "tensor"
    CHANNEL = "channel"
    BLOCK = "block"
    ONE_CHANNEL = "tensor, which has one channel"


@dataclass(frozen=True, slots=True)
class OperatorUse:
    """The types of an operator's tensors: input and weights for those in `OPERANDS`, else of all its tensors.

    A type is None where it is newer than this kit. `needs_weights` says that its weights are no result of another
    operator and no input of the model, so the file should hold them.
    """

    name: str
    types: tuple[DType | None, ...]
    scales: Scales
    needs_weights: bool


def read_operators(codes: tuple[Table, ...], graphs: tuple[Table, ...]) -> tuple[Operator, ...]:
    """Every operator code of the file with its uses in all subgraphs, in the file's order.

    Codes above 126 do not fit the older field, hence the larger of both counts, as in the runtime itself.
    """
    uses = Counter(operator.integer(0, "I") for graph in graphs for operator in graph.tables(3))
    if uses and max(uses) >= len(codes):
        raise ModelFileError(f"operator code {max(uses)} is used, but the file lists {len(codes)}; damaged")
    return tuple(_operator(code, uses[index]) for index, code in enumerate(codes))


def _operator(table: Table, count: int) -> Operator:
    code = max(table.integer(0, "b"), table.integer(3, "i"))
    custom = code == CUSTOM_CODE
    known = 0 <= code < len(BUILTIN_OPERATORS)
    name = (table.text(1) or "unnamed") if custom else BUILTIN_OPERATORS[code] if known else f"BUILTIN_{code}"
    return Operator(name, table.integer(2, "i", 1), count, custom)


def read_uses(codes: tuple[Table, ...], graphs: tuple[Table, ...]) -> tuple[OperatorUse, ...]:
    """Every use of an operator in all subgraphs; those of custom operators are left out."""
    kinds = [_operator(code, 0) for code in codes]
    return tuple(use for graph in graphs for use in _uses_of(graph, kinds))


def _uses_of(graph: Table, kinds: list[Operator]) -> Iterator[OperatorUse]:
    tensors, operators = graph.tables(0), graph.tables(3)
    types = [read_dtype(tensor) for tensor in tensors]
    given = set(graph.numbers(1, "i"))  # tensors that need no constant in the file
    for operator in operators:
        if kinds[operator.integer(0, "I")].name not in VARIABLES:
            given.update(operator.numbers(2, "i"))
    for operator in operators:
        kind = kinds[operator.integer(0, "I")]
        inputs = operator.numbers(1, "i")
        if kind.custom:
            continue
        chosen = OPERANDS.get(kind.name)
        if chosen is None or len(inputs) <= max(chosen):
            every = [index for index in (*inputs, *operator.numbers(2, "i")) if 0 <= index < len(tensors)]
            yield OperatorUse(kind.name, tuple(dict.fromkeys(types[index] for index in every)), Scales.NONE, False)
            continue
        operands = [inputs[place] for place in chosen]
        if not all(0 <= index < len(tensors) for index in operands):
            raise ModelFileError(f"{kind.name} works on tensors {operands}, but the graph has {len(tensors)}; damaged")
        weights = operands[-1]
        needs_weights = kind.name in WEIGHTED and weights not in given
        scales = _scales(kind.name, tensors[weights], types[weights])
        yield OperatorUse(kind.name, tuple(types[index] for index in operands), scales, needs_weights)


def read_ends(codes: tuple[Table, ...], graph: Table) -> tuple[str | None, ...]:
    """Of each output the operator that decides its range, behind those that keep one; None where none computes it."""
    kinds, operators = [_operator(code, 0) for code in codes], graph.tables(3)
    makers = {index: operator for operator in operators for index in operator.numbers(2, "i")}
    return tuple(_end(index, makers, kinds) for index in graph.numbers(2, "i"))


def _end(index: int, makers: dict[int, Table], kinds: list[Operator]) -> str | None:
    for _ in range(len(makers) + 1):  # a damaged file may go in a circle
        operator = makers.get(index)
        if operator is None:
            return None
        name, inputs = kinds[operator.integer(0, "I")].name, operator.numbers(1, "i")
        if name not in KEEP_RANGE or not inputs:
            return name
        index = inputs[0]
    return None


def _scales(name: str, tensor: Table, dtype: DType | None) -> Scales:
    quantization = tensor.table(4)
    if quantization is None or dtype in (DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16):
        return Scales.NONE
    if quantization.integer(4, "B") > CUSTOM_QUANTIZATION:
        return Scales.BLOCK
    count, shape = quantization.length(2), tensor.numbers(0, "i")
    if count > 1:
        return Scales.CHANNEL
    one_channel = len(shape) > 1 and shape[-1 if name in CHANNELS_LAST else 0] == 1
    return Scales.NONE if count == 0 else Scales.ONE_CHANNEL if one_channel else Scales.TENSOR
