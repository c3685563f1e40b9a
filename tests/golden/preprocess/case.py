"""What a golden case is: a picture or a drawing, a spec, and what the cases share."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from metadata.card import CenterSquare, DigitLayout, ImageSpec, Resize
from metadata.preprocess import Quantization
from tests.golden.preprocess import paint

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Photo:
    """An encoded picture, by the name of its file."""

    file: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Ink:
    """A drawing, uint8 (height, width), by the name of its file."""

    file: str
    levels: Bytes


@dataclass(frozen=True, slots=True)
class Case:
    """One source, one spec; the tensor follows. `jpeg_levels`: how far another JPEG decoder may be off, or None."""

    name: str
    source: Photo | Ink
    spec: ImageSpec
    quantization: Quantization | None = None
    jpeg_levels: int | None = None


def rgb(width: int, height: int, crop: CenterSquare | None = None, resize: Resize | None = None) -> ImageSpec:
    """Three channels in [-1, 1]."""
    return ImageSpec(height, width, 3, (127.5,) * 3, (127.5,) * 3, crop, resize or Resize.PILLOW_BILINEAR)


def grey(width: int, height: int, crop: CenterSquare | None = None, digit: DigitLayout | None = None) -> ImageSpec:
    """One channel in [0, 1]."""
    return ImageSpec(height, width, 1, (0.0,), (255.0,), crop, digit=digit)


def levels(spec: ImageSpec) -> ImageSpec:
    """The same with levels 0..255 left as they are."""
    return replace(spec, mean=(0.0,) * spec.channels, std=(1.0,) * spec.channels)


def png(name: str, picture: Image.Image, orientation: int = 1, **options: object) -> Photo:
    """A lossless source."""
    return Photo(f"{name}.png", paint.encoded(picture, "png", orientation, **options))


def noise(name: str, width: int, height: int, channels: int = 3) -> Photo:
    """A lossless source of noise."""
    return png(name, paint.noise(name, width, height, channels))
