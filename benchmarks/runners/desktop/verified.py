"""The files that a job names: opened once, checked against the job, and then read through the same handle."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from benchmarks.formats.atomic import hash_of
from benchmarks.formats.errors import BenchmarkError
from benchmarks.formats.job import InputArchive, JobModel

Locate = Callable[[str], Path]
"""Where a path that a job names lies on this machine; OSError when the runner may not read it."""


@contextmanager
def opened(
    what: str,
    named: JobModel | InputArchive,
    locate: Locate,
    error: type[BenchmarkError],
    found: Callable[[str], None],
) -> Iterator[BufferedReader]:
    """The file that a job calls `what`, at its first byte; `error` when it is another one, or none.

    `found` gets the sha256 that it really has.
    """
    try:
        # Without waiting, because what lies there might be a pipe.
        handle = os.open(locate(named.path), os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError) as reason:
        why = getattr(reason, "strerror", None) or reason
        raise error(f"{what} {named.path} cannot be read, {why}; push it again") from reason
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise error(f"{what} {named.path} is not a file; push it again")
        if status.st_size != named.size_bytes:
            raise error(f"{what} has {status.st_size} bytes, its job says {named.size_bytes}; push it again")
        sha256, _ = hash_of(file)
        found(sha256)
        if sha256 != named.sha256:
            raise error(f"{what} has sha256 {sha256}, its job says {named.sha256}; push it again")
        file.seek(0)
        yield file
