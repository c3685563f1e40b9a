"""The shell protocol ("shell v2"): a byte of channel, four of length, then data. Both ends of the link read it here.

Source: shell_protocol.h in the Android Open Source Project, packages/modules/adb.
"""

import struct
from enum import IntEnum

HEADER = struct.Struct("<BI")
MAX_DATA_BYTES = 1 << 20


class Channel(IntEnum):
    """Which stream of the command a packet belongs to."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    EXIT = 3
    CLOSE_STDIN = 4
    WINDOW_SIZE = 5


def encode(channel: Channel, data: bytes = b"") -> bytes:
    """One packet."""
    return HEADER.pack(channel, len(data)) + data


def encode_exit(code: int) -> bytes:
    """The packet that ends a command."""
    return encode(Channel.EXIT, bytes([code & 0xFF]))
