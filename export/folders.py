"""Folders of pictures, one sub-folder a class, as evaluation sets. The folder's name says which label is true."""

from collections.abc import Iterator
from pathlib import Path

from export.errors import SourceError
from export.recipe import Entry, Evaluation
from export.recipes import unknown

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"})


def labelled_folder(folder: Path, *namings: tuple[str, ...]) -> Evaluation:
    """Every picture below `folder`, true to the sub-folder it is in; each naming lists all labels in order.

    Spaces, underscores and case do not matter. SourceError for an empty folder, or an unknown class.
    """
    found = list(_find(folder, namings))
    if not found:
        raise SourceError(f"--eval-dir {folder} holds no pictures; expected {folder}/<class>/<picture>.jpg")
    entries = (Entry(path.relative_to(folder).as_posix(), path.read_bytes(), truth) for path, truth in found)
    return Evaluation(f"{folder.name} ({len(found)} labelled pictures)", entries)


def pictures_in(folder: Path) -> list[Path]:
    """Every file below `folder` that is named like a picture, in order of name."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())


def _find(folder: Path, namings: tuple[tuple[str, ...], ...]) -> Iterator[tuple[Path, int]]:
    exact = {name: index for naming in namings for index, name in enumerate(naming)}
    loose = {_loosely(name): index for name, index in exact.items()}
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            truth = exact.get(path.name, loose.get(_loosely(path.name)))
            if truth is None:
                raise SourceError(f"--eval-dir {folder}: {unknown('class folder', path.name, tuple(exact))[:400]}")
            yield from ((picture, truth) for picture in pictures_in(path))


def _loosely(name: str) -> str:
    return name.replace("_", " ").strip().casefold()
