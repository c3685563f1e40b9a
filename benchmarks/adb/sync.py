"""Push and list: adb's sync service, the same for both transports.

A push looks for the phone's FAIL after every block, so that a full disk is known at once and in the phone's words.
"""

import stat
import time
from typing import BinaryIO

from benchmarks.adb.errors import ConnectionLostError, FileError, ProtocolError
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


class SyncSession:
    """One sync service, in which files follow each other. A context manager."""

    def __init__(self, transport: Transport, idle_timeout_s: float | None = QUIET_S) -> None:
        self._serial = transport.serial
        stream = transport.open("sync:")
        self._conversation = Conversation(stream, f"phone {transport.serial}: sync", idle_timeout_s)

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
        outgoing = bytearray(with_length(Id.SEND, f"{target},{stat.S_IFREG | mode}".encode()))
        done_bytes = 0
        while block := source.read(BLOCK_BYTES):
            for start in range(0, len(block), MAX_DATA_BYTES):
                outgoing += with_length(Id.DATA, memoryview(block)[start : start + MAX_DATA_BYTES])
            done_bytes += len(block)
            if done_bytes < size_bytes:
                self._send(outgoing, target)
                outgoing = bytearray()  # the old one may still be on its way
                self._check_for_failure(target)
        outgoing += request(Id.DONE, int(time.time()))
        self._send(outgoing, target)
        self._answer(target)

    def _send(self, outgoing: bytearray, target: str) -> None:
        try:
            self._conversation.send(outgoing)
        except ConnectionLostError:
            self._answer(target)  # raises the phone's own reason, if it sent one
            raise

    def _check_for_failure(self, target: str) -> None:
        if self._conversation.pending():
            self._answer(target)
            raise ProtocolError(f"phone {self._serial} calls {target} complete before it is; restart its adb")

    def _answer(self, target: str) -> None:
        identity, size_bytes = REQUEST.unpack(self._conversation.exactly(REQUEST.size))
        if identity == Id.FAIL:
            message = self._conversation.exactly(size_bytes).decode(errors="replace")
            raise explain(message, self._serial, f"push {target}") or FileError(
                f"push {target}: phone {self._serial} refused; see what it said: {message}"
            )
        if identity != Id.OKAY:
            raise self._unexpected(identity)

    def _unexpected(self, identity: bytes) -> ProtocolError:
        return ProtocolError(f"phone {self._serial} answered a sync request with {identity!r}; restart its adb")
