"""What the spec costs over the plain Pillow calls it is built from: crop, two resizes, `np.asarray`."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from metadata.card import CenterSquare, ImageSpec
from metadata.preprocess import Quantization, QuantizedType, tensor
from tests.perf.ratio import Ratio, paired

TARGET = 1.3

SIDE = 224
SPEC = ImageSpec(SIDE, SIDE, 3, (127.0,) * 3, (128.0,) * 3, CenterSquare(7, 8))
BY_CHANNEL = replace(SPEC, mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
QUANTIZED = Quantization(1 / 128, 127, QuantizedType.UINT8)


def plain(frame: Image.Image) -> npt.NDArray[Any]:
    """The levels that the spec's table would be applied to, without the table."""
    left, top, side = CenterSquare(7, 8).box(frame.width, frame.height)
    square = frame.crop((left, top, left + side, top + side))
    wide = square.resize((SIDE, side), Image.Resampling.BILINEAR)
    return np.asarray(wide.resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def measure() -> list[Ratio]:
    """A camera frame of 640×480 to 224 px, to float32, to uint8, and with a table of its own a channel."""
    frame = Image.fromarray(np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8))
    return [
        Ratio(f"preprocess 640x480 to 224, {name}, over plain Pillow", value, TARGET, at_most=True)
        for name, value in (
            ("float32", paired(lambda: tensor(frame, SPEC), lambda: plain(frame))),
            ("uint8", paired(lambda: tensor(frame, SPEC, QUANTIZED), lambda: plain(frame))),
            ("float32 by channel", paired(lambda: tensor(frame, BY_CHANNEL), lambda: plain(frame))),
        )
    ]
