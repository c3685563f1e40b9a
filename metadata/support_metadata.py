"""What the `TFLITE_METADATA` blob says: Google's TFLite Support metadata. Bytes in, values out.

What the blob leaves out is None here. `support_writer` makes a blob of the same values.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from metadata.flatbuffer import FlatBuffer, Table
from metadata.support_schema import (
    ENTRY_NAME,
    IDENTIFIER,
    NORMALIZATION_OPTIONS,
    ContentSlot,
    FileSlot,
    GraphSlot,
    ImageSizeSlot,
    ImageSlot,
    ModelSlot,
    NormalizationSlot,
    ProcessUnitSlot,
    StatsSlot,
    TensorSlot,
)

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
    """What the metadata says about one input or output; `default_size` is (height, width) of a picture."""

    name: str | None
    description: str | None
    content: Content | None
    color_space: ColorSpace | None
    normalization: Normalization | None
    min: tuple[float, ...]
    max: tuple[float, ...]
    files: tuple[AssociatedFile, ...]
    default_size: tuple[int, int] | None = None


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
    graphs = root.tables(ModelSlot.GRAPHS)
    graph = graphs[0] if graphs else None
    return SupportMetadata(
        name=root.text(ModelSlot.NAME),
        description=root.text(ModelSlot.DESCRIPTION),
        version=root.text(ModelSlot.VERSION),
        author=root.text(ModelSlot.AUTHOR),
        license=root.text(ModelSlot.LICENSE),
        min_parser_version=root.text(ModelSlot.MIN_PARSER_VERSION),
        inputs=tuple(_tensor(table) for table in graph.tables(GraphSlot.INPUTS)) if graph else (),
        outputs=tuple(_tensor(table) for table in graph.tables(GraphSlot.OUTPUTS)) if graph else (),
        files=_files(root, ModelSlot.FILES) + (_files(graph, GraphSlot.FILES) if graph else ()),
    )


def _tensor(table: Table) -> TensorMetadata:
    stats = table.table(TensorSlot.STATS)
    content = table.table(TensorSlot.CONTENT)
    kind = _member(Content, content.integer(ContentSlot.TYPE, "B")) if content else None
    image = content.table(ContentSlot.PROPERTIES) if content and kind is Content.IMAGE else None
    return TensorMetadata(
        name=table.text(TensorSlot.NAME),
        description=table.text(TensorSlot.DESCRIPTION),
        content=kind,
        color_space=_member(ColorSpace, image.integer(ImageSlot.COLOR_SPACE, "b")) if image else None,
        normalization=_normalization(table.tables(TensorSlot.PROCESS_UNITS)),
        min=stats.numbers(StatsSlot.MIN, "f") if stats else (),
        max=stats.numbers(StatsSlot.MAX, "f") if stats else (),
        files=_files(table, TensorSlot.FILES),
        default_size=_size(image.table(ImageSlot.DEFAULT_SIZE)) if image else None,
    )


def _size(table: Table | None) -> tuple[int, int] | None:
    """(height, width); None where the file does not say both."""
    sides = (table.integer(ImageSizeSlot.HEIGHT, "I"), table.integer(ImageSizeSlot.WIDTH, "I")) if table else (0, 0)
    return sides if min(sides) > 0 else None


def _normalization(units: tuple[Table, ...]) -> Normalization | None:
    for unit in units:
        options = unit.table(ProcessUnitSlot.OPTIONS)
        if options and unit.integer(ProcessUnitSlot.TYPE, "B") == NORMALIZATION_OPTIONS:
            return Normalization(
                options.numbers(NormalizationSlot.MEAN, "f"), options.numbers(NormalizationSlot.STD, "f")
            )
    return None


def _files(table: Table, slot: int) -> tuple[AssociatedFile, ...]:
    return tuple(
        AssociatedFile(
            name=file.text(FileSlot.NAME) or "",
            description=file.text(FileSlot.DESCRIPTION),
            type=_member(FileType, file.integer(FileSlot.TYPE, "b")),
            locale=file.text(FileSlot.LOCALE),
        )
        for file in table.tables(slot)
    )


def _member(kind: type[Member], code: int) -> Member | None:
    """The enum member of the schema's `code`, which counts from 1; 0 and codes newer than this kit are None."""
    members = tuple(kind)
    return members[code - 1] if 1 <= code <= len(members) else None
