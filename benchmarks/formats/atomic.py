"""Files and folders of a run, and what stands in their way in this room's words; and the hash of an open file."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom, BufferedReader
from pathlib import Path

from benchmarks.formats.errors import StorageError
from metadata.output import replacing


@contextmanager
def atomic_write(target: Path) -> Iterator[BufferedRandom]:
    """A file to write and read, which becomes `target` when the block ends well, and is gone when it does not.

    StorageError when the disk is full or the folder is closed to us.
    """
    try:
        with replacing(target) as file:
            yield file
    except OSError as error:
        raise _refused(target, error) from error


def make_folder(folder: Path) -> None:
    """Have `folder`, with those above it; StorageError when that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(folder, error) from error


def _refused(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} cannot be written, {error.strerror}; free some space in {path.parent}, or choose another folder"
    )


def hash_of(file: BufferedReader | BufferedRandom) -> tuple[str, int]:
    """The lower-case hex sha256 and the size in bytes of everything in `file`, read in blocks."""
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return sha256, file.tell()
