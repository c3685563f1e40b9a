"""What the kit writes is what Google's own writers write of the same model, field by field, and to the byte.

Where tflite-support is installed it reads everything here; elsewhere the golden files stand for it.
"""

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from metadata.model_file import parse_model
from metadata.reader import read_bytes, read_file
from metadata.support_library import load_support
from metadata.support_metadata import (
    AssociatedFile,
    Content,
    FileType,
    Normalization,
    SupportMetadata,
    TensorMetadata,
    parse_metadata,
)
from metadata.support_schema import ENTRY_NAME
from metadata.support_writer import min_parser_version, write_metadata
from metadata.tensors import DType
from metadata.writer import metadata_of, pack
from tests.metadata.conftest import needs_support, tiny_card
from tests.metadata.support_values import support_metadata

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "tests" / "golden" / "models"
PACKED = ("colour_dynamic", "colour_fp16", "colour_fp32", "colour_int8", "digit_fp32", "digit_int8")


@given(support_metadata())
def test_every_field_comes_back(metadata: SupportMetadata) -> None:
    expected = replace(metadata, min_parser_version=min_parser_version(metadata))
    assert parse_metadata(write_metadata(metadata)) == expected


def test_the_parser_s_version_is_that_of_the_newest_field() -> None:
    def version(content: Content | None, *types: FileType) -> str:
        named = tuple(AssociatedFile("a", None, kind, None) for kind in types)
        tensor = TensorMetadata(None, None, content, None, None, (), (), named)
        return min_parser_version(SupportMetadata(None, None, None, None, None, None, (tensor,), (), ()))

    assert version(None) == version(Content.IMAGE, FileType.AXIS_LABELS) == "1.0.0"
    assert version(Content.IMAGE, FileType.VOCABULARY) == "1.0.1"
    assert version(Content.AUDIO, FileType.VOCABULARY) == "1.3.0"
    assert version(Content.AUDIO, FileType.SCANN_INDEX, FileType.VOCABULARY) == "1.4.0"


@pytest.mark.parametrize("name", PACKED)
def test_files_of_1_0_0_which_google_s_code_wrote_are_packed_to_the_same_bytes(name: str) -> None:
    packed = read_file(MODELS / f"{name}.tflite")
    card = read_bytes(packed).card
    assert card is not None
    assert pack(packed, card) == packed


