"""Small pictures of the inputs that differ most, for a report that is shared: few, small, and each only once."""

import base64
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from PIL import Image

from benchmarks.formats.errors import InputsError, ManifestError
from benchmarks.formats.manifest import ExportedRecipe, Manifest
from metadata.card import ImageSpec
from metadata.errors import PictureError
from metadata.picture import decode

SIDE = 96
COLOURS = 64
MOST_BYTES = 1_500_000
"""Of base64 in all. With its tables and curves, a report of 120 rows stays under 5 MB."""


def recipes_by_inputs(models: Path) -> Mapping[str, ExportedRecipe]:
    """The exported recipes by the hash of their inputs; none is no error."""
    try:
        recipes = Manifest.read(models).recipes.values()
    except ManifestError:
        return {}
    return {recipe.inputs.sha256: recipe for recipe in recipes}


def key(inputs_sha256: str, place: int) -> str:
    """What the picture of one input is called."""
    return f"{inputs_sha256[:12]}-{place}"


def drawn(
    recipes: Mapping[str, ExportedRecipe], wanted: Iterable[tuple[str, int]], most_bytes: int = MOST_BYTES
) -> Mapping[str, str]:
    """Pictures of (input set, number) by key, in this order, as long as there is room: as much for each set.

    Of a set that is no longer there, or not whole, there are none.
    """
    by_set: dict[str, list[int]] = {}
    for inputs_sha256, place in dict.fromkeys(wanted):
        by_set.setdefault(inputs_sha256, []).append(place)
    found: dict[str, str] = {}
    for inputs_sha256, places in by_set.items():
        if inputs_sha256 in recipes:
            of_set = _of_set(recipes[inputs_sha256], places, most_bytes // len(by_set))
            found |= {key(inputs_sha256, place): picture for place, picture in of_set}
    return found


def _of_set(recipe: ExportedRecipe, places: Sequence[int], room: int) -> Iterator[tuple[int, str]]:
    try:
        ids = recipe.evaluation_set(None).ids
    except (InputsError, ManifestError):
        return
    with zipfile.ZipFile(recipe.inputs.path) as archive:
        for place in places:
            if place >= len(ids):
                continue
            picture = thumbnail(ids[place], archive.read(ids[place]), recipe.image)
            if picture is not None and len(picture) <= room:
                room -= len(picture)
                yield place, picture


def thumbnail(name: str, data: bytes, image: ImageSpec) -> str | None:
    """An input as a PNG of at most 96 pixels a side, in base64; None where it is no picture."""
    try:
        picture = _levels(data, image) if name.endswith(".raw") else decode(data, name)
    except (PictureError, ValueError):
        return None
    picture.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    picture.convert("RGB").quantize(COLOURS).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def _levels(data: bytes, image: ImageSpec) -> Image.Image:
    return Image.frombytes("L" if image.channels == 1 else "RGB", (image.width, image.height), data)
