"""Write a card into a .tflite file as TFLite Support metadata. The only writer of metadata in the kit.

The metadata is what Google's writers produce for an image classifier, so their readers understand it: Task Library,
MetadataExtractor, Android Studio. `preprocess.json` is one more associated file of the input. The blob
is put into the file by `splice`, which leaves the model's own bytes alone.
"""

import io
import json
import zipfile
from collections.abc import Mapping

from metadata.archive import read_archive
from metadata.card import ImageSpec, ModelCard
from metadata.check_output import output_problem
from metadata.errors import CardError, ModelFileError
from metadata.labels import explain_count, join_labels
from metadata.model_file import ModelFile, parse_model
from metadata.reader import LABEL_FILE, PREPROCESS_FILE
from metadata.splice import splice
from metadata.support_metadata import (
    AssociatedFile,
    ColorSpace,
    Content,
    FileType,
    Normalization,
    SupportMetadata,
    TensorMetadata,
)
from metadata.support_schema import ENTRY_NAME
from metadata.support_writer import write_metadata
from metadata.tensors import DType, Tensor

SAME_TIME = (1980, 1, 1, 0, 0, 0)
UNIX = 3
LARGEST_FLOAT32 = float.fromhex("0x1.fffffep127")


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
    return _with_archive(splice(flat, ENTRY_NAME, write_metadata(metadata_of(file, card))), files)


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
    mismatch = explain_count(len(card.labels), file.outputs[0].numbers or 0)
    if mismatch is not None:
        raise CardError(f"labels do not fit the model: {mismatch}")


def metadata_of(file: ModelFile, card: ModelCard) -> SupportMetadata:
    """What Google's writers would say of the model, and `preprocess.json` as one more file."""
    texts = {name: getattr(card, name) or None for name in ("name", "description", "version", "author", "license")}
    (image,), (output,) = file.inputs, file.outputs
    return SupportMetadata(
        **texts, min_parser_version=None, inputs=(_input(image, card.image),), outputs=(_output(output),), files=()
    )


def _input(tensor: Tensor, image: ImageSpec) -> TensorMetadata:
    lowest, highest = (
        tuple((level - mean) / std for mean, std in zip(image.mean, image.std, strict=True)) for level in (0, 255)
    )
    if any(abs(value) > LARGEST_FLOAT32 for value in (*image.mean, *image.std, *lowest, *highest)):
        raise CardError(f"mean {image.mean} and std {image.std} overflow float32; give them on pixels 0..255")
    minimum, maximum = _range(tensor, lowest, highest)
    return TensorMetadata(
        name="image",
        description="The picture to classify.",
        content=Content.IMAGE,
        color_space=ColorSpace.GRAYSCALE if image.channels == 1 else ColorSpace.RGB,
        normalization=Normalization(image.mean, image.std),
        min=minimum,
        max=maximum,
        files=(AssociatedFile(PREPROCESS_FILE, "Preprocessing in full: crop, resize, normalise.", None, None),),
    )


def _output(tensor: Tensor) -> TensorMetadata:
    minimum, maximum = _range(tensor, (0.0,), (1.0,))
    return TensorMetadata(
        name="probability",
        description="The probability of each label.",
        content=Content.FEATURE,
        color_space=None,
        normalization=None,
        min=minimum,
        max=maximum,
        files=(AssociatedFile(LABEL_FILE, "The label of each output.", FileType.AXIS_LABELS, None),),
    )


def _range(
    tensor: Tensor, lowest: tuple[float, ...], highest: tuple[float, ...]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(minimum, maximum): real values for float, 0 and 255 for uint8, none for others, as Google's writers do."""
    match tensor.dtype:
        case DType.FLOAT32:
            return lowest, highest
        case DType.UINT8:
            return (0.0,), (255.0,)
        case _:
            return (), ()


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
