"""Small pictures of the inputs that differ most, for a report that is shared: few, small, and each only once."""

import base64
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from PIL import Image

from benchmarks.errors import ManifestError
from benchmarks.formats.manifest import Manifest, Recipe
from metadata.card import ImageSpec
from metadata.errors import PictureError
from metadata.picture import decode

SIDE = 96
COLOURS = 64
MOST_BYTES = 1_500_000
"""Of base64 in all. With its tables and curves, a report of 120 rows stays under 5 MB."""


def recipes_by_inputs(models: Path) -> Mapping[str, Recipe]:
    """The exported recipes by the hash of their inputs, as far as they are still there; none is no error."""
    try:
        recipes = Manifest.read(models).recipes.values()
    except ManifestError:
        return {}
    return {recipe.inputs.sha256: recipe for recipe in recipes if recipe.inputs.is_whole}


class Thumbnails:
    """Pictures by key, drawn until they are `most_bytes` together. A key is the input's set and number."""

    def __init__(self, recipes: Mapping[str, Recipe], most_bytes: int = MOST_BYTES) -> None:
        self._recipes = recipes
        self._left = most_bytes
        self.drawn: dict[str, str] = {}

    @staticmethod
    def key(inputs_sha256: str, place: int) -> str:
        """What the picture of one input is called."""
        return f"{inputs_sha256[:12]}-{place}"

    def draw(self, wanted: Iterable[tuple[str, int]]) -> None:
        """Draw (input set, number) in this order, as long as there is room."""
        by_set: dict[str, list[int]] = {}
        for inputs_sha256, place in dict.fromkeys(wanted):
            by_set.setdefault(inputs_sha256, []).append(place)
        share = self._left // max(1, len(by_set))
        for inputs_sha256, places in by_set.items():
            recipe = self._recipes.get(inputs_sha256)
            if recipe is not None:
                self._draw_set(recipe, inputs_sha256, places, share)

    def _draw_set(self, recipe: Recipe, inputs_sha256: str, places: list[int], room: int) -> None:
        ids = recipe.evaluation_set(None).ids
        with zipfile.ZipFile(recipe.inputs.path) as archive:
            for place in places:
                if place >= len(ids):
                    continue
                picture = thumbnail(ids[place], archive.read(ids[place]), recipe.image)
                if picture is None or len(picture) > room:
                    continue
                room -= len(picture)
                self.drawn[self.key(inputs_sha256, place)] = picture


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
