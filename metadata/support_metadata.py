"""What the `TFLITE_METADATA` blob says: Google's TFLite Support metadata. Bytes in, values out.

Slots are field numbers in tensorflow_lite_support/metadata/metadata_schema.fbs, tflite-support 0.4.4. What the blob
leaves out is None here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from metadata.flatbuffer import FlatBuffer, Table

ENTRY_NAME = "TFLITE_METADATA"
IDENTIFIER = b"M001"
NORMALIZATION_OPTIONS = 1
Member = TypeVar("Member", bound=StrEnum)


class Content(StrEnum):
    """What a tensor holds, in the order of the schema's union ContentProperties."""

    FEATURE = "feature"
    IMAGE = "image"
    BOUNDING_BOX = "bounding_box"
    AUDIO = "audio"


class ColorSpace(StrEnum):
    """How an image's channels are meant, in the order of the schema's enum ColorSpaceType, unknown apart."""

    RGB = "rgb"
    GRAYSCALE = "grayscale"


class FileType(StrEnum):
    """What an associated file is for, in the order of the schema's enum AssociatedFileType, unknown apart."""

    DESCRIPTIONS = "descriptions"
    AXIS_LABELS = "tensor_axis_labels"
    VALUE_LABELS = "tensor_value_labels"
    SCORE_CALIBRATION = "tensor_axis_score_calibration"
    VOCABULARY = "vocabulary"
    SCANN_INDEX = "scann_index_file"


@dataclass(frozen=True, slots=True)
class AssociatedFile:
    """A file the metadata says is in the archive."""

    name: str
    description: str | None
    type: FileType | None
    locale: str | None


@dataclass(frozen=True, slots=True)
class Normalization:
    """value = (pixel − mean) / std with pixels 0..255; one value for all channels, or one a channel."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TensorMetadata:
    """What the metadata says about one input or output."""

    name: str | None
    description: str | None
    content: Content | None
    color_space: ColorSpace | None
    normalization: Normalization | None
    min: tuple[float, ...]
    max: tuple[float, ...]
    files: tuple[AssociatedFile, ...]


@dataclass(frozen=True, slots=True)
class SupportMetadata:
    """What the blob says. Inputs and outputs are the first subgraph's, in the model's order."""

    name: str | None
    description: str | None
    version: str | None
    author: str | None
    license: str | None
    min_parser_version: str | None
    inputs: tuple[TensorMetadata, ...]
    outputs: tuple[TensorMetadata, ...]
    files: tuple[AssociatedFile, ...]

    def all_files(self) -> tuple[AssociatedFile, ...]:
        """Every associated file named anywhere: on inputs, on outputs, on the model."""
        return tuple(file for tensor in (*self.inputs, *self.outputs) for file in tensor.files) + self.files


def parse_metadata(blob: bytes) -> SupportMetadata:
    """The values of a `TFLITE_METADATA` blob; ModelFileError when it is not one or is damaged."""
    root = FlatBuffer.of(blob).root(IDENTIFIER, f"{ENTRY_NAME} blob")
    graphs = root.tables(3)
    graph = graphs[0] if graphs else None
    return SupportMetadata(
        name=root.text(0),
        description=root.text(1),
        version=root.text(2),
        author=root.text(4),
        license=root.text(5),
        min_parser_version=root.text(7),
        inputs=tuple(_tensor(table) for table in graph.tables(2)) if graph else (),
        outputs=tuple(_tensor(table) for table in graph.tables(3)) if graph else (),
        files=_files(root, 6) + (_files(graph, 4) if graph else ()),
    )


def _tensor(table: Table) -> TensorMetadata:
    stats = table.table(5)
    content = table.table(3)
    kind = _member(Content, content.integer(0, "B")) if content else None
    image = content.table(1) if content and kind is Content.IMAGE else None
    return TensorMetadata(
        name=table.text(0),
        description=table.text(1),
        content=kind,
        color_space=_member(ColorSpace, image.integer(0, "b")) if image else None,
        normalization=_normalization(table.tables(4)),
        min=stats.numbers(1, "f") if stats else (),
        max=stats.numbers(0, "f") if stats else (),
        files=_files(table, 6),
    )


def _normalization(units: tuple[Table, ...]) -> Normalization | None:
    for unit in units:
        options = unit.table(1)
        if options and unit.integer(0, "B") == NORMALIZATION_OPTIONS:
            return Normalization(options.numbers(0, "f"), options.numbers(1, "f"))
    return None


def _files(table: Table, slot: int) -> tuple[AssociatedFile, ...]:
    return tuple(
        AssociatedFile(
            name=file.text(0) or "",
            description=file.text(1),
            type=_member(FileType, file.integer(2, "b")),
            locale=file.text(3),
        )
        for file in table.tables(slot)
    )


def _member(kind: type[Member], code: int) -> Member | None:
    """The enum member of the schema's `code`, which counts from 1; 0 and codes newer than this kit are None."""
    members = tuple(kind)
    return members[code - 1] if 1 <= code <= len(members) else None
