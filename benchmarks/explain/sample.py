"""The inputs that hypotheses are tried on, and their pixels by any geometry. Reads the export's pictures."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.explain.compared_row import ComparedRow, StageChange
from benchmarks.explain.preprocess_variant import Geometry, Orientation, PreprocessVariant, Sampling
from benchmarks.formats.inputs import RAW
from benchmarks.formats.manifest import ExportedRecipe
from metadata import exif
from metadata.card import ImageSpec, Resize
from metadata.picture import TRANSPOSITIONS, decode
from metadata.preprocess import Pixels, resized

DIFFERING, SIMILAR = 18, 6
"""How many inputs are tried: those that differ most, and those that differ least."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Some inputs as they are encoded, raw pixels in `*.raw`. `indices` are their places among the run's inputs."""

    indices: npt.NDArray[np.intp]
    names: tuple[str, ...]
    encoded: tuple[bytes, ...] = field(repr=False)
    spec: ImageSpec

    @property
    def count(self) -> int:
        return len(self.indices)

    @property
    def right(self) -> PreprocessVariant:
        """The preprocessing that the model asks for."""
        return PreprocessVariant.right(self.spec)

    def right_levels(self) -> Pixels:
        """The levels that the model's own preprocessing makes, uint8 (n, height, width, channels)."""
        geometry = self.right.geometry
        return self.levels([geometry])[geometry]

    def levels(self, geometries: Iterable[Geometry]) -> dict[Geometry, Pixels]:
        """By geometry, uint8 (n, height, width, channels). Every picture is decoded once for all of them."""
        rows: dict[Geometry, list[Pixels]] = {geometry: [] for geometry in geometries}
        for name, data in zip(self.names, self.encoded, strict=True):
            picture, orientation = self._opened(name, data)
            for geometry, row in rows.items():
                row.append(_levels(picture, orientation, geometry, self.spec))
        return {geometry: np.stack(row) for geometry, row in rows.items()}

    def _opened(self, name: str, data: bytes) -> tuple[Image.Image, int | None]:
        """The upright picture and its EXIF orientation, None for raw pixels, which are never cropped or resized."""
        if not name.endswith(RAW):
            return decode(data, name), _orientation(data)
        spec = self.spec
        pixels = np.frombuffer(data, np.uint8).reshape(spec.height, spec.width, spec.channels)
        return Image.fromarray(pixels[..., 0] if spec.channels == 1 else pixels), None


def choose(change: StageChange) -> npt.NDArray[np.intp]:
    """The inputs that differ most and least, without repeats, in ascending order; of equal ones the lower index."""
    order = np.argsort(-change.distances, kind="stable")
    return np.sort(order if len(order) <= DIFFERING + SIMILAR else np.r_[order[:DIFFERING], order[-SIMILAR:]])


def read_sample(row: ComparedRow, recipe: ExportedRecipe, change: StageChange) -> Sample:
    """The sample of that arrow, from the export's inputs; InputsError or ManifestError when they are not there."""
    indices = choose(change)
    chosen = recipe.evaluation_set(len(row.desktop.ids)).at(indices)
    encoded = [data for _, batch in chosen.encoded(len(indices)) for data in batch]
    return Sample(indices, chosen.ids, tuple(encoded), recipe.image)


_TURNS = (None, Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)
_BACK = {**TRANSPOSITIONS, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
"""By EXIF orientation: from the upright picture back to the one that is stored."""


def _orientation(data: bytes) -> int:
    with Image.open(io.BytesIO(data)) as image:
        return exif.orientation(image.info.get("exif", b""))


def _levels(picture: Image.Image, orientation: int | None, geometry: Geometry, spec: ImageSpec) -> Pixels:
    by_exif = {Orientation.IGNORED: _BACK, Orientation.TWICE: TRANSPOSITIONS}.get(geometry.orientation, {})
    exif_turn = by_exif.get(orientation) if orientation is not None else None
    mirror = Image.Transpose.FLIP_LEFT_RIGHT if geometry.mirrored else None
    for turn in (exif_turn, _TURNS[geometry.quarter_turns], mirror):
        picture = picture if turn is None else picture.transpose(turn)
    picture = picture.convert("L" if spec.channels == 1 else "RGB")
    if orientation is not None:
        if geometry.crop is not None:
            left, top, side = geometry.crop.box(picture.width, picture.height)
            picture = picture.crop((left, top, left + side, top + side))
        picture = _sampled(picture, spec.width, spec.height, geometry.sampling)
    return np.asarray(picture).reshape(spec.height, spec.width, spec.channels)


def _sampled(picture: Image.Image, width: int, height: int, sampling: Resize | Sampling) -> Image.Image:
    if isinstance(sampling, Resize):
        return resized(picture, width, height, sampling)
    pixels = np.asarray(picture)
    if sampling is Sampling.NEAREST:
        rows, columns = np.arange(height) * pixels.shape[0] // height, np.arange(width) * pixels.shape[1] // width
        return Image.fromarray(pixels[rows][:, columns])
    blended = _blended(_blended(pixels.astype(np.float32), height).swapaxes(0, 1), width).swapaxes(0, 1)
    return Image.fromarray(np.floor(blended + 0.5).astype(np.uint8))


def _blended(pixels: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    """The first axis at `size`, each value from its two nearest neighbours."""
    at = np.clip((np.arange(size) + 0.5) * len(pixels) / size - 0.5, 0, len(pixels) - 1)
    before = np.floor(at).astype(np.intp)
    after = np.minimum(before + 1, len(pixels) - 1)
    share = (at - before).astype(np.float32).reshape(-1, *[1] * (pixels.ndim - 1))
    blended: npt.NDArray[np.float32] = pixels[before] * (1 - share) + pixels[after] * share
    return blended
