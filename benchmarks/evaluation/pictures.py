"""Pictures in files and folders: which they are, and what a model sees of them, a batch at a time.

Ten thousand pictures are never in memory together: a batch is decoded on threads, and forgotten when the next is asked
for. A file that cannot be read is a value here, not the end of the run.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from benchmarks.formats.errors import InputsError
from benchmarks.formats.inputs import DECODERS
from metadata.card import CenterSquare, ImageSpec
from metadata.errors import PictureError
from metadata.picture import decode
from metadata.preprocess import Pixels, pixels

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"})
# Pictures to their owner, though not readable here: they are named, rather than passed over in silence.
FOREIGN_ENDINGS = frozenset({".avif", ".heic", ".heif", ".jxl", ".tif", ".tiff"})
THUMBNAIL = 256
BATCH = 32

_WHOLE = CenterSquare(1, 1)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the model sees it, uint8 (height, width, channels), and as a person does where asked."""

    file: Path
    levels: Pixels
    thumbnail: Image.Image | None


def find(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Every file of `paths`, and every picture below every folder of them, in order, each once; hidden ones left out.

    InputsError for a path that leads nowhere, and for a folder without pictures.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(_below(path))
        elif path.is_file():
            found[path] = None
        else:
            raise InputsError(f"{printable(path)}: no such file or folder; give pictures, or folders of them")
    return tuple(found)


def _below(folder: Path) -> list[Path]:
    found = pictures_in(folder, ENDINGS | FOREIGN_ENDINGS)
    if not found:
        endings = ", ".join(sorted(ENDINGS))
        raise InputsError(f"{printable(folder)} holds no pictures; a folder is searched for {endings}")
    return found


def pictures_in(folder: Path, endings: frozenset[str] = ENDINGS) -> list[Path]:
    """Every file below `folder` that is named like a picture, in order of name; hidden ones and folders left out."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in endings and not is_hidden(path.relative_to(folder)) and path.is_file()
    ]


def is_hidden(relative: Path) -> bool:
    """Whether a Mac or a tool put it there, as `._rex.jpg` and `.ipynb_checkpoints`: no picture of anyone's."""
    return any(part.startswith(".") for part in relative.parts)


def printable(name: Path | str) -> str:
    """The name as text that any terminal and any JSON reader can take: unprintable characters become �."""
    return "".join(character if character.isprintable() else "�" for character in str(name))


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
