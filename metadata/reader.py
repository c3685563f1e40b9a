"""Read a .tflite file, packed by this kit or by anyone: path or bytes in, one frozen value out.

No TensorFlow, no tflite-support, no NumPy, so it takes milliseconds. Any bytes give a PackedModel or a ModelFileError.
What is merely missing or wrong inside a readable file is None here and a finding in `check`.
"""

import json
import stat
from dataclasses import dataclass
from pathlib import Path

from metadata.archive import ModelArchive, read_archive
from metadata.card import ImageSpec, ModelCard
from metadata.errors import CardError, ModelFileError
from metadata.labels import class_names, split_labels
from metadata.model_file import ModelFile, parse_model
from metadata.standard_image import picture_shape, standard_image, stated_size
from metadata.support_metadata import FileType, SupportMetadata, parse_metadata
from metadata.support_schema import ENTRY_NAME

PREPROCESS_FILE = "preprocess.json"
LABEL_FILE = "labels.txt"
LABEL_TYPES = (FileType.AXIS_LABELS, FileType.VALUE_LABELS)
LARGEST_FILE_BYTES = 4 << 30


@dataclass(frozen=True, slots=True)
class PackedModel:
    """A .tflite file with everything in it.

    `label_file` is the first file of labels that the metadata names for the first output, of its axis rather than of
    its values, else `labels.txt` where the archive has one. `labels` are its lines, unjudged, as `class_names` takes
    them. `image_error` says why a `preprocess.json` that is there could not become `image`.
    """

    file: ModelFile
    metadata: SupportMetadata | None
    archive: ModelArchive
    label_file: str | None
    labels: tuple[str, ...] | None
    image: ImageSpec | None
    image_error: str | None

    @property
    def preprocessing(self) -> ImageSpec:
        """How a picture becomes an input: as `preprocess.json` says, or else as the standard metadata does.

        CardError where neither says it.
        """
        if self.image is not None:
            return self.image
        if self.image_error is not None:
            raise CardError(self.image_error)
        return standard_image(self.file, self.metadata)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of the first input; of pictures of any size, with the size that is used."""
        return picture_shape(self.file.inputs[0], self.stated_size)

    @property
    def stated_size(self) -> tuple[int, int] | None:
        """Height and width that the file names for its picture; None where only the input's shape has them."""
        return stated_size(self.metadata, self.image)

    @property
    def card(self) -> ModelCard | None:
        """The model's card; None when metadata, labels or preprocessing are missing from the file."""
        if self.metadata is None or self.labels is None or self.image is None:
            return None
        return ModelCard(
            name=self.metadata.name or "",
            description=self.metadata.description or "",
            version=self.metadata.version or "",
            author=self.metadata.author or "",
            license=self.metadata.license or "",
            image=self.image,
            labels=self.labels,
        )


def read(path: Path) -> PackedModel:
    """The model at `path`; ModelFileError when it cannot be read or is not a whole .tflite file."""
    data = read_file(path)
    try:
        return read_bytes(data)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error


def read_file(path: Path) -> bytes:
    """The bytes at `path`; ModelFileError when there are none to read, or more than any phone could load."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ModelFileError(f"{path}: is not a file; give a .tflite file")
        if status.st_size > LARGEST_FILE_BYTES:
            raise ModelFileError(f"{path}: larger than 4 GB, which no phone loads; give a smaller model")
        return path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read, {error.strerror}; give a .tflite file") from error


def read_bytes(data: bytes) -> PackedModel:
    """The model whose file is `data`; ModelFileError when that is not a whole .tflite file."""
    file = parse_model(data)
    blob = file.blob(ENTRY_NAME)
    metadata = None if blob is None else parse_metadata(blob)
    archive = read_archive(data)
    label_file = _label_file(metadata, archive)
    label_bytes = None if label_file is None else archive.content(label_file)
    labels = None if label_bytes is None else split_labels(label_bytes.decode("utf-8", "replace"))
    outputs = file.outputs[0].numbers if file.outputs else None
    image, image_error = _image(archive)
    return PackedModel(
        file=file,
        metadata=metadata,
        archive=archive,
        label_file=label_file,
        labels=None if labels is None else class_names(labels, outputs or 0),
        image=image,
        image_error=image_error,
    )


def _label_file(metadata: SupportMetadata | None, archive: ModelArchive) -> str | None:
    files = metadata.outputs[0].files if metadata and metadata.outputs else ()
    named = [file.name for kind in LABEL_TYPES for file in files if file.type is kind]
    unnamed = [file.name for file in archive.files if file.name == LABEL_FILE]
    return next(iter(named + unnamed), None)


def _image(archive: ModelArchive) -> tuple[ImageSpec | None, str | None]:
    """(spec, None), (None, why it cannot be read), or (None, None) when the file is not there."""
    content = archive.content(PREPROCESS_FILE)
    if content is None:
        return None, None
    try:
        return ImageSpec.from_json(json.loads(content)), None
    except CardError as error:
        return None, str(error)
    except (ValueError, RecursionError) as error:
        return None, f"{PREPROCESS_FILE} is not JSON: {error}"
