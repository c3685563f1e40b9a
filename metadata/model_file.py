"""What the TensorFlow Lite schema says about a file: tensors, operators, buffers, signatures. Bytes in, values out.

Slots are field numbers in tensorflow/lite/schema/schema.fbs, TensorFlow 2.19. Metadata blobs stay bytes here;
support_metadata.py reads what is inside them.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from metadata.errors import ModelFileError
from metadata.flatbuffer import FlatBuffer, Table

IDENTIFIER = b"TFL3"
KIND = ".tflite file"
SMALLEST_FILE_BYTES = 8
BUILTIN_OPERATORS = tuple((Path(__file__).parent / "operators.txt").read_text("ascii").split())
"""Names by code, as in the schema's enum BuiltinOperator; one a line in the file."""
CUSTOM_CODE = BUILTIN_OPERATORS.index("CUSTOM")


class DType(StrEnum):
    """Element types in the order of the schema's enum TensorType."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    INT32 = "int32"
    UINT8 = "uint8"
    INT64 = "int64"
    STRING = "string"
    BOOL = "bool"
    INT16 = "int16"
    COMPLEX64 = "complex64"
    INT8 = "int8"
    FLOAT64 = "float64"
    COMPLEX128 = "complex128"
    UINT64 = "uint64"
    RESOURCE = "resource"
    VARIANT = "variant"
    UINT32 = "uint32"
    UINT16 = "uint16"
    INT4 = "int4"
    BFLOAT16 = "bfloat16"


DTYPES = tuple(DType)


@dataclass(frozen=True, slots=True)
class TensorQuantization:
    """real = scale · (integer − zero_point); one pair for the tensor, or one for each index along `axis`."""

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output. `dtype` is None for a type newer than this kit, `quantization` None for plain numbers."""

    name: str
    shape: tuple[int, ...]
    dtype: DType | None
    quantization: TensorQuantization | None


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


@dataclass(frozen=True, slots=True)
class MetadataEntry:
    """One named blob of the file; a name may occur more than once."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A .tflite file as its schema describes it. Inputs and outputs are those of the first subgraph.

    `weights_bytes` counts every constant of the graphs, metadata apart.
    """

    size_bytes: int
    schema_version: int
    description: str | None
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    subgraph_count: int
    weights_bytes: int
    signatures: tuple[str, ...]
    metadata: tuple[MetadataEntry, ...]

    def blob(self, name: str) -> bytes | None:
        """The first metadata entry of that name that is not empty."""
        return next((entry.data for entry in self.metadata if entry.name == name and entry.data), None)

    @property
    def min_runtime_version(self) -> str | None:
        """The oldest TensorFlow Lite that can load the file, by the converter's own word; None when it names none."""
        blob = self.blob("min_runtime_version")
        text = "" if blob is None else blob.split(b"\0")[0].decode("ascii", "replace").strip()
        return text or None


def parse_model(data: bytes) -> ModelFile:
    """The values of a .tflite file; ModelFileError for bytes that are not a whole one."""
    if len(data) < SMALLEST_FILE_BYTES:
        raise ModelFileError(f"{len(data)} bytes are no .tflite file; copy or convert the model again")
    model = FlatBuffer.of(data).root(IDENTIFIER, KIND)
    graphs = model.tables(2)
    if not graphs:
        raise ModelFileError("the model has no subgraph, hence nothing to run; convert it again")
    tensors = graphs[0].tables(0)
    buffers = model.tables(4)
    metadata = model.tables(6)
    sizes = [_buffer_bytes(buffer, len(data)) for buffer in buffers]
    described = {entry.integer(1, "I") for entry in metadata}
    return ModelFile(
        size_bytes=len(data),
        schema_version=model.integer(0, "I"),
        description=model.text(3),
        inputs=_chosen(tensors, graphs[0].numbers(1, "i")),
        outputs=_chosen(tensors, graphs[0].numbers(2, "i")),
        operators=_operators(model.tables(1), graphs),
        subgraph_count=len(graphs),
        weights_bytes=sum(size for index, size in enumerate(sizes) if index not in described),
        signatures=tuple(signature.text(2) or "" for signature in model.tables(7)),
        metadata=tuple(_metadata_entry(entry, buffers) for entry in metadata),
    )


def _buffer_bytes(buffer: Table, file_bytes: int) -> int:
    """The size of a buffer's data: inside the FlatBuffer, or after it in files beyond 2 GB (slots 1 and 2)."""
    start, size_bytes = buffer.integer(1, "Q"), buffer.integer(2, "Q")
    if start <= 1:
        return len(buffer.blob(0))
    if start + size_bytes > file_bytes:
        raise ModelFileError(f"a buffer ends at byte {start + size_bytes} of {file_bytes}; the file is cut off")
    return size_bytes


def _chosen(tensors: tuple[Table, ...], indices: tuple[int, ...]) -> tuple[Tensor, ...]:
    for index in indices:
        if not 0 <= index < len(tensors):
            raise ModelFileError(f"tensor {index} is an input or output, but the graph has {len(tensors)}; damaged")
    return tuple(_tensor(tensors[index]) for index in indices)


def _tensor(table: Table) -> Tensor:
    code = table.integer(1, "b")
    return Tensor(
        name=table.text(3) or "",
        shape=table.numbers(0, "i"),
        dtype=DTYPES[code] if 0 <= code < len(DTYPES) else None,
        quantization=_quantization(table.table(4)),
    )


def _quantization(table: Table | None) -> TensorQuantization | None:
    """None also for the empty record that the converter writes on float tensors."""
    if table is None:
        return None
    scales, zero_points = table.numbers(2, "f"), table.numbers(3, "q")
    if not scales or len(scales) != len(zero_points):
        return None
    return TensorQuantization(scales, zero_points, table.integer(6, "i"))


def _operators(codes: tuple[Table, ...], graphs: tuple[Table, ...]) -> tuple[Operator, ...]:
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


def _metadata_entry(table: Table, buffers: tuple[Table, ...]) -> MetadataEntry:
    index = table.integer(1, "I")
    if index >= len(buffers):
        raise ModelFileError(f"metadata lies in buffer {index}, but the file has {len(buffers)}; damaged")
    return MetadataEntry(table.text(0) or "", bytes(buffers[index].blob(0)))
