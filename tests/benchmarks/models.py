"""What lies in build/models, for tests that want real models."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from benchmarks.formats.errors import ManifestError
from benchmarks.formats.manifest import ExportedRecipe, Manifest
from tests.benchmarks.faulty import on

MODELS = Path(__file__).parents[2] / "build" / "models"
ORIENTATIONS = (6, 8, 3)


def is_exported() -> bool:
    """Whether the recipes that tests use are all there."""
    try:
        there = Manifest.read(MODELS).recipes
    except ManifestError:
        return False
    return {"digits_cnn", "digits_mlp", "efficientnet_lite0"} <= there.keys()


def digits(folder: Path, count: int) -> ExportedRecipe:
    """digits_cnn on the first `count` digits of its evaluation set."""
    recipe = Manifest.read(MODELS).recipes["digits_cnn"]
    some = recipe.evaluation_set(count)
    with zipfile.ZipFile(some.archive) as archive:
        return on(
            recipe,
            ((name, archive.read(name), label) for name, label in zip(some.ids, some.truth, strict=True)),
            folder,
        )


def photographs(recipe: ExportedRecipe, count: int) -> Iterator[tuple[str, bytes, int | None]]:
    """The first of the kit's own crops, cut to 4:3, every third as a JPEG that lies on its side."""
    with zipfile.ZipFile(recipe.inputs.path) as archive:
        for index, name in enumerate(archive.namelist()[:count]):
            file = io.BytesIO()
            with Image.open(io.BytesIO(archive.read(name))) as whole:
                picture = whole.convert("RGB").crop((0, 0, whole.width, whole.height * 3 // 4))
            if index % 3:
                picture.save(file, "PNG", compress_level=1)
                yield f"{index:03d}.png", file.getvalue(), None
                continue
            exif = Image.Exif()
            exif[0x112] = ORIENTATIONS[index // 3 % 3]
            picture.save(file, "JPEG", quality=92, exif=exif)
            yield f"{index:03d}.jpg", file.getvalue(), None
