"""The classes and pictures to train on: a folder's class folders, judged by what a classifier needs.

Only names are read, no file is opened: a folder that cannot be used is refused before anything is computed.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.evaluation.number_format import plural
from benchmarks.evaluation.picture_files import ENDINGS, kinds
from export.data.class_folders import ClassFolder, ClassFolders, folders_in, listed, read_class_folders, wrapped
from export.data.split_names import Split, compared, nfc
from export.errors import SourceError


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture file: its name is its path below the folder, `label` the index of its class, `split` None if open."""

    path: Path
    name: str
    label: int
    split: Split | None


@dataclass(frozen=True, slots=True)
class Classes:
    """All classes of a folder in order of name, and their pictures in order of folder and name.

    `notes` is what a user should know of the folder, such as which files are passed over.
    """

    folder: Path
    labels: tuple[str, ...]
    photos: tuple[Photo, ...]
    notes: tuple[str, ...] = ()


def find(folder: Path) -> Classes:
    """The classes below `folder`; SourceError, one line, for a folder that cannot be trained on."""
    if not folder.is_dir():
        raise SourceError(f"{folder}: no such folder; give one with a sub-folder of pictures for each class")
    found = read_class_folders(folder, str(folder))
    _refuse_the_same_name(found)
    labels = _labels(found)
    _refuse_unusable(found, tuple(labels.values()))
    return Classes(folder, tuple(labels.values()), tuple(_photos(found, list(labels))), tuple(found.notes(str(folder))))


def _labels(found: ClassFolders) -> dict[str, str]:
    """Compared name → label of every class, in order of label; SourceError where the splits have different ones."""
    by_split: dict[Split | None, dict[str, str]] = defaultdict(dict)
    for folder in found.folders:
        by_split[folder.split][compared(folder.label)] = folder.label
    if found.splits and Split.TRAIN not in found.splits:
        raise SourceError(
            f"{found.root} has folders for {' and '.join(sorted(found.splits))}, and none for training; "
            "add one called train, or give the folder of the classes itself"
        )
    labels = by_split[Split.TRAIN if found.splits else None]
    for split, others in by_split.items():
        different = [(labels | others)[name] for name in sorted(labels.keys() ^ others.keys())]
        if different:
            names = ", ".join(different[:3])
            raise SourceError(f"{found.root}: train and {split} have different classes ({names}); make them equal")
    return dict(sorted(labels.items(), key=lambda item: item[1]))


def _refuse_unusable(found: ClassFolders, labels: tuple[str, ...]) -> None:
    layout = f"expected {found.root}/<class>/<picture>.jpg with a folder for each class"
    if not labels:
        raise SourceError(f"{found.root} has no class folders; {layout}")
    if len(labels) == 1:
        _refuse_folder_of_classes(found)
        raise SourceError(f"{found.root} has one class only, {labels[0]}; a classifier needs at least two: {layout}")
    if {label.casefold() for label in labels} == {"images", "labels"}:
        raise SourceError(
            f"{found.root}: folders images and labels are a data set for detection; "
            "for a classifier, sort the pictures into a folder for each class"
        )
    for label in labels:
        if not label.isprintable() or not label.strip():
            raise SourceError(f"{found.root}: class folder {label!r} cannot be a label; rename it to one line of text")


def _refuse_folder_of_classes(found: ClassFolders) -> None:
    """SourceError where the only class folder holds several folders: often that of the archive they came in."""
    only = found.folders[0]
    if several := wrapped(only.path):
        names = listed(nfc(folder.name) for folder in folders_in(several))
        place = several.relative_to(found.root).as_posix()
        remedy = f"give {several}" if only.split is None else f"move them to {only.path.parent}"
        raise SourceError(
            f"{found.root} has one class folder only, {only.label}; {place} holds {names}: "
            f"if these are the classes, {remedy}"
        )


def _refuse_the_same_name(found: ClassFolders) -> None:
    seen: dict[tuple[Split | None, str], ClassFolder] = {}
    for folder in found.folders:
        other = seen.setdefault((folder.split, compared(folder.label)), folder)
        if other.label != folder.label or (other is not folder and other.path.parent == folder.path.parent):
            raise SourceError(
                f"{found.root}: class folders {other.label} and {folder.label} have the same name but for case; "
                "join them, or rename one"
            )


def _photos(found: ClassFolders, classes: list[str]) -> Iterator[Photo]:
    index = {name: label for label, name in enumerate(classes)}
    for folder in found.folders:
        if not folder.files.pictures:
            others = folder.files.others
            content = f"{plural(len(others), 'file')}, none of them a picture: {kinds(others)}" if others else "nothing"
            raise SourceError(
                f"{found.root}: class folder {found.picture_name(folder.path)} holds {content}; "
                f"add pictures ({', '.join(sorted(ENDINGS))}), or remove the folder"
            )
        for picture in folder.files.pictures:
            yield Photo(picture, found.picture_name(picture), index[compared(folder.label)], folder.split)
