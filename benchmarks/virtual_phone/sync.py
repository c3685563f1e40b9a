"""The phone's side of sync, versions 1 and 2. After an error it sends FAIL and discards until DONE, as adbd does."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from benchmarks.adb.errors import ConnectionLostError
from benchmarks.adb.stream import Conversation
from benchmarks.adb.sync_protocol import (
    MAX_DATA_BYTES,
    MAX_PATH_BYTES,
    NAME_LENGTH,
    REQUEST,
    STAT_V1,
    STAT_V2,
    Errno,
    FileInfo,
    Id,
    pack_stat_v2,
    request,
    with_length,
)
from benchmarks.virtual_phone.sandbox import Sandbox

NOTHING = FileInfo(0, 0, 0)
MAX_V1 = 0xFFFFFFFF
LINUX = {errno.EACCES: Errno.EACCES, errno.ENOTDIR: Errno.ENOTDIR, errno.ELOOP: Errno.ELOOP}
BLOCK_BYTES = 15 * MAX_DATA_BYTES


class SyncServer:
    """One sync session."""

    def __init__(self, sandbox: Sandbox, conversation: Conversation) -> None:
        self._sandbox = sandbox
        self._conversation = conversation
        self._mtime_s = 0

    def serve(self) -> None:
        """Answer requests until QUIT, the end, or an error in a push, after which adbd closes too."""
        while True:
            identity, size_bytes = REQUEST.unpack(self._conversation.exactly(REQUEST.size))
            if identity == Id.QUIT:
                return
            if size_bytes > MAX_PATH_BYTES:
                self._fail("path too long")
                return
            path = self._conversation.exactly(size_bytes).decode(errors="surrogateescape")
            if not self._answer(identity, path):
                return

    def _answer(self, identity: bytes, path: str) -> bool:
        if identity in (Id.STAT, Id.STAT_V2, Id.LSTAT_V2):
            self._stat(identity, path)
        elif identity in (Id.LIST, Id.LIST_V2):
            self._list(path, v2=identity == Id.LIST_V2)
        elif identity == Id.RECV:
            self._pull(path)
        elif identity == Id.SEND:
            return self._push(path)
        else:
            self._fail(f"unknown command {identity!r}")
            return False
        return True

    def _stat(self, identity: bytes, path: str) -> None:
        error, info = 0, NOTHING
        try:
            info = _info(self._sandbox.locate(path))
        except OSError as problem:
            error = LINUX.get(problem.errno or 0, Errno.ENOENT)
        self._conversation.send(identity + (_stat_v1(info) if identity == Id.STAT else pack_stat_v2(info, error)))

    def _list(self, path: str, v2: bool) -> None:
        pack, identity = (pack_stat_v2, Id.DENT_V2) if v2 else (_stat_v1, Id.DENT)
        for name, info in self._entries(path):
            self._conversation.send(identity + pack(info) + NAME_LENGTH.pack(len(name)) + name)
        self._conversation.send(Id.DONE + bytes((STAT_V2 if v2 else STAT_V1).size + NAME_LENGTH.size))

    def _entries(self, path: str) -> list[tuple[bytes, FileInfo]]:
        found = []
        with suppress(OSError):  # adbd lists nothing where it has no permission
            for place in sorted(self._sandbox.locate(path).iterdir()):
                with suppress(FileNotFoundError):  # it was removed meanwhile
                    found.append((os.fsencode(place.name), _info(place)))
        return found

    def _pull(self, path: str) -> None:
        try:
            with self._sandbox.locate(path).open("rb") as file:
                while block := file.read(BLOCK_BYTES):
                    message = bytearray()
                    for start in range(0, len(block), MAX_DATA_BYTES):
                        message += with_length(Id.DATA, block[start : start + MAX_DATA_BYTES])
                    self._conversation.send(message)
            self._conversation.send(request(Id.DONE, 0))
        except OSError as error:
            self._fail(f"open failed: {error.strerror}")

    def _push(self, target: str) -> bool:
        path, _, digits = target.rpartition(",")
        mode = int(digits) if digits.isdecimal() else 0
        try:
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise OSError(errno.EPERM, os.strerror(errno.EPERM))
            place = self._sandbox.locate(path, write=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            mtime_s = self._receive(place, mode)
        except OSError as error:
            message = "write failed" if error.errno == errno.ENOSPC else "couldn't create file"
            self._fail(f"{message}: {error.strerror}")
            while self._block() is not None:
                pass
            return False
        with suppress(FileNotFoundError):  # it may have been moved already
            os.utime(place, (mtime_s, mtime_s))
        self._conversation.send(request(Id.OKAY, 0))
        return True

    def _receive(self, place: Path, mode: int) -> int:
        user = mode & 0o700  # adbd gives the user's rights to everyone else too
        with self._sandbox.writing(place, user | user >> 3 | user >> 6) as file:
            while (block := self._block()) is not None:
                file.write(block)
        return self._mtime_s

    def _block(self) -> bytes | None:
        identity, number = REQUEST.unpack(self._conversation.exactly(REQUEST.size))
        if identity == Id.DONE:
            self._mtime_s = number
            return None
        if identity != Id.DATA or number > MAX_DATA_BYTES:
            raise ConnectionLostError(f"push: {identity!r} of {number} bytes is not data")
        return self._conversation.exactly(number)

    def _fail(self, message: str) -> None:
        self._conversation.send(with_length(Id.FAIL, message.encode(errors="replace")))


def _info(place: Path) -> FileInfo:
    info = place.lstat()
    return FileInfo(info.st_mode, info.st_size, int(info.st_mtime))


def _stat_v1(info: FileInfo) -> bytes:
    return STAT_V1.pack(info.mode, min(info.size_bytes, MAX_V1), info.mtime_s & MAX_V1)
