"""How a folder of class folders is laid out: the classes at once, or splits with the classes in each, or the reverse.

Only names are read. A layout that could be meant in two ways is refused in one line.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.evaluation.number_format import plural
from benchmarks.evaluation.picture_files import FolderFiles, files_below, is_picture, is_visible, passed_over
from export.data.split_names import Split, compared, nfc, split_of
from export.errors import SourceError

_PURPOSES = {Split.TRAIN: "for training", Split.VALIDATION: "for validation", Split.TEST: "to measure on"}
_NAMES_LISTED = 3

_Inside = Mapping[Path, Sequence[Path]]  # a folder's sub-folders, and the folders in each of them
_Layout = list[tuple[Path, str, Split | None]]  # a folder of pictures, the class and the split that they are of


@dataclass(frozen=True, slots=True)
class ClassFolder:
    """A folder whose pictures, at any depth, are of the class `label`; `split` is None where no folder names one."""

    path: Path
    label: str
    split: Split | None
    files: FolderFiles


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """All class folders below a folder, in order of name, and the files that lie in none of them."""

    root: Path
    folders: tuple[ClassFolder, ...]
    beside: FolderFiles

    @property
    def splits(self) -> frozenset[Split]:
        """The splits that folders are named after."""
        return frozenset(folder.split for folder in self.folders if folder.split is not None)

    def picture_name(self, picture: Path) -> str:
        """Its path below the root, with slashes and in NFC."""
        return nfc(picture.relative_to(self.root).as_posix())

    def notes(self, place: str) -> Iterator[str]:
        """What a user should know of a folder that is called `place`: its splits, and what is passed over."""
        used = {
            split: dict.fromkeys(_split_folder(self.root, folder) for folder in self.folders if folder.split is split)
            for split in sorted(self.splits, key=list(Split).index)
        }
        if used:
            yield f"{place}: {', '.join(f'{listed(names)} {_PURPOSES[split]}' for split, names in used.items())}"
        others = [*self.beside.others, *(file for folder in self.folders for file in folder.files.others)]
        if others:
            yield passed_over(place, others)
        if self.beside.pictures:
            count, first = plural(len(self.beside.pictures), "picture"), self.picture_name(self.beside.pictures[0])
            yield f"{place}: passed over {count} in no class folder, such as {first}"


def _split_folder(root: Path, folder: ClassFolder) -> str:
    """The name of the folder that says which split a class folder is of."""
    return next(name for name in folder.path.relative_to(root).parts if split_of(name) is folder.split)


def read_class_folders(folder: Path, place: str, is_label: Callable[[str], bool] = lambda _: False) -> ClassFolders:
    """The class folders below `folder`, which an error calls `place`; `is_label` knows names that are classes for sure.

    SourceError for a layout that could be meant in two ways. One without classes, or with one class, is a value.
    """
    inside = {path: _unwrapped(path) for path in folders_in(folder)}
    layout = _splits_in_classes(inside)
    if layout is None and not any(is_label(nfc(path.name)) for path in inside):
        layout = _classes_in_splits(folder, inside, place)
        if layout is None:
            _refuse_the_same_folders(inside, place)
    if layout is None:
        layout = [(path, nfc(path.name), None) for path in inside]
    folders = tuple(ClassFolder(path, label, split, files_below(path)) for path, label, split in layout)
    found = ClassFolders(folder, folders, files_below(folder, left_out={path for path, _, _ in layout}))
    _refuse_the_same_file_name(found, place)
    return found


def folders_in(folder: Path) -> list[Path]:
    """Every visible sub-folder, in order of its name in NFC."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_dir() and is_visible(entry.name)]
    return [folder / name for name in sorted(names, key=nfc)]


def wrapped(folder: Path) -> Path | None:
    """The folder that holds several, where `folder` and each below it hold one only; None where there is none."""
    inside = folders_in(folder)
    while len(inside) == 1:
        folder, inside = inside[0], folders_in(inside[0])
    return folder if inside else None


def training_folders(folder: Path) -> list[Path]:
    """The folders that are named for training, where others beside them are for validation or test; else `folder`."""
    splits = {path: split_of(path.name, strictly=True) for path in folders_in(folder)}
    train = [path for path, split in splits.items() if split is Split.TRAIN]
    return train if train and {Split.VALIDATION, Split.TEST} & set(splits.values()) else [folder]


