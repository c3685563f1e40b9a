"""Small pictures of the inputs that differ most, for the report: few, small, and each only once."""

import base64
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from PIL import Image

from benchmarks.formats.errors import InputsError, ManifestError
from benchmarks.formats.inputs import RAW
from benchmarks.formats.manifest import ExportedRecipe, Manifest
from metadata.card import ImageSpec
from metadata.errors import PictureError
from metadata.picture import decode

SIDE = 96
COLOURS = 64
MOST_BYTES = 1_500_000
"""Of base64 in all. With its tables and curves, a report of 120 rows stays under 5 MB."""


def key(inputs_sha256: str, number: int) -> str:
    """The key of one input's picture in `Comparison.pictures`."""
    return f"{inputs_sha256[:12]}-{number}"


def draw_thumbnails(models: Path, wanted: Iterable[tuple[str, int]], most_bytes: int = MOST_BYTES) -> Mapping[str, str]:
    """Thumbnails by key, of the `wanted` (hash of the input set, number of the input), the first ones first.

    `most_bytes` are shared equally among the input sets. A set that the export in `models` does not have, or whose file
    is damaged, has no thumbnails.
    """
    try:
        recipes = {recipe.inputs.sha256: recipe for recipe in Manifest.read(models).recipes.values()}
    except ManifestError:
        return {}
    by_set: dict[str, list[int]] = {}
    for inputs_sha256, number in dict.fromkeys(wanted):
        by_set.setdefault(inputs_sha256, []).append(number)
    return {
        key(inputs_sha256, number): picture
        for inputs_sha256, numbers in by_set.items()
        if inputs_sha256 in recipes
        for number, picture in _of_set(recipes[inputs_sha256], numbers, most_bytes // len(by_set))
    }


def _of_set(recipe: ExportedRecipe, numbers: Sequence[int], most_bytes: int) -> Iterator[tuple[int, str]]:
    try:
        ids = recipe.evaluation_set(None).ids
    except (InputsError, ManifestError):
        return
    with zipfile.ZipFile(recipe.inputs.path) as archive:
        for number in numbers:
            if number >= len(ids):
                continue
            picture = thumbnail(ids[number], archive.read(ids[number]), recipe.image)
            if picture is not None and len(picture) <= most_bytes:
                most_bytes -= len(picture)
                yield number, picture


def thumbnail(name: str, data: bytes, image: ImageSpec) -> str | None:
    """An input as a PNG of at most 96 pixels a side, in base64; None where it cannot be decoded."""
    try:
        picture = _levels(data, image) if name.endswith(RAW) else decode(data, name)
    except (PictureError, ValueError):
        return None
    picture.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    picture.convert("RGB").quantize(COLOURS).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def _levels(data: bytes, image: ImageSpec) -> Image.Image:
    return Image.frombytes("L" if image.channels == 1 else "RGB", (image.width, image.height), data)
