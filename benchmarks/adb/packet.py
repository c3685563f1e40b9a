"""adb's packets: 24 bytes of header, then a payload; and a stream of them over a carrier.

Source: protocol.txt in the Android Open Source Project, packages/modules/adb.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from benchmarks.adb.carrier import Carrier
from benchmarks.adb.errors import ProtocolError

UNCHECKED_VERSION = 0x01000001
"""From this version of the protocol on packets have no checksums, if both sides speak it."""
MAX_PAYLOAD_BYTES = 1 << 20
HEADER = struct.Struct("<6I")


class Command(IntEnum):
    """The first four letters of a packet, little-endian."""

    CNXN = 0x4E584E43
    AUTH = 0x48545541
    OPEN = 0x4E45504F
    OKAY = 0x59414B4F
    CLSE = 0x45534C43
    WRTE = 0x45545257
    STLS = 0x534C5453


COMMANDS = {int(command): command for command in Command}


class Auth(IntEnum):
    """What an AUTH packet carries, in its arg0."""

    TOKEN = 1
    SIGNATURE = 2
    PUBLIC_KEY = 3


@dataclass(frozen=True, slots=True)
class Packet:
    """One message; arg0 and arg1 are in most commands the sender's and the receiver's number of the stream."""

    command: Command
    arg0: int
    arg1: int
    payload: bytes | bytearray | memoryview = b""


@dataclass(frozen=True, slots=True)
class Header:
    """The first 24 bytes of a packet."""

    command: Command
    arg0: int
    arg1: int
    size_bytes: int
    checksum: int


def encode_header(packet: Packet, checked: bool) -> bytes:
    """The 24 bytes that go before `packet.payload`; the checksum is 0 unless `checked`."""
    command = int(packet.command)
    total = checksum(packet.payload) if checked else 0
    return HEADER.pack(command, packet.arg0, packet.arg1, len(packet.payload), total, command ^ 0xFFFFFFFF)


def decode_header(data: bytes | bytearray) -> Header:
    """The header in 24 bytes; ProtocolError when they cannot be one."""
    command, arg0, arg1, size_bytes, total, magic = HEADER.unpack(data)
    if command ^ 0xFFFFFFFF != magic or command not in COMMANDS:
        raise ProtocolError(f"{bytes(data[:4])!r} does not begin an adb packet; is this port adb's?")
    if size_bytes > MAX_PAYLOAD_BYTES:
        raise ProtocolError(f"an adb packet of {size_bytes} bytes is too long; {MAX_PAYLOAD_BYTES} are allowed")
    return Header(COMMANDS[command], arg0, arg1, size_bytes, total)


def checksum(payload: bytes | bytearray | memoryview) -> int:
    """The sum of all bytes modulo 2³², which adb calls a CRC."""
    return sum(payload) & 0xFFFFFFFF


class PacketStream:
    """Packets over a carrier. `checked` until both ends turn out to do without checksums."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.checked = True

    def read(self) -> Packet:
        """The next packet; ConnectionLostError at the end, ProtocolError when it is not adb's."""
        header = decode_header(self.carrier.read_exactly(HEADER.size))
        payload = self.carrier.read_exactly(header.size_bytes) if header.size_bytes else b""
        if self.checked and header.checksum != checksum(payload):
            raise ProtocolError("an adb packet arrived damaged; try another cable or port")
        return Packet(header.command, header.arg0, header.arg1, payload)

    def write(self, packet: Packet) -> None:
        self.carrier.write_all(encode_header(packet, self.checked), packet.payload)