def listed(names: Iterable[str]) -> str:
    """ "a, b and c", or "a, b, c and 7 more"."""
    known = list(names)
    shown, more = known[:_NAMES_LISTED], len(known) - _NAMES_LISTED
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), *shown[-1:]] if len(shown) > 1 else shown)


def _unwrapped(folder: Path) -> list[Path]:
    """The folders in it; where it holds one of the same split only, as training_set/training_set, those in that one."""
    inside = folders_in(folder)
    if len(inside) == 1 and split_of(folder.name) is not None and split_of(inside[0].name) is split_of(folder.name):
        return folders_in(inside[0])
    return inside


def _classes(inside: _Inside, path: Path) -> frozenset[str]:
    return frozenset(compared(folder.name) for folder in inside[path])


def _classes_in_splits(folder: Path, inside: _Inside, place: str) -> _Layout | None:
    """train/cat, test/cat; None where the folders are no splits."""
    splits = {path: split for path in inside if (split := split_of(path.name)) is not None}
    several = [path for path in splits if len(inside[path]) > 1]
    certain = all(split_of(path.name, strictly=True) for path in splits) or several
    if not splits or not certain:
        return None
    others = [path for path in inside if path not in splits]
    if others:
        _refuse_splits_among_classes(inside, splits, others, place)
        return None
    flat = [path for path in splits if not inside[path]]
    if flat:
        names = listed(path.name for path in flat)
        remedy = f", or move {names} away" if len(flat) < len(splits) else ""
        raise SourceError(
            f"{place}: no class folders in {names}, so nothing says what is on the pictures there; "
            f"sort them into {folder}/{flat[0].name}/<class>{remedy}"
        )
    return [(path, nfc(path.name), splits[split]) for split in splits for path in inside[split]]


def _refuse_splits_among_classes(
    inside: _Inside, splits: Mapping[Path, Split], others: Sequence[Path], place: str
) -> None:
    """SourceError where folders are surely splits, and others beside them are not. `train` alone may be a class."""
    beside = frozenset(compared(path.name) for path in inside)
    for path, split in splits.items():
        classes = _classes(inside, path)
        twins = [other for other in splits if other != path and classes == _classes(inside, other)]
        held_out = split is not Split.TRAIN and split_of(path.name, strictly=True) is not None
        if held_out or (len(classes) > 1 and (twins or classes <= beside)):
            raise SourceError(
                f"{place}: {path.name} is a split's name, {listed(other.name for other in others)} beside it "
                f"{'is' if len(others) == 1 else 'are'} not; "
                "give a folder that holds only class folders, or only train, validation and test with these in them"
            )


def _splits_in_classes(inside: _Inside) -> _Layout | None:
    """cat/train, cat/test; None where the folders are no classes with the same splits in them."""
    names = {_classes(inside, path) for path in inside}
    if len(inside) < 2 or len(names) != 1 or any(_holds_pictures(path) for path in inside):
        return None
    splits = {name: split_of(name, strictly=True) for name in names.pop()}
    if Split.TRAIN not in splits.values() or len(splits) < 2 or None in splits.values():
        return None
    if any(folders_in(path) for label in inside for path in inside[label]):
        return None
    return [(path, nfc(label.name), splits[compared(path.name)]) for label in inside for path in inside[label]]


def _refuse_the_same_folders(inside: _Inside, place: str) -> None:
    """SourceError where each of several folders holds the same folders and no pictures: they may be splits."""
    names = {_classes(inside, path) for path in inside}
    if len(inside) > 1 and len(names) == 1 and len(*names) > 1 and not any(map(_holds_pictures, inside)):
        raise SourceError(
            f"{place}: {listed(path.name for path in inside)} hold the same folders "
            f"({listed(path.name for path in next(iter(inside.values())))}); if they are splits, call them train, "
            "validation and test; if they are classes, put their pictures directly into them"
        )


def _refuse_the_same_file_name(found: ClassFolders, place: str) -> None:
    """SourceError for two files whose paths are the same in NFC: their pictures could not be told apart by name."""
    names = Counter(found.picture_name(file) for folder in found.folders for file in folder.files.pictures)
    for name, count in names.most_common(1):
        if count > 1:
            raise SourceError(
                f"{place}: {count} files are called {name} but for how its letters are stored; rename one"
            )


def _holds_pictures(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        return any(is_picture(entry.name) and is_visible(entry.name) for entry in entries)
