"""Golden self-tests: `python -m tests.golden.selftest --rewrite` makes them of the golden jobs.

A `handset.selftest/1` is a zip of `selftest.json` and the files that it names:

    format    "handset.selftest/1"
    inputs[]  name            an entry of the zip: an encoded picture, or `*.raw` levels of the model's own size
              decoded_sha256  of the stored picture on white: red, green, blue, row by row, not turned; null for `*.raw`
    models[]  sha256          of the `.tflite` file that is meant
              fed_sha256[]    of the input tensor that each input became, raw, little-endian
              outputs         an entry of the zip: the raw outputs of all inputs, in their order, little-endian
              tolerance       how far an output may be off, in its own unit
"""

import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image

from metadata import picture

FOLDER = Path(__file__).parent
JOBS = FOLDER.parent / "jobs"
MADE_OF = {"colour": ("images_fp32", "images_int8"), "digit": ("raw_digits_fp32", "raw_digits_int8")}
INPUTS = 7
EPOCH = (1981, 1, 1, 1, 1, 2)


def made(jobs: tuple[str, ...]) -> bytes:
    """The self-test of the first inputs of golden jobs that share them."""
    with zipfile.ZipFile(JOBS / jobs[0] / "inputs.zip") as archive:
        inputs = {name: archive.read(name) for name in archive.namelist()[:INPUTS]}
    models, outputs = zip(*(_model(job) for job in jobs), strict=True)
    index = {
        "format": "handset.selftest/1",
        "inputs": [{"name": name, "decoded_sha256": _decoded(name, data)} for name, data in inputs.items()],
        "models": models,
    }
    files = {"selftest.json": json.dumps(index, indent=1).encode(), **inputs}
    files |= {model["outputs"]: data for model, data in zip(models, outputs, strict=True)}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made_zip:
        for name, data in files.items():
            made_zip.writestr(zipfile.ZipInfo(name, EPOCH), data)
    return target.getvalue()


def _model(job: str) -> tuple[dict[str, Any], bytes]:
    expected: dict[str, Any] = json.loads((JOBS / job / "expected.json").read_bytes())
    model = json.loads((JOBS / job / "job.json").read_bytes())["model"]
    inputs, outputs = ((JOBS / job / name).read_bytes() for name in ("expected_fed.bin", "expected.bin"))
    row, count = len(inputs) // expected["fed"]["shape"][0], len(outputs) // expected["output"]["shape"][0]
    return {
        "sha256": model["sha256"],
        "fed_sha256": [_sha256(inputs[index * row : (index + 1) * row]) for index in range(INPUTS)],
        "outputs": f"{Path(model['path']).stem}.bin",
        "tolerance": expected["tolerance"],
    }, outputs[: INPUTS * count]


def _decoded(name: str, data: bytes) -> str | None:
    if name.endswith(".raw"):
        return None
    with Image.open(io.BytesIO(data)) as stored:
        return _sha256(picture.upright(stored, name=name).tobytes())  # no orientation is given: not turned


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    if sys.argv[1:] != ["--rewrite"]:
        sys.exit(__doc__)
    for recipe, jobs in MADE_OF.items():
        (FOLDER / f"{recipe}.selftest").write_bytes(made(jobs))
