"""Which other model files a phone may have run instead: what the app was built with, and what else was exported."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest
from metadata.card import ImageSpec
from metadata.hashes import sha256_of


@dataclass(frozen=True, slots=True)
class OtherFile:
    """A file, the cause that it would be, and what it is in words."""

    id: str
    what: str
    path: Path
    sha256: str
    image: ImageSpec


def other_files(
    recipe: ExportedRecipe, variant: ExportedVariant, manifest: Manifest, assets: Path
) -> Iterator[OtherFile]:
    """Those that take the same pictures, give as many labels, and are not the variant's file."""
    for path in _in_the_app(recipe, variant, assets):
        sha256 = sha256_of(path)
        if sha256 != variant.file.sha256:
            yield OtherFile("STALE-MODEL", f"the app's asset {path.name}", path, sha256, recipe.image)
    for other in manifest.recipes.values():
        if (other.image, len(other.labels)) != (recipe.image, len(recipe.labels)):
            continue
        for one in other.variants.values():
            if one.file.sha256 != variant.file.sha256 and one.file.is_whole:
                yield OtherFile("OTHER-MODEL", one.title, one.file.path, one.file.sha256, other.image)


def _in_the_app(recipe: ExportedRecipe, variant: ExportedVariant, assets: Path) -> Iterator[Path]:
    """The app's file for this variant; none where the catalogue cannot be read, which is no fault of the phone's."""
    try:
        models = json.loads((assets / "catalog.json").read_text(encoding="utf-8"))["models"]
        paths = [
            assets / one["path"] for one in models if (one["recipe"], one["variant"]) == (recipe.name, variant.name)
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return
    yield from (path for path in paths if path.is_file())
