"""The zip archive appended to a packed model: its associated files. Bytes in, values out; nothing is unpacked to disk.

The file may come from anyone, so names, sizes and checksums are not trusted. A file that is too large, has a name that
leads out of the folder, or cannot be read keeps its entry, with the problem in place of its content.
"""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath, PureWindowsPath

from metadata.errors import ModelFileError

MAX_FILES = 256
MAX_FILE_BYTES = 8 << 20
MAX_TOTAL_BYTES = 32 << 20
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, OverflowError, struct.error)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED_FLAG = 0x1


class ArchiveProblem(StrEnum):
    """Why a file's content was left in the archive."""

    ESCAPES = "escapes"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """One file of the archive: its content, or the problem that kept it unread. Sizes are as the archive claims."""

    name: str
    size_bytes: int
    stored: bool
    content: bytes | None = field(repr=False)
    problem: ArchiveProblem | None = None


@dataclass(frozen=True, slots=True)
class ModelArchive:
    """The files in the archive's order, and the byte at which the archive begins in the .tflite file."""

    start: int
    files: tuple[ArchivedFile, ...]

    def content(self, name: str) -> bytes | None:
        """What is in the file of that name; None when there is none or it has a problem."""
        return next((file.content for file in self.files if file.name == name and file.content is not None), None)


def read_archive(data: bytes) -> ModelArchive:
    """The archive at the end of `data`; an empty one when there is none, ModelFileError for one with too many files."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_FILES:
                raise ModelFileError(f"{len(entries)} associated files; the limit is {MAX_FILES}, pack fewer")
            start = min((entry.header_offset for entry in entries), default=archive.start_dir)
            return ModelArchive(max(0, min(start, len(data))), _read_all(archive, entries))
    except UNREADABLE:
        return ModelArchive(len(data), ())


def escapes(name: str) -> bool:
    """Whether unpacking a file of this name could write outside the folder it is unpacked into."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return not parts or ".." in parts or name.startswith("/") or bool(PureWindowsPath(name).anchor) or "\0" in name


def _read_all(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> tuple[ArchivedFile, ...]:
    left_bytes = MAX_TOTAL_BYTES
    files = []
    for entry in entries:
        content, problem = _read(archive, entry, min(MAX_FILE_BYTES, left_bytes))
        left_bytes -= len(content or b"")
        stored = entry.compress_type == zipfile.ZIP_STORED
        files.append(ArchivedFile(entry.orig_filename, entry.file_size, stored, content, problem))
    return tuple(files)


def _read(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit_bytes: int
) -> tuple[bytes | None, ArchiveProblem | None]:
    """(content, None) or (None, problem). The limit holds for what comes out, whatever size is claimed."""
    if escapes(entry.orig_filename):
        return None, ArchiveProblem.ESCAPES
    if entry.file_size > limit_bytes:
        return None, ArchiveProblem.TOO_LARGE
    if entry.flag_bits & ENCRYPTED_FLAG or entry.compress_type not in METHODS:
        return None, ArchiveProblem.UNREADABLE
    try:
        with archive.open(entry) as member:
            content = member.read(limit_bytes + 1)
    except UNREADABLE:
        return None, ArchiveProblem.UNREADABLE
    return (None, ArchiveProblem.TOO_LARGE) if len(content) > limit_bytes else (content, None)
