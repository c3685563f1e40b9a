"""What the TensorFlow Lite schema says about a file: tensors, operators, buffers, signatures. Bytes in, values out.

Slots are field numbers in tensorflow/lite/schema/schema.fbs, TensorFlow 2.19. Metadata blobs stay bytes here;
support_metadata.py reads what is inside them.
"""

from dataclasses import dataclass, field

from metadata.errors import ModelFileError
from metadata.flatbuffer import FlatBuffer, Table
from metadata.operators import Operator, OperatorUse, read_ends, read_operators, read_uses
from metadata.tensors import Tensor, read_tensor

IDENTIFIER = b"TFL3"
KIND = ".tflite file"
SMALLEST_FILE_BYTES = 8


@dataclass(frozen=True, slots=True)
class MetadataEntry:
    """One named blob of the file; a name may occur more than once."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A .tflite file as its schema describes it. Inputs and outputs are those of the first subgraph.

    `ends` names for each output the operator that decides its range, None where there is none. `weights_bytes` counts
    every constant of the graphs, metadata apart.
    """

    size_bytes: int
    schema_version: int
    description: str | None
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    uses: tuple[OperatorUse, ...] = field(repr=False)
    ends: tuple[str | None, ...]
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
        operators=read_operators(model.tables(1), graphs),
        uses=read_uses(model.tables(1), graphs),
        ends=read_ends(model.tables(1), graphs[0]),
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
    return tuple(read_tensor(tensors[index]) for index in indices)


def _metadata_entry(table: Table, buffers: tuple[Table, ...]) -> MetadataEntry:
    index = table.integer(1, "I")
    if index >= len(buffers):
        raise ModelFileError(f"metadata lies in buffer {index}, but the file has {len(buffers)}; damaged")
    return MetadataEntry(table.text(0) or "", bytes(buffers[index].blob(0)))
