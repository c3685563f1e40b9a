"""Write a card into a .tflite file as TFLite Support metadata. The only writer of metadata in the kit.

The metadata is what Google's writers produce for an image classifier, so their readers understand it: Task Library,
MetadataExtractor, Android Studio. `preprocess.json` is one more associated file of the input. The blob
is put into the file by `splice`, which leaves the model's own bytes alone.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from metadata.archive import read_archive
from metadata.card import ImageSpec, ModelCard
from metadata.check_output import output_problem
from metadata.errors import CardError, ModelFileError
from metadata.labels import explain_count, join_labels
from metadata.model_file import ModelFile, parse_model
from metadata.reader import PREPROCESS_FILE
from metadata.splice import splice
from metadata.support_library import load_support
from metadata.support_metadata import ENTRY_NAME, IDENTIFIER, NORMALIZATION_OPTIONS, ColorSpace, Content, FileType
from metadata.tensors import DType, Tensor

LABEL_FILE = "labels.txt"
SAME_TIME = (1980, 1, 1, 0, 0, 0)
UNIX = 3


def pack(model: bytes, card: ModelCard) -> bytes:
    """`model` with the card inside: metadata, labels and preprocessing. Equal inputs give equal bytes.

    What the file carried before is replaced. CardError when the card does not fit the model's input or outputs;
    ModelFileError when `model` is not a .tflite image classifier.
    """
    file = parse_model(model)
    _refuse_mismatch(file, card)
    flat = model[: read_archive(model).start]
    files = {
        PREPROCESS_FILE: json.dumps(card.image.to_json(), indent=1).encode() + b"\n",
        LABEL_FILE: join_labels(card.labels),
    }
    return _with_archive(splice(flat, ENTRY_NAME, _metadata_blob(file, card)), files)


def _refuse_mismatch(file: ModelFile, card: ModelCard) -> None:
    if len(file.inputs) != 1 or len(file.outputs) != 1:
        got = f"{len(file.inputs)} inputs and {len(file.outputs)} outputs"
        raise ModelFileError(f"the model has {got}; only classifiers with one of each can be packed")
    problem = output_problem(file)
    if problem is not None:
        raise ModelFileError(f"the model is no classifier that can be packed: {problem}")
    shape, image = file.inputs[0].shape, card.image
    if shape != (1, image.height, image.width, image.channels):
        wanted = f"{image.height}x{image.width}x{image.channels}"
        got = "x".join(map(str, shape))
        raise CardError(f"the card is for {wanted} pictures but the model's input is {got}; correct the card")
    mismatch = explain_count(len(card.labels), file.outputs[0].shape[-1] if file.outputs[0].shape else 0)
    if mismatch is not None:
        raise CardError(f"labels do not fit the model: {mismatch}")


def _metadata_blob(file: ModelFile, card: ModelCard) -> bytes:
    """The FlatBuffer blob, with the parser version that Google's own rule finds necessary for it."""
    schema = load_support("metadata.metadata_schema_py_generated")
    graph = _filled(
        schema.SubGraphMetadataT(),
        inputTensorMetadata=[_input(schema, file.inputs[0], card.image)],
        outputTensorMetadata=[_output(schema, file.outputs[0])],
    )
    texts = {name: getattr(card, name) or None for name in ("name", "description", "version", "author", "license")}
    model = _filled(schema.ModelMetadataT(), subgraphMetadata=[graph], **texts)
    versions = load_support("metadata.cc.python._pywrap_metadata_version")
    model.minParserVersion = versions.GetMinimumMetadataParserVersion(_finish(schema, model))
    return _finish(schema, model)


def _filled(table: Any, **fields: Any) -> Any:
    """`table`, an empty one of the schema, with these fields."""
    for name, value in fields.items():
        setattr(table, name, value)
    return table


def _finish(schema: Any, model: Any) -> bytes:
    """The bytes of `model`, built by the FlatBuffers library that `schema` itself builds on."""
    builder = schema.flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def _input(schema: Any, tensor: Tensor, image: ImageSpec) -> Any:
    color_space = ColorSpace.GRAYSCALE if image.channels == 1 else ColorSpace.RGB
    pixels = _filled(schema.ImagePropertiesT(), colorSpace=_code(color_space))
    normalization = _filled(schema.NormalizationOptionsT(), mean=list(image.mean), std=list(image.std))
    unit = _filled(schema.ProcessUnitT(), optionsType=NORMALIZATION_OPTIONS, options=normalization)
    lowest, highest = (
        [(level - mean) / std for mean, std in zip(image.mean, image.std, strict=True)] for level in (0, 255)
    )
    return _filled(
        schema.TensorMetadataT(),
        name="image",
        description="The picture to classify.",
        content=_content(schema, Content.IMAGE, pixels),
        processUnits=[unit],
        stats=_stats(schema, tensor, lowest, highest),
        associatedFiles=[_file(schema, PREPROCESS_FILE, "Preprocessing in full: crop, resize, normalise.", 0)],
    )


def _output(schema: Any, tensor: Tensor) -> Any:
    return _filled(
        schema.TensorMetadataT(),
        name="probability",
        description="The probability of each label.",
        content=_content(schema, Content.FEATURE, schema.FeaturePropertiesT()),
        stats=_stats(schema, tensor, [0.0], [1.0]),
        associatedFiles=[_file(schema, LABEL_FILE, "The label of each output.", _code(FileType.AXIS_LABELS))],
    )


def _content(schema: Any, kind: Content, properties: Any) -> Any:
    return _filled(schema.ContentT(), contentPropertiesType=_code(kind), contentProperties=properties)


def _file(schema: Any, name: str, description: str, type_code: int) -> Any:
    return _filled(schema.AssociatedFileT(), name=name, description=description, type=type_code)


def _stats(schema: Any, tensor: Tensor, lowest: list[float], highest: list[float]) -> Any:
    """The tensor's range: real values for float, 0 to 255 for uint8, none for others, as Google's writers do."""
    if tensor.dtype is DType.FLOAT32:
        return _filled(schema.StatsT(), min=lowest, max=highest)
    return _filled(schema.StatsT(), min=[0.0], max=[255.0]) if tensor.dtype is DType.UINT8 else schema.StatsT()


def _code(member: StrEnum) -> int:
    """The schema's number of an enum member: its place, counted from 1."""
    return list(type(member)).index(member) + 1


def _with_archive(flat: bytes, files: Mapping[str, bytes]) -> bytes:
    """`flat` and a zip archive after it: stored, because Google's readers cannot inflate, and without clocks."""
    out = io.BytesIO()
    out.write(flat)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, SAME_TIME)
            entry.create_system = UNIX
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()
