"""Folders of pictures, one sub-folder a class, as evaluation sets. The folder's name says which label is true."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.formats.inputs import DECODERS
from export.errors import SourceError, unknown
from export.recipe import Entry, Evaluation
from metadata.errors import PictureError
from metadata.picture import decode

MAX_SKIPPED = 0.05
AHEAD = 8  # encoded files that are read and decoded before they are asked for
ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"})


def labelled_folder(folder: Path, say: Callable[[str], None], *namings: tuple[str, ...]) -> Evaluation:
    """Every picture below `folder`, true to the sub-folder it is in; each naming lists all labels in order.

    Spaces, underscores and case do not matter. Pictures that cannot be read are named through `say` and left out.
    SourceError for an empty folder, an unknown class, and when too many pictures cannot be read.
    """
    found = list(find(folder, namings))
    if not found:
        raise SourceError(f"--eval-dir {folder} holds no pictures; expected {folder}/<class>/<picture>.jpg")
    named = [(path.relative_to(folder).as_posix(), path, truth) for path, truth in found]
    return Evaluation(f"labelled pictures in {folder.name}", readable(f"--eval-dir {folder}", named, say))


def readable(what: str, found: Sequence[tuple[str, Path, int]], say: Callable[[str], None]) -> Iterator[Entry]:
    """(name, path, truth) as entries, each decoded once, before minutes are spent on a model; the rest is said.

    A torn file is found now or at the very end. Some are decoded ahead on threads; no more are in memory. SourceError,
    about `what`, when more than one in twenty cannot be read.
    """
    skipped = 0
    with ThreadPoolExecutor(DECODERS) as pool:
        for start in range(0, len(found), AHEAD):
            part = found[start : start + AHEAD]
            for (name, _, truth), data in zip(part, pool.map(_whole, part), strict=True):
                if isinstance(data, PictureError):
                    skipped += 1
                    say(f"skipped {data}")
                else:
                    yield Entry(name, data, truth)
    if skipped > MAX_SKIPPED * len(found):
        raise SourceError(
            f"{what}: {skipped} of {len(found)} pictures cannot be read, more than {MAX_SKIPPED:.0%}; "
            "mend or remove those named above"
        )


def _whole(one: tuple[str, Path, int]) -> bytes | PictureError:
    """The file's bytes once they have been decoded, or why they cannot be."""
    name, path, _ = one
    try:
        data = path.read_bytes()
        decode(data, name)
    except OSError as error:
        return PictureError(f"{name}: cannot be read, {error.strerror}")
    except PictureError as error:
        return error
    return data


def pictures_in(folder: Path, endings: frozenset[str] = ENDINGS) -> list[Path]:
    """Every file below `folder` that is named like a picture, in order of name; hidden ones and folders left out."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in endings and not _hidden(path.relative_to(folder)) and path.is_file()
    ]


def _hidden(below: Path) -> bool:
    """Whether a Mac or a tool put it there, as `._rex.jpg` and `.ipynb_checkpoints`: no picture of anyone's."""
    return any(part.startswith(".") for part in below.parts)


def find(folder: Path, namings: tuple[tuple[str, ...], ...]) -> Iterator[tuple[Path, int]]:
    """Every picture below `folder` and its truth, undecoded; SourceError for an unknown class."""
    exact = {name: index for naming in namings for index, name in enumerate(naming)}
    loose = {_loosely(name): index for name, index in exact.items()}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not _hidden(path.relative_to(folder)):
            truth = exact.get(path.name, loose.get(_loosely(path.name)))
            if truth is None:
                raise SourceError(f"--eval-dir {folder}: {unknown('class folder', path.name, tuple(exact))[:400]}")
            yield from ((picture, truth) for picture in pictures_in(path))


def _loosely(name: str) -> str:
    return name.replace("_", " ").strip().casefold()
