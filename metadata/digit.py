"""The MNIST layout of a drawn digit: ink in, a grey 28×28 picture out, in integers throughout.

As LeCun describes the set: scaled into a 20×20 box with its proportions kept, then placed so that its centre of mass
is the centre of 28×28. How that was rounded is not recorded; the rules here are this kit's own, and a phone follows
them bit for bit. Only drawings are laid out: pictures and the MNIST set itself never are.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from metadata.card import DigitLayout, Polarity, Resize
from metadata.errors import PictureError
from metadata.preprocess import resized

SIDE = 28

INK_THRESHOLD = 26
"""A tenth of full ink: below it lies the fringe of an antialiased stroke, which must not widen the box."""


def layout(ink: npt.NDArray[np.uint8], digit: DigitLayout) -> Image.Image:
    """The drawing as MNIST would hold it: 28×28, mode L, of `digit.polarity`; all paper where there is no ink.

    `ink` is uint8 (height, width), 0 for paper and 255 for full ink; PictureError for anything else. What the model
    is fed is `preprocess.tensor` of the result.
    """
    if ink.dtype != np.uint8 or ink.ndim != 2:
        raise PictureError(f"ink is {ink.dtype} {ink.shape}; give uint8 of shape (height, width)")
    placed = np.zeros((SIDE, SIDE), np.uint8)
    drawn = _cropped(ink)
    if drawn is not None:
        glyph = np.asarray(resized(Image.fromarray(drawn), *_size(drawn, digit.box), Resize.PILLOW_BILINEAR))
        top, left = _offset(glyph.sum(axis=1, dtype=np.int64)), _offset(glyph.sum(axis=0, dtype=np.int64))
        placed[top : top + glyph.shape[0], left : left + glyph.shape[1]] = glyph
    return Image.fromarray(placed if digit.polarity is Polarity.LIGHT_ON_DARK else 255 - placed)


def _cropped(ink: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8] | None:
    """The smallest box around all ink at or above the threshold, with the fainter ink inside it."""
    rows = np.flatnonzero((ink >= INK_THRESHOLD).any(axis=1))
    columns = np.flatnonzero((ink >= INK_THRESHOLD).any(axis=0))
    if rows.size == 0:
        return None
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _size(drawn: npt.NDArray[np.uint8], box: int) -> tuple[int, int]:
    """(width, height) whose longer side is `box`; the shorter keeps the proportions, half up, at least 1."""
    height, width = drawn.shape
    longer = max(height, width)
    return max(1, (2 * width * box + longer) // (2 * longer)), max(1, (2 * height * box + longer) // (2 * longer))


def _offset(sums: npt.NDArray[np.int64]) -> int:
    """Where the first row (or column) goes, given the ink in each, so that the centre of mass falls on 14.

    Index i is centred at i + 0.5, so the offset is 13.5 − Σ i·v / Σ v to the nearest integer, halves up, which is
    floor(14 − Σ i·v / Σ v); then moved as little as needed for nothing to be cut.
    """
    mass = int(sums.sum())
    if mass == 0:  # ink so sparse that scaling down lost it
        return 0
    moment = int((sums * np.arange(sums.size)).sum())
    return min(max((SIDE // 2 * mass - moment) // mass, 0), SIDE - sums.size)
