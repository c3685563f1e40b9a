"""Write a file so that, whatever happens, it has either the old content or all of the new one."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from metadata.errors import OutputError


@contextmanager
def replacing(target: Path) -> Iterator[BufferedRandom]:
    """A file to write and read beside `target`: it becomes that when the block ends well, and is gone when it does not.

    It is on the disk before it gets its name. An OSError is for the caller, who says what it means to the user.
    """
    part = target.with_name(f".{target.name}.part-{secrets.token_hex(4)}")
    try:
        with part.open("x+b") as file:
            yield file
            file.flush()
            _to_disk(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _to_disk(handle: int) -> None:
    """Have the disk store what was written: on macOS `fsync` alone leaves it in the disk's cache (its fsync(2))."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    try:
        if full is not None:
            fcntl.fcntl(handle, full)
            return
    except OSError:  # a file system that cannot, on a network for example
        pass
    os.fsync(handle)


def write_whole(path: Path, data: bytes, option: str = "--out") -> None:
    """Put `data` at `path`, making its folders; OutputError, and nothing left behind, when that fails.

    `option` is the command line option that named the place.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(data)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written, {error.strerror}; give another place with {option}") from error
