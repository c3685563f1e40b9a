"""Which files of a folder are pictures: one rule for every command. Names are read, no file is opened.

Hidden files, and those that operating systems leave in folders, are no one's pictures and are not counted. Every other
file that is not named like a picture is passed over: counted, and named by its kind.
"""

import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.evaluation.number_format import plural
from benchmarks.formats.errors import InputsError

ENDINGS = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif"})
UNREAD_ENDINGS = frozenset({".avif", ".dng", ".heic", ".heif", ".jp2", ".jxl", ".svg", ".tif", ".tiff"})
"""Pictures to their owner, though not readable here."""

_SYSTEM_NAMES = frozenset(
    {
        *("thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information"),  # Windows
        *("__macosx", "icon\r", "_ds_store"),  # macOS, and its .DS_Store as archives rename it
        *("@eadir", "lost+found", "__pycache__"),
    }
)
_LONGEST_ENDING = 5
_KINDS_NAMED = 6


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The visible files below a folder, each group in order of path: `others` are not named like a picture."""

    pictures: tuple[Path, ...]
    others: tuple[Path, ...]


def is_visible(name: str) -> bool:
    """Whether a file or folder of this name is its owner's, and was not left there by an operating system."""
    return not name.startswith(".") and name.casefold() not in _SYSTEM_NAMES


def is_picture(name: str) -> bool:
    """Whether a file of this name is read as a picture."""
    return Path(name).suffix.lower() in ENDINGS


def files_below(folder: Path, left_out: Collection[Path] = ()) -> FolderFiles:
    """Every visible file below `folder`, but for what lies below a folder of `left_out`."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if is_visible(name) and Path(place, name) not in left_out]
        found += [Path(place, name) for name in names if is_visible(name)]
    found.sort()
    return FolderFiles(
        tuple(file for file in found if is_picture(file.name)),
        tuple(file for file in found if not is_picture(file.name)),
    )


def kinds(files: Iterable[Path]) -> str:
    """How many files there are of each ending: "3 HEIC, 1 TXT, 1 without an ending"; the most frequent first."""
    counts = Counter(_kind(file) for file in files)
    named = [f"{count:,} {kind}" for kind, count in counts.most_common(_KINDS_NAMED)]
    others = counts.total() - sum(count for _, count in counts.most_common(_KINDS_NAMED))
    return ", ".join(named + ([f"{others:,} of other kinds"] if others else []))


def _kind(file: Path) -> str:
    ending = file.suffix[1:].upper()
    if not ending.isalnum() or len(ending) > _LONGEST_ENDING:
        return "without an ending"
    return {"TIF": "TIFF"}.get(ending, ending)


def passed_over(place: str, files: Sequence[Path]) -> str:
    """The line that counts and names what is not read as a picture in a place; there is at least one."""
    return (
        f"{place}: passed over {plural(len(files), 'file')} that {'is' if len(files) == 1 else 'are'} not read as "
        f"pictures ({kinds(files)}); save pictures among them as JPEG"
    )


def find(paths: Sequence[Path]) -> FolderFiles:
    """Every file of `paths`, and every file below every folder of them, each once, in the order of `paths`.

    A file that is given by its own path counts as a picture, whatever its name. InputsError for a path that leads
    nowhere, and for a folder without pictures.
    """
    pictures: dict[Path, None] = {}
    others: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found = files_below(path)
            if not found.pictures:
                raise InputsError(_without_pictures(path, found.others))
            pictures |= dict.fromkeys(found.pictures)
            others |= dict.fromkeys(found.others)
        elif path.is_file():
            pictures[path] = None
        else:
            raise InputsError(f"{printable(path)}: no such file or folder; give pictures, or folders of them")
    return FolderFiles(tuple(pictures), tuple(file for file in others if file not in pictures))


def _without_pictures(folder: Path, others: Sequence[Path]) -> str:
    content = f", but {kinds(others)}" if others else ""
    return f"{printable(folder)} holds no pictures{content}; a folder is searched for {', '.join(sorted(ENDINGS))}"


def printable(name: Path | str) -> str:
    """The name as text that any terminal and any JSON reader can take: unprintable characters become �."""
    return "".join(character if character.isprintable() else "�" for character in str(name))