def test_packing_imports_nothing_of_tflite_support() -> None:
    """As on a machine where it is not installed: the same bytes, from a process in which it cannot be imported."""
    script = (
        "import hashlib, sys; from pathlib import Path\n"
        "sys.modules['tensorflow_lite_support'] = sys.modules['tflite_support'] = None\n"
        "from metadata.reader import read_bytes; from metadata.writer import pack\n"
        "for path in sys.argv[1:]:\n"
        "    data = Path(path).read_bytes()\n"
        "    print(hashlib.sha256(pack(data, read_bytes(data).card)).hexdigest())"
    )
    paths = [MODELS / f"{name}.tflite" for name in PACKED]
    done = subprocess.run([sys.executable, "-c", script, *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def fields(blob: bytes) -> dict[str, Any]:
    """Every field of a blob that is there, by Google's own schema classes; unions with their types."""
    schema = load_support("metadata.metadata_schema_py_generated")
    tree: dict[str, Any] = _tree(schema.ModelMetadataT.InitFromObj(schema.ModelMetadata.GetRootAs(blob, 0)))
    return tree


def _tree(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, list):
        return [_tree(item) for item in value]
    if hasattr(value, "__dict__"):
        return {name: tree for name, field in vars(value).items() if (tree := _tree(field)) not in (None, [])}
    return value.decode() if isinstance(value, bytes) else value


def by_google(model: bytes, general: Any, inputs: list[Any], outputs: list[Any], folder: Path) -> bytes:
    """The blob that Google's writer puts into `model`; the files that it names are empty ones in `folder`."""
    for tensor in (*inputs, *outputs):
        for file in tensor.associated_files or []:
            Path(file.file_path).write_bytes(b"")
    assert all(tensor.tensor_name is None for tensor in (*inputs, *outputs))
    writers = load_support("metadata.python.metadata_writers.metadata_writer")
    writer = writers.MetadataWriter.create_from_metadata_info(
        bytearray(model), general, inputs, outputs, [str(path) for path in folder.iterdir()]
    )
    blob = read_bytes(bytes(writer.populate())).file.blob(ENTRY_NAME)
    assert blob is not None
    return blob


def as_google_says(tensor: TensorMetadata, folder: Path) -> Any:
    """The same tensor in the values that Google's writer takes."""
    info = load_support("metadata.python.metadata_writers.metadata_info")
    named = [
        info.AssociatedFileMd(str(folder / file.name), file.description, _code(file.type), file.locale)
        for file in tensor.files
    ]
    if tensor.content is Content.IMAGE:
        normal = tensor.normalization or Normalization((), ())
        size = min(len(normal.mean), len(normal.std))
        said = info.InputImageTensorMd(
            tensor.name,
            tensor.description,
            list(normal.mean[:size]),
            list(normal.std[:size]),
            _code(tensor.color_space),
        )
        said.min_values, said.max_values, said.associated_files = list(tensor.min), list(tensor.max), named
        return said
    return info.TensorMd(
        tensor.name, tensor.description, list(tensor.min), list(tensor.max), _code(tensor.content), named
    )


def _code(member: StrEnum | None) -> int:
    return 0 if member is None else list(type(member)).index(member) + 1


@needs_support
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(metadata=support_metadata(1, 1))
@pytest.mark.usefixtures("quiet_tensorflow")
def test_google_s_writer_writes_the_same_fields(
    metadata: SupportMetadata, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """They take a normalisation of pictures only, as many means as deviations, and always describe a content."""
    folder = tmp_path_factory.mktemp("files")
    metadata = replace(
        metadata,
        files=(),
        inputs=tuple(_as_google_can(tensor) for tensor in metadata.inputs),
        outputs=tuple(_as_google_can(replace(tensor, name=tensor.name or "out")) for tensor in metadata.outputs),
    )
    info = load_support("metadata.python.metadata_writers.metadata_info")
    general = info.GeneralMd(metadata.name, metadata.version, metadata.description, metadata.author, metadata.license)
    inputs, outputs = (
        [as_google_says(tensor, folder) for tensor in tensors] for tensors in (metadata.inputs, metadata.outputs)
    )
    theirs = by_google(read_file(MODELS / "colour_fp32.tflite"), general, inputs, outputs, folder)
    assert fields(write_metadata(metadata)) == fields(theirs)


def _as_google_can(tensor: TensorMetadata) -> TensorMetadata:
    content = tensor.content or Content.FEATURE
    normal = tensor.normalization if content is Content.IMAGE else None
    if normal is not None:
        size = min(len(normal.mean), len(normal.std))
        normal = Normalization(normal.mean[:size], normal.std[:size])
    return replace(tensor, name=tensor.name or "in", content=content, normalization=normal)


@needs_support
@pytest.mark.parametrize("dtype", [DType.FLOAT32, DType.UINT8, DType.INT8, DType.INT16])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.usefixtures("quiet_tensorflow")
def test_google_s_classifier_writer_says_the_same_of_every_type(
    tiny: Mapping[str, bytes], tmp_path: Path, dtype: DType, channels: int
) -> None:
    """Range and normalisation follow from type, mean and deviation, as Google's own classes derive them."""
    info = load_support("metadata.python.metadata_writers.metadata_info")
    types = load_support("metadata.schema_py_generated").TensorType
    model = tiny[f"fp32_{channels}"]
    image = replace(
        tiny_card(channels).image, mean=(123.675, 116.28, 103.53)[:channels], std=(58.4, 57.1, 57.4)[:channels]
    )
    card = replace(tiny_card(channels), image=image)
    file = parse_model(model)
    (source,), (target,) = file.inputs, file.outputs
    file = replace(file, inputs=(replace(source, dtype=dtype),), outputs=(replace(target, dtype=dtype),))
    ours = metadata_of(file, card)
    code = getattr(types, dtype.upper())
    (fed,), (answer,) = ours.inputs, ours.outputs
    picture = info.InputImageTensorMd(
        fed.name, fed.description, list(image.mean), list(image.std), _code(fed.color_space), code
    )
    preprocess = fed.files[0]
    picture.associated_files = [info.AssociatedFileMd(str(tmp_path / preprocess.name), preprocess.description)]
    labels = info.LabelFileMd(str(tmp_path / answer.files[0].name))
    labels.description = answer.files[0].description
    classification = info.ClassificationTensorMd(answer.name, answer.description, [labels], code)
    general = info.GeneralMd(card.name, card.version, card.description, card.author, card.license)
    theirs = by_google(model, general, [picture], [classification], tmp_path)
    assert fields(write_metadata(ours)) == fields(theirs)
