"""Push, pull and list: adb's sync service, the same for both transports.

A push looks for the phone's FAIL after every block, so that a full disk is known at once and in the phone's words.
"""

import stat
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from benchmarks.adb.errors import AdbError, ConnectionLostError, FileError, ProtocolError
from benchmarks.adb.failures import explain
from benchmarks.adb.stream import QUIET_S, Conversation, Transport
from benchmarks.adb.sync_protocol import (
    MAX_DATA_BYTES,
    NAME_LENGTH,
    REQUEST,
    STAT_V1,
    FileInfo,
    Id,
    request,
    with_length,
)

BLOCK_BYTES = 15 * MAX_DATA_BYTES
"""What is read and sent at once: with its headers it fits one packet of 1 MiB."""
SEND_BYTES = 4 * MAX_DATA_BYTES
"""Small files travel together in about this much: each packet waits for the one before it to be acknowledged."""
UNANSWERED_FILES = 256
"""How many small files are sent before the first answers are read."""


class SyncSession:
    """One sync service, in which files follow each other. A context manager."""

    def __init__(self, transport: Transport, idle_timeout_s: float | None = QUIET_S) -> None:
        self._serial = transport.serial
        stream = transport.open("sync:")
        self._conversation = Conversation(stream, f"phone {transport.serial}: sync", idle_timeout_s)
        self._outgoing = bytearray()

    def __enter__(self) -> "SyncSession":
        return self

    def __exit__(self, *_: object) -> None:
        self._conversation.close()

    def list_folder(self, folder: str) -> dict[str, FileInfo]:
        """What a folder holds, by name, without `.` and `..`; empty when it is not there."""
        self._conversation.send(with_length(Id.LIST, folder.encode()))
        found: dict[str, FileInfo] = {}
        while (identity := self._conversation.exactly(4)) == Id.DENT:
            info = FileInfo(*STAT_V1.unpack(self._conversation.exactly(STAT_V1.size)))
            (size_bytes,) = NAME_LENGTH.unpack(self._conversation.exactly(NAME_LENGTH.size))
            found[self._conversation.exactly(size_bytes).decode(errors="surrogateescape")] = info
        if identity != Id.DONE:
            raise self._unexpected(identity)
        self._conversation.exactly(STAT_V1.size + NAME_LENGTH.size)
        return {name: info for name, info in found.items() if name not in (".", "..")}

    def push(self, source: BinaryIO, target: str, size_bytes: int, mode: int) -> None:
        """Write what `source` holds to `target` and wait for the phone to confirm it."""
        self._queue(source, target, size_bytes, mode)
        self._flush(target)
        self._answer(target)

    def push_all(self, files: Iterable[tuple[Path, str]], mode: int) -> None:
        """Push many files without waiting for each; the first that fails ends it."""
        unanswered: deque[str] = deque()
        for path, target in files:
            size_bytes = path.stat().st_size
            if size_bytes > BLOCK_BYTES:
                self._answer_until(0, unanswered)  # while it is sent, any answer is about this file
            elif len(unanswered) >= UNANSWERED_FILES:
                self._answer_until(UNANSWERED_FILES // 2, unanswered)
            with path.open("rb") as source:
                self._queue(source, target, size_bytes, mode)
            unanswered.append(target)
            if len(self._outgoing) >= SEND_BYTES:
                self._flush(*unanswered)
        self._answer_until(0, unanswered)

    def pull(self, path: str) -> Iterator[bytes]:
        """The blocks of a file; it is whole only when the iterator ends by itself."""
        self._conversation.send(with_length(Id.RECV, path.encode()))
        while True:
            identity, size_bytes = REQUEST.unpack(self._conversation.exactly(REQUEST.size))
            if identity == Id.DONE:
                return
            if identity == Id.FAIL:
                raise self._failed(f"pull {path}", self._conversation.exactly(size_bytes).decode(errors="replace"))
            if identity != Id.DATA or size_bytes > MAX_DATA_BYTES:
                raise self._unexpected(identity)
            yield self._conversation.exactly(size_bytes)

    def _queue(self, source: BinaryIO, target: str, size_bytes: int, mode: int) -> None:
        self._outgoing += with_length(Id.SEND, f"{target},{stat.S_IFREG | mode}".encode())
        done_bytes = 0
        while block := source.read(BLOCK_BYTES):
            for start in range(0, len(block), MAX_DATA_BYTES):
                self._outgoing += with_length(Id.DATA, memoryview(block)[start : start + MAX_DATA_BYTES])
            done_bytes += len(block)
            if done_bytes < size_bytes:
                self._flush(target)
                self._check_for_failure(target)
        self._outgoing += request(Id.DONE, int(time.time()))

    def _flush(self, *targets: str) -> None:
        outgoing, self._outgoing = self._outgoing, bytearray()
        try:
            self._conversation.send(outgoing)
        except ConnectionLostError:
            for target in targets:
                self._answer(target)  # raises the phone's own reason, if it sent one
            raise

    def _check_for_failure(self, target: str) -> None:
        if self._conversation.pending():
            self._answer(target)
            raise ProtocolError(f"phone {self._serial} calls {target} complete before it is; restart its adb")

    def _answer_until(self, count: int, unanswered: deque[str]) -> None:
        if unanswered and self._outgoing:
            self._flush(*unanswered)
        while len(unanswered) > count:
            self._answer(unanswered.popleft())

    def _answer(self, target: str) -> None:
        identity, size_bytes = REQUEST.unpack(self._conversation.exactly(REQUEST.size))
        if identity == Id.FAIL:
            raise self._failed(f"push {target}", self._conversation.exactly(size_bytes).decode(errors="replace"))
        if identity != Id.OKAY:
            raise self._unexpected(identity)

    def _failed(self, doing: str, message: str) -> AdbError:
        known = explain(message, self._serial, doing)
        return known or FileError(f"{doing}: phone {self._serial} refused; see what it said: {message}")

    def _unexpected(self, identity: bytes) -> ProtocolError:
        return ProtocolError(f"phone {self._serial} answered a sync request with {identity!r}; restart its adb")
