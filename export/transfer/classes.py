"""The classes and pictures of a folder: one sub-folder a class, directly or in `train/`, `validation/` and `test/`.

Only names are read, no file is opened: a folder that cannot be used is refused before anything is computed.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from benchmarks.evaluation.pictures import ENDINGS
from export.errors import SourceError


class Split(StrEnum):
    """What a picture is used for: TRAIN for training, VALIDATION to choose the best epoch, TEST only to measure."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


NAMED_SPLITS = {"train": Split.TRAIN, "validation": Split.VALIDATION, "val": Split.VALIDATION, "test": Split.TEST}


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture file: its name is its path below the folder, `label` the index of its class, `split` None if open."""

    path: Path
    name: str
    label: int
    split: Split | None


@dataclass(frozen=True, slots=True)
class Classes:
    """All classes of a folder in order of name, and their pictures in order of name."""

    folder: Path
    labels: tuple[str, ...]
    photos: tuple[Photo, ...]


def find(folder: Path) -> Classes:
    """The classes below `folder`; SourceError, one line, for a folder that cannot be trained on.

    Hidden files and folders are ignored, and so are files not named like a picture.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: no such folder; give one with a sub-folder of pictures for each class")
    below = _folders(folder)
    parts: list[tuple[Split | None, dict[str, Path]]]
    if below and "train" in below and set(below) <= set(NAMED_SPLITS):
        parts = [(NAMED_SPLITS[name], _folders(path)) for name, path in below.items()]
        labels = tuple(_folders(below["train"]))
        for split, classes in parts:
            if tuple(classes) != labels:
                different = ", ".join(sorted(set(labels) ^ set(classes))[:3])
                raise SourceError(f"{folder}: train and {split} have different classes ({different}); make them equal")
    else:
        parts, labels = [(None, below)], tuple(below)
    _refuse_unusable(folder, labels)
    photos = tuple(_photos(folder, parts))
    return Classes(folder, labels, photos)


def _folders(folder: Path) -> dict[str, Path]:
    """Name → path of every visible sub-folder, in order of name; SourceError where two have the same.

    Names are composed (NFC): macOS names a folder 고양이 by the parts of its letters, and labels are alike everywhere.
    """
    found: dict[str, Path] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir() and _visible(entry.name):
                name = unicodedata.normalize("NFC", entry.name)
                if name in found:
                    raise _same_name(folder, found[name].name, entry.name)
                found[name] = folder / entry.name
    return dict(sorted(found.items()))


def _visible(name: str) -> bool:
    return not name.startswith((".", "__"))


def _refuse_unusable(folder: Path, labels: tuple[str, ...]) -> None:
    layout = f"expected {folder}/<class>/<picture>.jpg with a folder for each class"
    if not labels:
        raise SourceError(f"{folder} has no class folders; {layout}")
    if len(labels) == 1:
        raise SourceError(f"{folder} has one class only, {labels[0]}; a classifier needs at least two: {layout}")
    seen: dict[str, str] = {}
    for label in labels:
        if not label.isprintable() or not label.strip():
            raise SourceError(f"{folder}: class folder {label!r} cannot be a label; rename it to one line of text")
        plain = unicodedata.normalize("NFKC", label).casefold().strip()
        if plain in seen:
            raise _same_name(folder, seen[plain], label)
        seen[plain] = label


def _same_name(folder: Path, one: str, other: str) -> SourceError:
    return SourceError(
        f"{folder}: class folders {one} and {other} have the same name but for case; join them, or rename one"
    )


def _photos(folder: Path, parts: Iterable[tuple[Split | None, Mapping[str, Path]]]) -> Iterator[Photo]:
    for split, classes in parts:
        for label, (name, path) in enumerate(classes.items()):
            files = list(_files(path))
            pictures = [file for file in files if file.suffix.lower() in ENDINGS]
            if not pictures:
                content = f"{len(files)} files, none of them a picture" if files else "nothing"
                place = f"{split}/{name}" if split else name
                raise SourceError(
                    f"{folder}: class folder {place} holds {content}; "
                    f"add pictures ({', '.join(sorted(ENDINGS))}), or remove the folder"
                )
            yield from (Photo(file, file.relative_to(folder).as_posix(), label, split) for file in pictures)


def _files(folder: Path) -> Iterable[Path]:
    """Every visible file below `folder`, in order of name."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if _visible(name)]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(found)
