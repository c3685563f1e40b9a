"""What a model has to give on any phone: a few inputs with every stage's outcome, as `handset.selftest/1`.

The app carries it beside the model and compares: the decoded picture and the fed tensor byte for byte, the output
within a tolerance. Inputs are raw pixels and PNG only, because JPEG decoders differ by a few levels and that is no
fault. docs/formats.md has the file field by field.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.evaluation.desktop import TfliteRunner
from benchmarks.formats.inputs import Inputs
from export.recipe import GIVEN, Variant
from metadata import picture
from metadata.card import ImageSpec
from metadata.hashes import sha256_of
from metadata.preprocess import Pixels, normalised

FORMAT = "handset.selftest/1"
INDEX = "selftest.json"
INPUTS = 3
LARGEST_INPUT_BYTES = 2 << 20
EPOCH = (1980, 1, 1, 0, 0, 0)

FLOAT_TOLERANCE = 1e-4
STEPS = 2.0
"""An integer output may be two steps off: kernels round differently."""
TOLERANCES: Mapping[str, float] = {
    Variant.DYNAMIC: 0.5,
    Variant.INT16X8: 0.05,
    Variant.INT8_MIXED: 0.1,
    GIVEN: 0.5,
}
"""Of the others. Dynamic models differ by up to 0.3 between versions of the runtime; a ready file may be one."""


def write(path: Path, evaluated: Inputs, image: ImageSpec, models: Mapping[str, Path]) -> None:
    """Write the self-test of `models`, packed files by variant, with the first inputs that will do."""
    chosen = dict(_inputs(evaluated, image))
    levels = np.stack([one for _, one in chosen.values()])
    files: dict[str, bytes] = {name: data for name, (data, _) in chosen.items()}
    described = []
    for variant, model in models.items():
        fed, outputs = _answers(model, image, levels)
        files[f"{variant}.bin"] = _little(outputs)
        described.append(
            {
                "sha256": sha256_of(model),
                "fed_sha256": fed,
                "outputs": f"{variant}.bin",
                "tolerance": TOLERANCES.get(variant, FLOAT_TOLERANCE) if outputs.dtype == np.float32 else STEPS,
            }
        )
    index = {
        "format": FORMAT,
        "inputs": [{"name": name, "decoded_sha256": _decoded(name, data)} for name, (data, _) in chosen.items()],
        "models": described,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {INDEX: json.dumps(index, indent=1).encode(), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data)


def _inputs(evaluated: Inputs, image: ImageSpec) -> Iterator[tuple[str, tuple[bytes, Pixels]]]:
    """Name → encoded, and as the model sees it. What is neither raw nor a small PNG goes as the levels it became."""
    for (ids, encoded), levels in zip(evaluated.encoded(INPUTS), evaluated.batches(image, INPUTS), strict=False):
        for number, (name, data, one) in enumerate(zip(ids, encoded, levels, strict=True)):
            suffix = Path(name).suffix.lower()
            if suffix in (".raw", ".png") and len(data) <= LARGEST_INPUT_BYTES:
                yield f"{number}{suffix}", (data, one)
            else:
                yield f"{number}.raw", (one.tobytes(), one)
        return


def _answers(model: Path, image: ImageSpec, levels: Pixels) -> tuple[list[str], npt.NDArray[Any]]:
    """The hash of every fed tensor, and the raw outputs."""
    runner = TfliteRunner(model.read_bytes(), image)
    fed = normalised(levels, image, runner.quantization)
    hashes = [hashlib.sha256(_little(one)).hexdigest() for one in fed]
    return hashes, runner.raw(fed)


def _little(array: Any) -> bytes:
    data: bytes = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    return data


def _decoded(name: str, data: bytes) -> str | None:
    """The stored picture on white, not turned: what a decoder gives before anything is done to it."""
    if name.endswith(".raw"):
        return None
    with Image.open(io.BytesIO(data)) as stored:
        return hashlib.sha256(picture.upright(stored, name=name).tobytes()).hexdigest()
