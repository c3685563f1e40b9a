"""The MNIST layout of a drawn digit: ink in, a grey 28×28 picture out, in integers throughout.

As LeCun describes the set: scaled into a 20×20 box with its proportions kept, then placed by its centre of mass in
28×28. How that was rounded is not recorded, but the set shows it: laid out again by the rules below, 49,989 of 50,000
training digits come back unchanged (the others all but one touch the edge). Only drawings are laid out: pictures and
the MNIST set itself never are.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from metadata.card import DigitLayout, Polarity, Resize
from metadata.errors import PictureError
from metadata.preprocess import resized

SIDE = 28

INK_THRESHOLD = 1
"""Any ink counts for the box, as in MNIST: at 26, a tenth of full ink, 16 % of its digits would be cut."""


def layout(ink: npt.NDArray[np.uint8], digit: DigitLayout) -> Image.Image:
    """The drawing as MNIST would hold it: 28×28, mode L, of `digit.polarity`; all paper where there is no ink.

    `ink` is uint8 (height, width), 0 for paper and 255 for full ink; PictureError for anything else. The model's
    input is `preprocess.tensor` of the result.
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
    """The smallest box around all ink; None without any."""
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
    """Where the first row (or column) goes, given the ink in each, so that the mean index of the ink is about 14.

    The mean index, Σ i·v / Σ v, lands in [13.5, 14.5), as in MNIST: ceil(13.5 − mean), in integers. That is moved as
    little as needed for nothing to be cut.
    """
    mass = int(sums.sum())
    if mass == 0:  # ink so sparse that scaling down lost it
        return 0
    moment = int((sums * np.arange(sums.size)).sum())
    return min(max(((SIDE + 1) * mass - 2 * moment - 1) // (2 * mass), 0), SIDE - sums.size)
