"""Rewrites the golden cases: `python -m tests.golden.preprocess --rewrite`. The tests only ever read them."""

import argparse
import hashlib
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from metadata import digit, exif, picture, preprocess
from metadata.card import ImageSpec
from tests.golden.preprocess.case import Case, Ink, Photo
from tests.golden.preprocess.cases import every_case
from tests.golden.preprocess.paint import DIGITS

FORMAT = "handset.golden.preprocess/1"
FOLDER = Path(__file__).parent


def golden() -> dict[str, bytes]:
    """Every golden file by its name, `cases.json` among them."""
    files: dict[str, bytes] = {}
    records = [_record(case, files) for case in every_case()]
    files["cases.json"] = _json({"format": FORMAT, "cases": records})
    files["strokes.json"] = _json({"format": FORMAT, "digits": {str(value): DIGITS[value] for value in range(10)}})
    return files


def _record(case: Case, files: dict[str, bytes]) -> dict[str, Any]:
    source = _drawing(case.source, files) if isinstance(case.source, Ink) else _photo(case.source, files)
    tensor = preprocess.tensor(_upright(case.source, case.spec), case.spec, case.quantization)
    data = tensor.astype(tensor.dtype.newbyteorder("<")).tobytes()
    files[f"files/{case.name}.tensor"] = data
    return {
        "name": case.name,
        "kind": "exact" if case.jpeg_levels is None else "jpeg",
        **source,
        "spec": case.spec.to_json(),
        "quantization": None if case.quantization is None else asdict(case.quantization),
        "tensor": f"files/{case.name}.tensor",
        "sha256": hashlib.sha256(data).hexdigest(),
        "max_level_difference": case.jpeg_levels,
    }


def _photo(photo: Photo, files: dict[str, bytes]) -> dict[str, Any]:
    with Image.open(io.BytesIO(photo.data)) as image:
        pixels, orientation = (
            picture.loaded(image, photo.data).convert("RGBA"),
            exif.orientation(image.info.get("exif", b"")),
        )
    raw = f"files/{photo.file.rsplit('.', 1)[0]}.rgba"
    files |= {f"files/{photo.file}": photo.data, raw: pixels.tobytes()}
    size = {"width": pixels.width, "height": pixels.height, "orientation": orientation}
    return {"picture": f"files/{photo.file}", "pixels": raw, "ink": None, **size}


def _drawing(ink: Ink, files: dict[str, bytes]) -> dict[str, Any]:
    files[f"files/{ink.file}"] = ink.levels.tobytes()
    size = {"width": ink.levels.shape[1], "height": ink.levels.shape[0], "orientation": 1}
    return {"picture": None, "pixels": None, "ink": f"files/{ink.file}", **size}


def _upright(source: Photo | Ink, spec: ImageSpec) -> Image.Image:
    if isinstance(source, Photo):
        return picture.decode(source.data, source.file)
    assert spec.digit is not None
    return digit.layout(np.ascontiguousarray(source.levels), spec.digit)


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.golden.preprocess", description=__doc__)
    parser.add_argument("--rewrite", action="store_true", required=True, help="replace the files in this folder")
    parser.parse_args()
    files = golden()
    for old in (FOLDER / "files").glob("*"):
        old.unlink()
    for name, data in files.items():
        (FOLDER / name).parent.mkdir(exist_ok=True)
        (FOLDER / name).write_bytes(data)
    print(f"{len(files)} files, {sum(map(len, files.values()))} bytes")


if __name__ == "__main__":
    _main()
