"""Folders of pictures, one sub-folder a class, as evaluation sets. A sub-folder's name is the true label."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.evaluation.pictures import is_hidden, pictures_in
from benchmarks.formats.inputs import DECODERS
from export.errors import SourceError, unknown
from export.recipe import Entry, Evaluation
from metadata.errors import PictureError
from metadata.picture import decode

MAX_SKIPPED = 0.05  # of all pictures; with more, what is left would not be the user's data
NAMED = 10  # of a long list; the count says how many more there are
AHEAD = 8  # encoded files that are read and decoded before they are asked for


def labelled_folder(folder: Path, say: Callable[[str], None], *namings: tuple[str, ...]) -> Evaluation:
    """Every picture below `folder`; its sub-folder is its true label. Each naming lists all labels in order.

    Spaces, underscores and case do not matter. Pictures that cannot be read are named through `say` and left out.
    SourceError for an empty folder, an unknown class, and when too many pictures cannot be read.
    """
    found = list(find(folder, namings))
    if not found:
        raise SourceError(f"--eval-dir {folder} holds no pictures; expected {folder}/<class>/<picture>.jpg")
    named = [(path.relative_to(folder).as_posix(), path, truth) for path, truth in found]
    return Evaluation(f"labelled pictures in {folder.name}", readable(f"--eval-dir {folder}", named, say))


def readable(place: str, found: Sequence[tuple[str, Path, int]], say: Callable[[str], None]) -> Iterator[Entry]:
    """(name, path, truth) as entries. Each picture is decoded once, so that a damaged file is found before training.

    Some are decoded ahead on threads; no more are in memory. Unreadable ones are left out, as `report_skipped` says.
    """
    skipped: list[PictureError] = []
    with ThreadPoolExecutor(DECODERS) as pool:
        for start in range(0, len(found), AHEAD):
            part = found[start : start + AHEAD]
            for (name, _, truth), data in zip(part, pool.map(_read_decodable, part), strict=True):
                if isinstance(data, PictureError):
                    skipped.append(data)
                else:
                    yield Entry(name, data, truth)
    report_skipped(place, skipped, len(found), say)


def _read_decodable(file: tuple[str, Path, int]) -> bytes | PictureError:
    """The file's bytes if they can be decoded, else the reason why not."""
    name, path, _ = file
    try:
        data = path.read_bytes()
        decode(data, name)
    except OSError as error:
        return PictureError(f"{name}: cannot be read, {error.strerror}")
    except PictureError as error:
        return error
    return data


def report_skipped(place: str, reasons: Sequence[object], total: int, say: Callable[[str], None]) -> None:
    """Say why pictures of `place` were left out; SourceError when they are more than one in twenty of `total`."""
    say_first([f"skipped {reason}" for reason in reasons], "more cannot be read", say)
    if len(reasons) > MAX_SKIPPED * total:
        raise SourceError(
            f"{place}: {len(reasons)} of {total} pictures cannot be read, more than {MAX_SKIPPED:.0%}; "
            "repair or remove those named above"
        )


def say_first(lines: Sequence[str], rest: str, say: Callable[[str], None]) -> None:
    """Say the first `NAMED` lines, and how many `rest` there are beyond them."""
    for line in lines[:NAMED]:
        say(line)
    if len(lines) > NAMED:
        say(f"… and {len(lines) - NAMED:,} {rest}")


def find(folder: Path, namings: tuple[tuple[str, ...], ...]) -> Iterator[tuple[Path, int]]:
    """Every picture below `folder` and its truth, undecoded; SourceError for an unknown class."""
    exact = {name: index for naming in namings for index, name in enumerate(naming)}
    normal = {_normal(name): index for name, index in exact.items()}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not is_hidden(path.relative_to(folder)):
            truth = exact.get(path.name, normal.get(_normal(path.name)))
            if truth is None:
                raise SourceError(f"--eval-dir {folder}: {unknown('class folder', path.name, tuple(exact))[:400]}")
            yield from ((picture, truth) for picture in pictures_in(path))


def _normal(name: str) -> str:
    """Without what does not matter; macOS names a folder by the parts of its letters, labels have them composed."""
    return unicodedata.normalize("NFC", name).replace("_", " ").strip().casefold()
