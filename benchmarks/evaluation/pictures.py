"""Pictures in files, and what a model sees of them, a batch at a time.

Ten thousand pictures are never in memory together: a batch is decoded on threads, and forgotten when the next is asked
for. A file that cannot be read is a value here, not the end of the run.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from benchmarks.evaluation.picture_files import printable
from benchmarks.formats.inputs import DECODERS
from metadata.card import CenterSquare, ImageSpec
from metadata.errors import PictureError
from metadata.picture import decode
from metadata.preprocess import Pixels, pixels

THUMBNAIL = 256
BATCH = 32

_WHOLE = CenterSquare(1, 1)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the model sees it, uint8 (height, width, channels), and as a person does where asked."""

    file: Path
    levels: Pixels
    thumbnail: Image.Image | None


def batches(
    files: Sequence[Path], image: ImageSpec, thumbnails: int = 0, size: int = BATCH
) -> Iterator[list[Picture | PictureError]]:
    """All files in order, `size` at a time: what each became, or why it could not be read.

    At least the first `thumbnails` pictures come with theirs.
    """
    with ThreadPoolExecutor(DECODERS) as pool:
        for start in range(0, len(files), size):
            load = partial(_load, image=image, with_thumbnail=thumbnails > 0)
            batch = list(pool.map(load, files[start : start + size]))
            thumbnails -= sum(isinstance(item, Picture) for item in batch)
            yield batch


def _load(file: Path, image: ImageSpec, with_thumbnail: bool) -> Picture | PictureError:
    try:
        picture = decode(file, printable(file))
    except PictureError as error:
        return error
    return Picture(file, pixels(picture, image), thumbnail(picture) if with_thumbnail else None)


def thumbnail(picture: Image.Image) -> Image.Image:
    """The central square, THUMBNAIL pixels a side; a tiny picture shows its pixels instead of being blurred."""
    left, top, side = _WHOLE.box(*picture.size)
    resample = Image.Resampling.NEAREST if side * 4 <= THUMBNAIL else Image.Resampling.LANCZOS
    square = picture.crop((left, top, left + side, top + side))
    return square.resize((THUMBNAIL, THUMBNAIL), resample, reducing_gap=2.0)
