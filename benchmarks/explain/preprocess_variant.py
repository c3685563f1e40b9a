"""How a picture becomes a tensor, as values: what a model asks for, or a variant of it that is wrong in a known way.

What the model asks for is carried out by `metadata`. A variant has some fields changed, so that a fault which a phone
may have can be reproduced on this computer, with the same pictures.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

import numpy as np

from metadata.card import CenterSquare, ImageSpec, Resize
from metadata.preprocess import Pixels, Quantization, Tensor, normalised


class Orientation(StrEnum):
    """What is done about the EXIF orientation."""

    APPLIED = "applied"
    IGNORED = "ignored"
    TWICE = "applied twice"


class Sampling(StrEnum):
    """How other software resizes. The filter does not grow with the picture, so most pixels are skipped."""

    BILINEAR = "bilinear without antialiasing"
    """Half-pixel centres, as in tf.image.resize, OpenCV's INTER_LINEAR and Android's createScaledBitmap."""
    NEAREST = "nearest from the corner"
    """Output pixel i is input pixel floor(i · scale), as in OpenCV's INTER_NEAREST."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Everything that moves pixels. `quarter_turns` are clockwise, of the upright picture."""

    crop: CenterSquare | None
    sampling: Resize | Sampling
    orientation: Orientation = Orientation.APPLIED
    quarter_turns: int = 0
    mirrored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PreprocessVariant(Geometry):
    """The whole preprocessing of a picture. `swapped` is BGR for RGB; `inverted` is 255 − level."""

    mean: tuple[float, ...]
    std: tuple[float, ...]
    swapped: bool = False
    inverted: bool = False

    @classmethod
    def right(cls, spec: ImageSpec) -> Self:
        """What `spec` asks for."""
        return cls(spec.crop, spec.resize, mean=spec.mean, std=spec.std)

    @property
    def geometry(self) -> Geometry:
        """The geometry alone: variants that share it share their levels."""
        return Geometry(self.crop, self.sampling, self.orientation, self.quarter_turns, self.mirrored)

    def coloured(self, levels: Pixels) -> Pixels:
        """Levels of this geometry, inverted and swapped as this variant does it."""
        if self.inverted:
            levels = np.invert(levels)
        return np.ascontiguousarray(levels[..., ::-1]) if self.swapped else levels

    def tensor(self, levels: Pixels, spec: ImageSpec, quantization: Quantization | None) -> Tensor:
        """The input of a model of `spec`, for levels of this geometry, (n, height, width, channels)."""
        return normalised(self.coloured(levels), replace(spec, mean=self.mean, std=self.std), quantization)
