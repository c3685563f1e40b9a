"""One run a phone: a lock file that dies with its process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.console.places import cache_folder
from benchmarks.formats.errors import PhoneBusyError
from benchmarks.formats.run_folder import folder_name


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
