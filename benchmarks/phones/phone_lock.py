"""One run a phone: a lock file that dies with its process."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.errors import PhoneBusyError
from benchmarks.places import cache_folder


def folder_name(text: str) -> str:
    """A phone's name as a file name: letters, digits, dot, dash and underline, never hidden."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).lstrip(".-")[:80] or "phone"


@contextmanager
def locked(phone: str) -> Iterator[None]:
    """Hold the phone called `phone` while the block runs; PhoneBusyError when another process does."""
    folder = cache_folder() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{folder_name(phone)}.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise PhoneBusyError(f"phone {phone} is in use by process {holder}; wait until it has ended") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
