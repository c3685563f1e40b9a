"""Packets over a carrier."""

from benchmarks.adb.carrier import Carrier
from benchmarks.adb.errors import ProtocolError
from benchmarks.adb.packet import HEADER, Packet, checksum, decode_header, encode_header


class Wire:
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
