"""Write Google's TFLite Support metadata: values in, the bytes of a `TFLITE_METADATA` blob out.

Each table becomes a dictionary from slots to values first. FlatBuffers wants what a table refers to before the table
itself, in ascending slots; so do Google's generated classes, and the bytes are theirs.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from metadata.support_metadata import AssociatedFile, Content, FileType, SupportMetadata, TensorMetadata
from metadata.support_schema import (
    IDENTIFIER,
    NORMALIZATION_OPTIONS,
    ContentSlot,
    FileSlot,
    GraphSlot,
    ImageSlot,
    ModelSlot,
    NormalizationSlot,
    ProcessUnitSlot,
    StatsSlot,
    TensorSlot,
)

Fields = Mapping[int, Any]
"""A table by slot: a text, an integer of one byte, a tuple of floats, a table or a list of tables. None is absent."""

FIRST_VERSION = "1.0.0"
ADDED_IN = {FileType.VOCABULARY: "1.0.1", Content.AUDIO: "1.3.0", FileType.SCANN_INDEX: "1.4.0"}
"""The version of Google's schema that brought what older parsers do not understand."""


def write_metadata(metadata: SupportMetadata) -> bytes:
    """The blob that `parse_metadata` reads back.

    Two fields are left out: `min_parser_version` follows from the others, and the picture of a packed file has one
    size, so it needs no `default_size`.
    """
    import flatbuffers  # type: ignore[import-untyped]

    builder = flatbuffers.Builder(1024)
    builder.Finish(_write_table(builder, _model(metadata)), IDENTIFIER)
    return bytes(builder.Output())


def min_parser_version(metadata: SupportMetadata) -> str:
    """The oldest parser that understands every field, by the rule of Google's metadata_version.cc."""
    tensors = (*metadata.inputs, *metadata.outputs)
    used = {file.type for file in metadata.all_files()} | {tensor.content for tensor in tensors}
    return max([FIRST_VERSION, *(version for member, version in ADDED_IN.items() if member in used)])


def _model(metadata: SupportMetadata) -> Fields:
    graph = {
        GraphSlot.INPUTS: [_tensor(tensor) for tensor in metadata.inputs],
        GraphSlot.OUTPUTS: [_tensor(tensor) for tensor in metadata.outputs],
    }
    return {
        ModelSlot.NAME: metadata.name,
        ModelSlot.DESCRIPTION: metadata.description,
        ModelSlot.VERSION: metadata.version,
        ModelSlot.GRAPHS: [graph],
        ModelSlot.AUTHOR: metadata.author,
        ModelSlot.LICENSE: metadata.license,
        ModelSlot.FILES: _files(metadata.files),
        ModelSlot.MIN_PARSER_VERSION: min_parser_version(metadata),
    }


def _tensor(tensor: TensorMetadata) -> Fields:
    """Statistics are written even where they are empty, as Google's writers do."""
    return {
        TensorSlot.NAME: tensor.name,
        TensorSlot.DESCRIPTION: tensor.description,
        TensorSlot.CONTENT: _content(tensor),
        TensorSlot.PROCESS_UNITS: _process_units(tensor),
        TensorSlot.STATS: {StatsSlot.MAX: tensor.max or None, StatsSlot.MIN: tensor.min or None},
        TensorSlot.FILES: _files(tensor.files),
    }


def _content(tensor: TensorMetadata) -> Fields | None:
    if tensor.content is None:
        return None
    is_image = tensor.content is Content.IMAGE
    properties = {ImageSlot.COLOR_SPACE: _code(tensor.color_space)} if is_image else {}
    return {ContentSlot.TYPE: _code(tensor.content), ContentSlot.PROPERTIES: properties}


def _process_units(tensor: TensorMetadata) -> list[Fields] | None:
    if tensor.normalization is None:
        return None
    options = {NormalizationSlot.MEAN: tensor.normalization.mean, NormalizationSlot.STD: tensor.normalization.std}
    return [{ProcessUnitSlot.TYPE: NORMALIZATION_OPTIONS, ProcessUnitSlot.OPTIONS: options}]


def _files(files: Sequence[AssociatedFile]) -> list[Fields] | None:
    return [
        {
            FileSlot.NAME: file.name,
            FileSlot.DESCRIPTION: file.description,
            FileSlot.TYPE: _code(file.type),
            FileSlot.LOCALE: file.locale,
        }
        for file in files
    ] or None


def _code(member: StrEnum | None) -> int:
    """The schema's number of an enum member: its place, counted from 1; 0 for what is not known."""
    return 0 if member is None else list(type(member)).index(member) + 1


def _write_table(builder: Any, fields: Fields) -> int:
    """Append the table and all that it refers to; where it is."""
    written = {slot: value for slot, value in sorted(fields.items()) if value is not None}
    targets = {slot: _write_target(builder, value) for slot, value in written.items() if not isinstance(value, int)}
    builder.StartObject(max(written, default=-1) + 1)
    for slot, value in written.items():
        if slot in targets:
            builder.PrependUOffsetTRelativeSlot(slot, targets[slot], 0)
        else:
            builder.PrependInt8Slot(slot, value, 0)
    return int(builder.EndObject())


def _write_target(builder: Any, value: Any) -> int:
    """Append what a field refers to: a text, a table, or a vector of tables or floats; where it is."""
    match value:
        case str():
            return int(builder.CreateString(value))
        case Mapping():
            return _write_table(builder, value)
        case tuple():
            return _write_vector(builder, builder.PrependFloat32, value)
        case _:
            return _write_vector(
                builder, builder.PrependUOffsetTRelative, [_write_table(builder, row) for row in value]
            )


def _write_vector(builder: Any, prepend: Any, values: Sequence[Any]) -> int:
    """Append a vector of elements of four bytes; where it is. A builder writes backwards."""
    builder.StartVector(4, len(values), 4)
    for value in reversed(values):
        prepend(value)
    return int(builder.EndVector())
