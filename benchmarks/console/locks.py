"""One process at a time: a lock on a file, which ends with its process."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def locked(path: Path, busy: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock at `path` while the block runs.

    While another process holds it, `busy` is told that one's id, and may raise; otherwise this one waits.
    """
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        busy(path.read_text(encoding="utf-8").strip() or "unknown")
        lock.acquire()
    try:
        path.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        lock.release()
