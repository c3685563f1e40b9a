"""Write a file so that, whatever happens, its name leads to the old bytes or to all of the new ones."""

import os
import tempfile
from pathlib import Path

from metadata.errors import OutputError


def write_whole(path: Path, data: bytes, option: str = "--out") -> None:
    """Put `data` at `path`, making its folders; OutputError, and nothing left behind, when that fails.

    `option` is the command line option that named the place.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written, {error.strerror}; give another place with {option}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written, {error.strerror}; give another place with {option}") from error
    finally:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    """The process's umask, which can be read only by setting it."""
    umask = os.umask(0o022)
    os.umask(umask)
    return umask
