"""Checks of HDF5 files from unknown sources before Keras reads them. No TensorFlow here.

An HDF5 file can refer to other files, and claim arrays larger than any memory; a model needs neither.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from export.errors import OwnModelError

MOST_OBJECTS = 100_000
MOST_EXPANSION = 20  # times the size of the file; weights hardly compress
SPARE_BYTES = 16 << 20
DAMAGED = (OSError, KeyError, ValueError, RuntimeError, TypeError, OverflowError)


@contextmanager
def opened(file: IO[bytes], name: str, size_bytes: int) -> Iterator[Any]:
    """The h5py.File in `file`, of `size_bytes`, after it is checked; OwnModelError when it is damaged or harmful."""
    import h5py

    try:
        archive = h5py.File(file, "r")
    except DAMAGED as error:
        raise OwnModelError(f"{name} is no whole HDF5 file ({_first(error)}); copy or save it again") from error
    with archive:
        try:
            claimed_bytes = sum(_sizes(archive, name))
        except DAMAGED as error:
            raise OwnModelError(f"{name} is damaged ({_first(error)}); copy or save it again") from error
        refuse_oversized(name, claimed_bytes, size_bytes)
        yield archive


def refuse_oversized(name: str, claimed_bytes: int, size_bytes: int) -> None:
    """Raise OwnModelError where a file claims to hold far more bytes than it can."""
    if claimed_bytes > MOST_EXPANSION * size_bytes + SPARE_BYTES:
        raise OwnModelError(
            f"{name} claims {claimed_bytes / 1e6:,.0f} MB of weights in {size_bytes / 1e6:,.1f} MB of file, which no "
            "model does; get it from a source you trust"
        )


def _sizes(archive: Any, name: str) -> Iterator[int]:
    """The size in bytes of every dataset; each link is checked before it is followed."""
    import h5py

    waiting, seen = [archive], 0
    while waiting:
        group = waiting.pop()
        for key in group:
            seen += 1
            link = group.get(key, getlink=True)
            if isinstance(link, h5py.ExternalLink) or seen > MOST_OBJECTS:
                raise OwnModelError(_refusal(name, key))
            if isinstance(link, h5py.SoftLink):
                continue
            found = group[key]
            if isinstance(found, h5py.Group):
                waiting.append(found)
            elif isinstance(found, h5py.Dataset):
                if found.external or found.is_virtual:
                    raise OwnModelError(_refusal(name, key))
                yield found.size * found.dtype.itemsize


def _refusal(name: str, key: str) -> str:
    return f"{name}: {key[:80]!r} leads out of the file or round in circles; get it from a source you trust"


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
