"""README.md as a program, to be ported to another language: no Pillow, nothing of `metadata`, only arrays and integers.

The tests hold this port, Pillow and the golden tensors equal to the last bit. It is written for readers, not for speed.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.int64]

PRECISION_BITS = 22
HALF = 1 << (PRECISION_BITS - 1)

DTYPES = {None: "<f4", "uint8": "u1", "int8": "i1"}


def on_white(rgba: Levels) -> Levels:
    """Straight alpha, (h, w, 4), over white: (h, w, 3)."""
    colour, alpha = rgba[..., :3], rgba[..., 3:]
    flat: Levels = (colour * alpha + 255 * (255 - alpha) + 127) // 255
    return flat


def turned(levels: Levels, orientation: int) -> Levels:
    """The picture upright: each of its pixels fetched from the stored (w, h) picture."""
    h, w = levels.shape[:2]
    width, height = (w, h) if orientation <= 4 else (h, w)
    y, x = np.mgrid[:height, :width]
    source_x, source_y = {
        1: (x, y),
        2: (w - 1 - x, y),
        3: (w - 1 - x, h - 1 - y),
        4: (x, h - 1 - y),
        5: (y, x),
        6: (y, h - 1 - x),
        7: (w - 1 - y, h - 1 - x),
        8: (w - 1 - y, x),
    }[orientation]
    fetched: Levels = levels[source_y, source_x]
    return fetched


def luma(rgb: Levels) -> Levels:
    """ITU-R 601 in 16-bit fixed point: (h, w, 3) to (h, w, 1)."""
    weighted: Levels = 19595 * rgb[..., :1] + 38470 * rgb[..., 1:2] + 7471 * rgb[..., 2:]
    return (weighted + 32768) >> 16


def cropped(levels: Levels, crop: Mapping[str, Any]) -> Levels:
    """The central square of `preprocess.json`'s `crop`, or everything."""
    if crop["kind"] == "none":
        return levels
    h, w = levels.shape[:2]
    side = max(1, min(w, h) * crop["num"] // crop["den"])
    left, top = (w - side) // 2, (h - side) // 2
    return levels[top : top + side, left : left + side]


def triangle(x: float) -> float:
    """Pillow's bilinear filter, of support 1."""
    return max(0.0, 1.0 - abs(x))


def cubic(x: float) -> float:
    """Pillow's bicubic filter, of support 2: a = −0.5."""
    x, a = abs(x), -0.5
    if x < 1.0:
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1
    return (((x - 5) * x + 8) * x - 4) * a if x < 2.0 else 0.0


FILTERS: dict[str, tuple[Callable[[float], float], float]] = {
    "pillow_bilinear": (triangle, 1.0),
    "pillow_bicubic": (cubic, 2.0),
}


def weights(size: int, new: int, at: int, resize: str) -> tuple[int, list[int]]:
    """(first input index, fixed-point weights) of output `at` when `size` inputs become `new` outputs."""
    if resize == "bilinear_half_pixel":
        return two_neighbours(size, new, at)
    kernel, support = FILTERS[resize]
    scale = size / new
    stretch = max(scale, 1.0)
    support *= stretch
    center = (at + 0.5) * scale
    first = max(0, int(center - support + 0.5))
    last = min(size, int(center + support + 0.5))
    inverse = 1.0 / stretch
    raw = [kernel((index - center + 0.5) * inverse) for index in range(first, last)]
    total = 0.0
    for weight in raw:  # not sum(), which may compensate rounding errors
        total += weight
    shares = [weight / total for weight in raw]
    fixed = [int((-0.5 if share < 0 else 0.5) + share * (1 << PRECISION_BITS)) for share in shares]
    return first, fixed


def two_neighbours(size: int, new: int, at: int) -> tuple[int, list[int]]:
    """The two inputs around the centre of an output; one where the centre lies beyond the last or before the first."""
    position = min(max((at + 0.5) * (size / new) - 0.5, 0.0), size - 1.0)
    first = int(position)
    share = int((position - first) * (1 << PRECISION_BITS) + 0.5)
    return first, [(1 << PRECISION_BITS) - share, share][: size - first]


def horizontal(levels: Levels, new: int, resize: str) -> Levels:
    """One pass: every row of (h, w, c) at `new` pixels."""
    size = levels.shape[1]
    if size == new:
        return levels
    if resize == "pillow_nearest":
        return levels[:, nearest(size, new)]
    out = np.empty((levels.shape[0], new, levels.shape[2]), np.int64)
    for at in range(new):
        first, fixed = weights(size, new, at, resize)
        total = np.full((levels.shape[0], levels.shape[2]), HALF, np.int64)
        for index, weight in enumerate(fixed, first):
            total += levels[:, index] * weight
        out[:, at] = np.clip(total >> PRECISION_BITS, 0, 255)
    return out


def nearest(size: int, new: int) -> list[int]:
    """The input index of each output; the position is summed up in doubles, not multiplied."""
    scale = size / new
    position, indices = scale * 0.5, []
    for _ in range(new):
        indices.append(int(position))
        position += scale
    return indices


def resized(levels: Levels, width: int, height: int, resize: str) -> Levels:
    """The horizontal pass, its result rounded to 8 bits, then the vertical one."""
    wide = horizontal(levels, width, resize)
    return horizontal(wide.swapaxes(0, 1), height, resize).swapaxes(0, 1)


def normalized(levels: Levels, spec: Mapping[str, Any], quantization: Mapping[str, Any] | None) -> bytes:
    """The tensor's bytes: little-endian float32, uint8 or int8, in the order height, width, channel."""
    dtype = DTYPES[quantization["dtype"] if quantization else None]
    table = np.empty((len(spec["mean"]), 256), dtype)
    for channel, (mean, std) in enumerate(zip(spec["mean"], spec["std"], strict=True)):
        for level in range(256):
            value = (level - mean) / std
            if quantization is not None:
                low = 0 if quantization["dtype"] == "uint8" else -128
                value = math.floor(value / quantization["scale"] + quantization["zero_point"] + 0.5)
                value = min(max(value, low), low + 255)
            table[channel, level] = value
    tensor: npt.NDArray[Any] = table[np.arange(len(table)), levels]
    return tensor.tobytes()


def mnist_layout(ink: Levels, digit: Mapping[str, Any]) -> Levels:
    """A drawn digit, (h, w), in MNIST's layout: (28, 28, 1)."""
    placed = np.zeros((28, 28, 1), np.int64)
    if ink.any():
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        drawn = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1, np.newaxis]
        longer, box = max(drawn.shape), digit["box"]
        height, width = (max(1, (2 * side * box + longer) // (2 * longer)) for side in drawn.shape[:2])
        glyph = resized(drawn, width, height, "pillow_bilinear")
        top, left = offset(glyph.sum(axis=(1, 2)).tolist()), offset(glyph.sum(axis=(0, 2)).tolist())
        placed[top : top + height, left : left + width] = glyph
    return placed if digit["polarity"] == "light_on_dark" else 255 - placed


def offset(sums: list[int]) -> int:
    """Where the glyph's first row or column goes, given the ink in each."""
    mass, moment = sum(sums), sum(index * value for index, value in enumerate(sums))
    return min(max((29 * mass - 2 * moment - 1) // (2 * mass), 0), 28 - len(sums)) if mass else 0


def model_input(levels: Levels, spec: Mapping[str, Any], quantization: Mapping[str, Any] | None) -> bytes:
    """From upright levels, (h, w, 3) or a laid-out (28, 28, 1), to the tensor's bytes."""
    if spec["channels"] == 1 and levels.shape[2] == 3:
        levels = luma(levels)
    if spec["channels"] == 3 and levels.shape[2] == 1:
        levels = levels.repeat(3, axis=2)
    square = cropped(levels, spec["crop"])
    return normalized(resized(square, spec["width"], spec["height"], spec["resize"]), spec, quantization)
