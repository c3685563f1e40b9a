"""Apply an `ImageSpec`: upright pictures in, input tensors out. Every byte of the result is specified.

The order is fixed: RGB or luma → crop → resize, horizontal pass first → table. Normalising and quantising happen in
a table of 256 entries a channel, because a pixel is one of 256 values. Nothing here opens a file.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from metadata.card import ImageSpec, Resize
from metadata.errors import CardError, PictureError

Pixels: TypeAlias = npt.NDArray[np.uint8]
Tensor: TypeAlias = npt.NDArray[np.float32 | np.uint8 | np.int8]

_FILTERS = {
    Resize.PILLOW_BILINEAR: Image.Resampling.BILINEAR,
    Resize.PILLOW_BICUBIC: Image.Resampling.BICUBIC,
    Resize.PILLOW_NEAREST: Image.Resampling.NEAREST,
}


ONE = 1 << 22
"""1 in the fixed point of Pillow's resizing, which the phone's has too."""


class QuantizedType(StrEnum):
    """Integer types of an input tensor for pictures."""

    UINT8 = "uint8"
    INT8 = "int8"


@dataclass(frozen=True, slots=True)
class Quantization:
    """How an integer input stores real numbers: real = (q − zero_point) · scale. `scale` is the file's float32."""

    scale: float
    zero_point: int
    dtype: QuantizedType

    def __post_init__(self) -> None:
        if not (math.isfinite(self.scale) and self.scale > 0):
            raise CardError(f"input scale {self.scale} is not positive; export the model again")
        low, high = self.limits
        if not low <= self.zero_point <= high:
            raise CardError(f"input zero point {self.zero_point} is no {self.dtype}; export the model again")

    @property
    def limits(self) -> tuple[int, int]:
        """The smallest and the largest value of the type."""
        return (0, 255) if self.dtype is QuantizedType.UINT8 else (-128, 127)


@lru_cache(maxsize=64)
def table(spec: ImageSpec, quantization: Quantization | None = None) -> Tensor:
    """What each of the 256 levels becomes, read-only, shape (channels, 256).

    float32 without `quantization`: (p − mean) / std in float64, rounded once. Otherwise the integer type:
    clamp(floor((p − mean) / std / scale + zero_point + 0.5)). CardError when a level overflows float32.
    """
    level = np.arange(256, dtype=np.float64)
    mean, std = np.asarray(spec.mean)[:, np.newaxis], np.asarray(spec.std)[:, np.newaxis]
    with np.errstate(over="ignore"):
        real = (level - mean) / std
        entries: Tensor = real.astype(np.float32)
        if not np.isfinite(entries).all():
            raise CardError(f"mean {spec.mean} and std {spec.std} overflow float32; give them on pixels 0..255")
        if quantization is not None:
            rounded = np.floor(real / quantization.scale + quantization.zero_point + 0.5)
            entries = np.clip(rounded, *quantization.limits).astype(str(quantization.dtype))
    entries.flags.writeable = False
    return entries


def resized(picture: Image.Image, width: int, height: int, resize: Resize) -> Image.Image:
    """`picture` at `width` × `height`: the horizontal pass, then the vertical one, none where nothing changes.

    Two calls, because in one call Pillow chooses which pass comes first.
    """
    if resize is Resize.BILINEAR_HALF_PIXEL:
        levels = _between_neighbours(_between_neighbours(np.asarray(picture), width, axis=1), height, axis=0)
        return Image.fromarray(levels)
    resample = _FILTERS[resize]
    if picture.width != width:
        picture = picture.resize((width, picture.height), resample)
    if picture.height != height:
        picture = picture.resize((width, height), resample)
    return picture


def _between_neighbours(levels: Pixels, outputs: int, axis: int) -> Pixels:
    """`levels` with `outputs` entries along `axis`, each between the two inputs around its centre, in fixed point."""
    size = levels.shape[axis]
    if size == outputs:
        return levels
    position = np.clip((np.arange(outputs) + 0.5) * (size / outputs) - 0.5, 0, size - 1)
    first = position.astype(np.int64)
    share = np.floor((position - first) * ONE + 0.5).astype(np.int64)
    share = share.reshape([-1 if along == axis else 1 for along in range(levels.ndim)])
    low = np.take(levels, first, axis).astype(np.int64)
    high = np.take(levels, np.minimum(first + 1, size - 1), axis).astype(np.int64)
    resized_levels: Pixels = ((low * (ONE - share) + high * share + ONE // 2) // ONE).astype(np.uint8)
    return resized_levels


def pixels(picture: Image.Image, spec: ImageSpec) -> Pixels:
    """The levels that the table is applied to, 0..255, uint8, shape (height, width, channels) of `spec`.

    `picture` is upright RGB or grey, as `picture.decode` and `digit.layout` return it; PictureError otherwise.
    """
    if picture.mode not in ("L", "RGB"):
        raise PictureError(f"colour mode {picture.mode} is not upright RGB or grey; pass it through picture.upright")
    mode = "L" if spec.channels == 1 else "RGB"
    if picture.mode != mode:
        picture = picture.convert(mode)
    if spec.crop is not None:
        left, top, side = spec.crop.box(picture.width, picture.height)
        picture = picture.crop((left, top, left + side, top + side))
    picture = resized(picture, spec.width, spec.height, spec.resize)
    return np.asarray(picture).reshape(spec.height, spec.width, spec.channels)


def tensor(picture: Image.Image, spec: ImageSpec, quantization: Quantization | None = None) -> Tensor:
    """One input without its batch axis, (height, width, channels): float32, or the integer type of `quantization`."""
    return normalised(pixels(picture, spec), spec, quantization)


def normalised(levels: Pixels, spec: ImageSpec, quantization: Quantization | None = None) -> Tensor:
    """The model's input for levels that `pixels` returned, one picture or a batch: the table alone, no geometry."""
    entries = table(spec, quantization)
    out: Tensor = np.empty(levels.shape, entries.dtype)
    # "clip" because no level is out of range, and "raise" would make a second copy to be safe.
    if (entries == entries[0]).all():
        np.take(entries[0], levels, mode="clip", out=out)
    else:
        for channel, row in enumerate(entries):
            out[..., channel] = np.take(row, levels[..., channel], mode="clip")
    return out
