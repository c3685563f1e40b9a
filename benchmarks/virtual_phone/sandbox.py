"""A phone's file system inside one folder of this machine. No path of any form leads out of it.

A path is taken apart here, `..` stops at the root, and no link is ever followed: the kit makes none, and one that
was put into the folder from outside is refused. Permissions are Android's: the shell writes below
/data/local/tmp and /sdcard, an app's own folder opens only to that app.
"""

import errno
import os
import posixpath
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

SHELL_FOLDERS = ("/data/local/tmp", "/sdcard")
PRIVATE = "/data/data"
OF_USERS = "/data/user"
"""The apps' own folders: of the owner, and of every other user below that user's number."""
SKELETON = (
    "/data/local/tmp",
    PRIVATE,
    OF_USERS,
    "/data/app",
    "/sdcard/Android/media",
    "/sdcard/Android/data",
    "/sdcard/Download",
    "/system",
    "/sys",
)
ALIASES = (("/storage/emulated/0", "/sdcard"), ("/data/user/0", "/data/data"), ("/storage/self/primary", "/sdcard"))


class Sandbox:
    """The files of one phone. `free_bytes` is how much may still be written; None means all the host has."""

    def __init__(self, root: Path, free_bytes: int | None = None) -> None:
        self.root = root.resolve()
        self.free_bytes = free_bytes
        self._lock = threading.Lock()
        for folder in SKELETON:
            (self.root / folder[1:]).mkdir(parents=True, exist_ok=True)

    def locate(self, path: str, package: str | None = None, write: bool = False, user: int = 0) -> Path:
        """Where `path` lies here, for the shell or a user's app `package`. OSError with the phone's reason."""
        home = "/" if package is None else home_of(package, user)
        names = self.normal(path, home).strip("/").split("/")
        self._permit("/" + "/".join(names), package, home, write)
        place = self.root
        for name in names if names != [""] else []:
            place /= name
            if place.is_symlink():
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        return place

    def normal(self, path: str, home: str = "/") -> str:
        """The absolute path without `.`, `..` and aliases; a relative one begins in `home`."""
        if "\0" in path or not path:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        absolute = posixpath.normpath(posixpath.join("/", home, path))
        absolute = "/" + absolute.lstrip("/")  # normpath keeps two leading slashes
        for alias, real in ALIASES:
            if is_below(absolute, alias):
                absolute = real + absolute[len(alias) :]
        return absolute

    def _permit(self, path: str, package: str | None, home: str, write: bool) -> None:
        allowed = package is not None and is_below(path, home)
        if not allowed and any(is_below(path, folder) for folder in (PRIVATE, OF_USERS)):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)
        shared = ("media", "data")
        folders = SHELL_FOLDERS if package is None else tuple(f"/sdcard/Android/{kind}/{package}" for kind in shared)
        if write and not allowed and not any(is_below(path, folder) for folder in folders):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)

    @contextmanager
    def writing(self, place: Path, mode: int = 0o644) -> Iterator["LimitedFile"]:
        """A new file at `place`, replacing what was there; writes to it are limited by the phone's free space."""
        place.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(place, flags, mode), "wb", buffering=0) as file:
            os.fchmod(file.fileno(), mode | 0o600)
            yield LimitedFile(self, file)

    def spend(self, size_bytes: int) -> None:
        """Take from the free space; OSError ENOSPC when there is not enough."""
        with self._lock:
            free_bytes = self.free_bytes
            if free_bytes is None:
                return
            self.free_bytes = max(0, free_bytes - size_bytes)
            if size_bytes > free_bytes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class LimitedFile:
    """A file that takes from the phone's free space as it grows."""

    def __init__(self, sandbox: Sandbox, file: BinaryIO) -> None:
        self._sandbox = sandbox
        self._file = file

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._sandbox.spend(len(data))
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]


def home_of(package: str, user: int = 0) -> str:
    """An app's own folder, of one of the phone's users."""
    return f"{OF_USERS}/{user}/{package}" if user else f"{PRIVATE}/{package}"


def is_below(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or inside it."""
    return path == folder or path.startswith(folder + "/")
