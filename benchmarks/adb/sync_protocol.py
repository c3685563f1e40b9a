"""The sync protocol's messages, versions 1 and 2. Both the kit and its virtual phone use them; no stream here.

Source: file_sync_protocol.h and SYNC.TXT in the Android Open Source Project, packages/modules/adb.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

MAX_DATA_BYTES = 1 << 16
MAX_PATH_BYTES = 1024
REQUEST = struct.Struct("<4sI")
"""An id and a number: the length of what follows, or the modification time in DONE."""
STAT_V1 = struct.Struct("<3I")
"""mode, size, mtime."""
STAT_V2 = struct.Struct("<I2Q4IQ3q")
"""error, dev, ino, mode, nlink, uid, gid, size, atime, mtime, ctime."""
NAME_LENGTH = struct.Struct("<I")


class Id:
    """The four letters of each message."""

    STAT = b"STAT"  # lstat, version 1
    LSTAT_V2 = b"LST2"
    STAT_V2 = b"STA2"
    LIST = b"LIST"
    LIST_V2 = b"LIS2"
    DENT = b"DENT"
    DENT_V2 = b"DNT2"
    SEND = b"SEND"
    RECV = b"RECV"
    DATA = b"DATA"
    DONE = b"DONE"
    OKAY = b"OKAY"
    FAIL = b"FAIL"
    QUIT = b"QUIT"


class Errno(IntEnum):
    """Linux's numbers, which version 2 sends; the host's may differ."""

    ENOENT = 2
    EACCES = 13
    ENOTDIR = 20
    ELOOP = 40


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What stat knows of a file on the phone; `mtime_s` in seconds since 1970."""

    mode: int
    size_bytes: int
    mtime_s: int


def request(identity: bytes, number: int, data: bytes | memoryview = b"") -> bytes:
    """One message."""
    return REQUEST.pack(identity, number) + data


def with_length(identity: bytes, data: bytes | memoryview) -> bytes:
    """A message whose number is the length of its data."""
    return request(identity, len(data), data)


def pack_stat_v2(info: FileInfo, error: int = 0) -> bytes:
    """The 68 bytes that version 2 sends."""
    return STAT_V2.pack(error, 0, 0, info.mode, 1, 0, 0, info.size_bytes, info.mtime_s, info.mtime_s, info.mtime_s)
