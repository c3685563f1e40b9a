"""One way from an encoded picture to a tensor: the right one, or one that is wrong in a known manner.

The right way is what `metadata` carries out. A wrong way is the right one with a field changed, so that a suspected
fault of a phone can be committed here, on the same pictures. Bytes in, arrays out; nothing is judged.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt
from PIL import Image

from metadata import exif
from metadata.card import CenterSquare, ImageSpec, Resize
from metadata.picture import TRANSPOSITIONS, decode
from metadata.preprocess import Pixels, Quantization, Tensor, normalised, resized

RAW = ".raw"


class Orientation(StrEnum):
    """What is done about the EXIF orientation."""

    APPLIED = "applied"
    IGNORED = "ignored"
    TWICE = "applied twice"


class Sampling(StrEnum):
    """How other software resizes: no filter grows with the picture, so that most of its pixels are skipped."""

    BILINEAR = "bilinear without antialiasing"
    """Half-pixel centres, as in tf.image.resize, OpenCV's INTER_LINEAR and Android's createScaledBitmap."""
    NEAREST = "nearest from the corner"
    """Output pixel i is input pixel floor(i · scale), as in OpenCV's INTER_NEAREST."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Everything that moves pixels."""

    crop: CenterSquare | None
    sampling: Resize | Sampling
    orientation: Orientation = Orientation.APPLIED
    quarter_turns: int = 0
    """Clockwise, of the upright picture."""
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class PreprocessVariant:
    """A picture's whole way. `swapped` is BGR for RGB; `inverted` is 255 − level."""

    geometry: Geometry
    mean: tuple[float, ...]
    std: tuple[float, ...]
    swapped: bool = False
    inverted: bool = False

    @classmethod
    def right(cls, spec: ImageSpec) -> Self:
        """The way that `spec` asks for."""
        return cls(Geometry(spec.crop, spec.resize), spec.mean, spec.std)

    def coloured(self, levels: Pixels) -> Pixels:
        """Levels of this geometry after the way's own dealing with colour."""
        if self.inverted:
            levels = np.invert(levels)
        return np.ascontiguousarray(levels[..., ::-1]) if self.swapped else levels

    def tensor(self, levels: Pixels, spec: ImageSpec, quantization: Quantization | None) -> Tensor:
        """What a model of `spec` is fed, for levels of this geometry, (n, height, width, channels)."""
        return normalised(self.coloured(levels), replace(spec, mean=self.mean, std=self.std), quantization)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Some inputs as they are encoded, `*.raw` pixels among them, and the spec of the model that they are for."""

    names: tuple[str, ...]
    encoded: tuple[bytes, ...] = field(repr=False)
    spec: ImageSpec

    def levels(self, geometries: Sequence[Geometry]) -> dict[Geometry, Pixels]:
        """By geometry, uint8 (n, height, width, channels). Every picture is decoded once for all of them."""
        rows: dict[Geometry, list[Pixels]] = {one: [] for one in geometries}
        for name, data in zip(self.names, self.encoded, strict=True):
            picture, orientation = self._opened(name, data)
            for one, row in rows.items():
                row.append(_levels(picture, orientation, one, self.spec))
        return {one: np.stack(row) for one, row in rows.items()}

    def _opened(self, name: str, data: bytes) -> tuple[Image.Image, int | None]:
        """The upright picture and its EXIF orientation, None for raw pixels, which are never cropped or resized."""
        if not name.endswith(RAW):
            return decode(data, name), _orientation(data)
        spec = self.spec
        pixels = np.frombuffer(data, np.uint8).reshape(spec.height, spec.width, spec.channels)
        return Image.fromarray(pixels[..., 0] if spec.channels == 1 else pixels), None


_TURNS = (None, Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)
_BACK = {**TRANSPOSITIONS, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


def _orientation(data: bytes) -> int:
    with Image.open(io.BytesIO(data)) as image:
        return exif.orientation(image.info.get("exif", b""))


def _levels(picture: Image.Image, orientation: int | None, way: Geometry, spec: ImageSpec) -> Pixels:
    turns = {Orientation.IGNORED: _BACK, Orientation.TWICE: TRANSPOSITIONS}.get(way.orientation, {})
    exif_turn = turns.get(orientation) if orientation is not None else None
    mirror = Image.Transpose.FLIP_LEFT_RIGHT if way.mirrored else None
    for turn in (exif_turn, _TURNS[way.quarter_turns], mirror):
        picture = picture if turn is None else picture.transpose(turn)
    picture = picture.convert("L" if spec.channels == 1 else "RGB")
    if orientation is not None:
        if way.crop is not None:
            left, top, side = way.crop.box(picture.width, picture.height)
            picture = picture.crop((left, top, left + side, top + side))
        picture = _sampled(picture, spec.width, spec.height, way.sampling)
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
