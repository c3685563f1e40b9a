"""Folders of pictures, one sub-folder a class, as evaluation sets. A sub-folder's name is the true label."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.formats.inputs import DECODERS
from export.data.class_folders import ClassFolders, folders_in, listed, read_class_folders, wrapped
from export.data.split_names import Split, nfc
from export.errors import SourceError, unknown
from export.recipe import Entry, Evaluation
from metadata.errors import PictureError
from metadata.picture import decode

MAX_SKIPPED = 0.05  # of all pictures; with more, what is left would not be the user's data
NAMED = 10  # of a long list; the count says how many more there are
AHEAD = 8  # encoded files that are read and decoded before they are asked for


def labelled_folder(folder: Path, say: Callable[[str], None], *namings: tuple[str, ...]) -> Evaluation:
    """Every picture below `folder`; its class folder is its true label. Each naming lists all labels in order.

    Spaces, underscores and case do not matter. Where folders name splits, only pictures that are held out are taken.
    Files that are no pictures, and pictures that cannot be read, are named through `say` and left out. SourceError for
    an empty folder, an unknown class, and when too many pictures cannot be read.
    """
    found = find(folder, namings)
    for note in found.notes:
        say(note)
    if not found.pictures:
        raise SourceError(f"--eval-dir {folder} holds no pictures; expected {folder}/<class>/<picture>.jpg")
    return Evaluation(f"labelled pictures in {folder.name}", readable(f"--eval-dir {folder}", found.pictures, say))


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


@dataclass(frozen=True, slots=True)
class LabelledPictures:
    """(name, path, truth) of every picture, undecoded, and what a user should know of their folder."""

    pictures: tuple[tuple[str, Path, int], ...]
    notes: tuple[str, ...]


def find(folder: Path, namings: tuple[tuple[str, ...], ...]) -> LabelledPictures:
    """Every picture below `folder` and its truth; SourceError for an unknown class."""
    truths = {_normal(name): index for naming in namings for index, name in enumerate(naming)}
    truths |= {nfc(name): index for naming in namings for index, name in enumerate(naming)}
    place = f"--eval-dir {folder}"
    found = read_class_folders(folder, place, lambda name: name in truths or _normal(name) in truths)
    split = _held_out(found)
    pictures = []
    for part in found.folders:
        if part.split is split:
            truth = truths.get(part.label, truths.get(_normal(part.label)))
            if truth is None:
                raise _unknown_class(found, part.label, tuple(name for naming in namings for name in naming))
            pictures += [(found.picture_name(file), file, truth) for file in part.files.pictures]
    used = (f"{place}: accuracy is measured on the pictures for {split} alone",) if len(found.splits) > 1 else ()
    return LabelledPictures(tuple(pictures), (*found.notes(place), *used))


def _held_out(found: ClassFolders) -> Split | None:
    """The split to measure on; None where folders name none."""
    if found.splits == {Split.TRAIN}:
        train = found.folders[0].path.parent
        raise SourceError(
            f"--eval-dir {found.root} holds pictures for training only; to measure on these, give {train}"
        )
    return next((split for split in (Split.TEST, Split.VALIDATION) if split in found.splits), None)


def _unknown_class(found: ClassFolders, label: str, known: tuple[str, ...]) -> SourceError:
    several = wrapped(found.folders[0].path) if len(found.folders) == 1 else None
    if several is not None:
        names = listed(nfc(folder.name) for folder in folders_in(several))
        return SourceError(
            f"--eval-dir {found.root}: {label} is none of the labels; if {names} in it are, give {several}"
        )
    return SourceError(f"--eval-dir {found.root}: {unknown('class folder', label, known)[:400]}")


def _normal(name: str) -> str:
    return nfc(name).replace("_", " ").strip().casefold()
