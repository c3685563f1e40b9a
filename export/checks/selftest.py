"""The self-test of a model: a few inputs with the expected result of every stage, as `handset.selftest/1`.

The app has it beside the model and compares: the decoded picture and the input tensor byte for byte, the output
within a tolerance. Inputs are raw pixels and PNG only, because correct JPEG decoders differ by a few levels.
docs/formats.md describes every field.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.evaluation.desktop import TfliteRunner
from benchmarks.formats import declared
from benchmarks.formats.catalog import SELF_TEST_FILE, SelfTest, SelfTestInput, SelfTestModel
from benchmarks.formats.inputs import RAW, Inputs
from export.errors import ExportError
from export.recipe import GIVEN, Variant
from metadata.card import ImageSpec
from metadata.hashes import sha256_of
from metadata.picture import upright
from metadata.preprocess import Pixels, normalised

INPUTS = 3
LARGEST_INPUT_BYTES = 2 << 20
EPOCH = (1980, 1, 1, 0, 0, 0)

INTEGER_TOLERANCE = 2.0
"""In steps of the output's type: kernels round differently."""
FLOAT_TOLERANCE = 1e-4
FLOAT_TOLERANCES: Mapping[str, float] = {
    Variant.DYNAMIC: 0.5,
    Variant.INT16X8: 0.05,
    Variant.INT8_MIXED: 0.1,
    GIVEN: 0.5,
}
"""For these variants with a float output instead. Dynamic models differ by up to 0.3 between versions of the runtime,
and a ready file may be one."""


def write(path: Path, evaluated: Inputs, image: ImageSpec, models: Mapping[str, Path]) -> None:
    """Write the self-test of `models`, packed files by variant, with the first inputs of the evaluation set."""
    chosen = dict(_inputs(evaluated, image))
    levels = np.stack([picture for _, picture in chosen.values()])
    files: dict[str, bytes] = {name: data for name, (data, _) in chosen.items()}
    described = []
    for variant, model in models.items():
        hashes, outputs = _answers(model, image, levels)
        files[f"{variant}.bin"] = _little_endian(outputs)
        is_float = outputs.dtype == np.float32
        tolerance = FLOAT_TOLERANCES.get(variant, FLOAT_TOLERANCE) if is_float else INTEGER_TOLERANCE
        described.append(SelfTestModel(sha256_of(model), tuple(hashes), f"{variant}.bin", tolerance))
    inputs = tuple(SelfTestInput(name, _decoded(name, data)) for name, (data, _) in chosen.items())
    index = declared.write(SelfTest(inputs, tuple(described)), SELF_TEST_FILE, ExportError, "export again")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {SELF_TEST_FILE: declared.indented(index), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data)


def _inputs(evaluated: Inputs, image: ImageSpec) -> Iterator[tuple[str, tuple[bytes, Pixels]]]:
    """(name, (file, pixels as the model sees them)): the file as it is if raw or a small PNG, else those pixels."""
    for (ids, encoded), levels in zip(evaluated.encoded(INPUTS), evaluated.batches(image, INPUTS), strict=False):
        for number, (name, data, picture) in enumerate(zip(ids, encoded, levels, strict=True)):
            suffix = Path(name).suffix.lower()
            if suffix in (RAW, ".png") and len(data) <= LARGEST_INPUT_BYTES:
                yield f"{number}{suffix}", (data, picture)
            else:
                yield f"{number}{RAW}", (picture.tobytes(), picture)
        return


def _answers(model: Path, image: ImageSpec, levels: Pixels) -> tuple[list[str], npt.NDArray[Any]]:
    """sha256 of every input tensor, and the raw outputs, (N, labels)."""
    runner = TfliteRunner(model.read_bytes(), image)
    tensors = normalised(levels, image, runner.quantization)
    hashes = [hashlib.sha256(_little_endian(tensor)).hexdigest() for tensor in tensors]
    return hashes, runner.raw(tensors)


def _little_endian(array: Any) -> bytes:
    data: bytes = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    return data


def _decoded(name: str, data: bytes) -> str | None:
    """sha256 of the decoded picture, on white and before any EXIF rotation; None for raw pixels."""
    if name.endswith(RAW):
        return None
    with Image.open(io.BytesIO(data)) as stored:
        return hashlib.sha256(upright(stored, name=name).tobytes()).hexdigest()
