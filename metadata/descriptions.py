"""What `show --json` and `check --json` print, declared field by field: `handset.model/1` and `handset.check/1`."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from metadata.archive import ArchiveProblem
from metadata.finding import Finding
from metadata.reader import PackedModel
from metadata.support_metadata import SupportMetadata
from metadata.tensors import Tensor

MODEL_FORMAT = "handset.model/1"
CHECK_FORMAT = "handset.check/1"


class OperatorDescription(msgspec.Struct, frozen=True):
    """A kind of operator."""

    name: Annotated[str, Meta(description="the custom code where `custom`")]
    version: int
    count: Annotated[int, Meta(description="how often the graphs use it")]
    custom: bool
    flex: Annotated[bool, Meta(description="a TensorFlow operator that needs the Flex delegate")]


class FileDescription(msgspec.Struct, frozen=True):
    """A file that is packed with the model."""

    name: str
    size_bytes: Annotated[int, Meta(description="as the archive claims")]
    stored: Annotated[bool, Meta(description="not compressed, so that it can be mapped")]
    problem: Annotated[ArchiveProblem | None, Meta(description="why its content was left in the archive")]


class ModelDescription(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag=MODEL_FORMAT):
    """Everything that a `.tflite` file says."""

    size_bytes: Annotated[int, Meta(description="of the file")]
    weights_bytes: Annotated[int, Meta(description="of the constants in it")]
    schema_version: Annotated[int, Meta(description="as the file has it")]
    min_runtime_version: Annotated[str | None, Meta(description="as the file has it")]
    description: Annotated[str | None, Meta(description="as the file has it")]
    inputs: Annotated[tuple[Tensor, ...], Meta(description="of the first subgraph")]
    outputs: Annotated[tuple[Tensor, ...], Meta(description="of the first subgraph")]
    operators: tuple[OperatorDescription, ...]
    subgraph_count: int
    signatures: tuple[str, ...]
    metadata_names: tuple[str, ...]
    metadata: Annotated[SupportMetadata | None, Meta(description="TFLite Support metadata")]
    files: Annotated[tuple[FileDescription, ...], Meta(description="what is packed")]
    label_file: Annotated[str | None, Meta(description="the file of the first output's labels")]
    labels: Annotated[tuple[str, ...] | None, Meta(description="of the first output; two where that is one number")]
    preprocess: Annotated[dict[str, Any] | None, Meta(description="`handset.preprocess/1`")]
    preprocess_error: Annotated[str | None, Meta(description="why that cannot be read")]


class ModelFindings(msgspec.Struct, frozen=True):
    """What is wrong with one model."""

    path: str
    findings: Annotated[tuple[Finding, ...], Meta(description="errors first; none for a good file")]


class CheckReport(msgspec.Struct, frozen=True, tag_field="format", tag=CHECK_FORMAT):
    """What is wrong with each model."""

    runtime: Annotated[str, Meta(description="the version that the models were checked for")]
    models: Annotated[tuple[ModelFindings, ...], Meta(description="those that can be read, in the order given")]


def describe(model: PackedModel) -> ModelDescription:
    """Everything that the file says; None for what is not in it."""
    file = model.file
    return ModelDescription(
        size_bytes=file.size_bytes,
        weights_bytes=file.weights_bytes,
        schema_version=file.schema_version,
        min_runtime_version=file.min_runtime_version,
        description=file.description,
        inputs=file.inputs,
        outputs=file.outputs,
        operators=tuple(
            OperatorDescription(one.name, one.version, one.count, one.custom, one.flex) for one in file.operators
        ),
        subgraph_count=file.subgraph_count,
        signatures=file.signatures,
        metadata_names=tuple(entry.name for entry in file.metadata),
        metadata=model.metadata,
        files=tuple(FileDescription(one.name, one.size_bytes, one.stored, one.problem) for one in model.archive.files),
        label_file=model.label_file,
        labels=model.labels,
        preprocess=None if model.image is None else model.image.to_json(),
        preprocess_error=model.image_error,
    )


def json_text(value: ModelDescription | CheckReport) -> str:
    """Its JSON, one field a line; null for NaN and infinity."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()
