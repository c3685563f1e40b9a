"""What the USB carrier does between adb-shell and libusb, with a device that plays its part by the byte."""

import platform
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
import usb1  # type: ignore[import-untyped]

from benchmarks.adb.errors import ConnectionLostError, UsbAccessError
from benchmarks.adb.usb import UsbCarrier

PACKET_BYTES = 512
IN, OUT = 0x81, 0x02


class Endpoint:
    def __init__(self, address: int) -> None:
        self._address = address

    def getAddress(self) -> int:  # noqa: N802  # libusb1's name
        return self._address


class Setting:
    def iterEndpoints(self) -> Iterator[Endpoint]:  # noqa: N802  # libusb1's name
        yield from (Endpoint(IN), Endpoint(OUT))

    def getNumber(self) -> int:  # noqa: N802  # libusb1's name
        return 0


class Device:
    """A USB phone: what it is still going to say, what it was told, and how much it takes at a time."""

    def __init__(self, says: list[bytes | usb1.USBError] | None = None, takes: int = 1 << 20) -> None:
        self.says = deque(says or [])
        self.told: list[bytes] = []
        self.takes = takes
        self.claim_error: usb1.USBError | None = None

    def open(self) -> "Device":
        return self

    def getSerialNumber(self) -> str:  # noqa: N802  # libusb1's name
        return "R58"

    def getMaxPacketSize(self, _endpoint: int) -> int:  # noqa: N802  # libusb1's name
        return PACKET_BYTES

    def kernelDriverActive(self, _interface: int) -> bool:  # noqa: N802  # libusb1's name
        return True

    def detachKernelDriver(self, _interface: int) -> None:  # noqa: N802  # libusb1's name
        """As macOS answers everyone but root."""
        raise usb1.USBErrorAccess

    def claimInterface(self, _interface: int) -> None:  # noqa: N802  # libusb1's name
        if self.claim_error is not None:
            raise self.claim_error

    def releaseInterface(self, _interface: int) -> None:  # noqa: N802  # libusb1's name
        """Nothing to release."""

    def close(self) -> None:
        """Nothing to close."""

    def bulkRead(self, _endpoint: int, length: int, timeout: int) -> bytearray:  # noqa: N802  # libusb1's name
        assert timeout > 0, "an endless read could never be closed"
        said = self.says.popleft()
        if isinstance(said, usb1.USBError):
            raise said
        if len(said) > length:
            self.says.appendleft(said[length:])
        return bytearray(said[:length])

    def bulkWrite(self, _endpoint: int, data: Any, timeout: int) -> int:  # noqa: N802  # libusb1's name
        assert timeout > 0
        self.told.append(bytes(data)[: self.takes])
        return len(self.told[-1])


def opened(device: Device) -> UsbCarrier:
    carrier = UsbCarrier(device, Setting())
    carrier.open()
    return carrier


def timed_out(received: bytes = b"") -> usb1.USBError:
    error = usb1.USBErrorTimeout()
    error.received = bytearray(received)
    return error


def test_what_came_before_a_timeout_is_kept() -> None:
    carrier = opened(Device([b"ab", timed_out(b"cd"), timed_out(), b"", b"efgh"]))
    assert carrier.read_exactly(6) == b"abcdef"
    assert carrier.read_exactly(2) == b"gh"


def test_waiting_ends_when_it_was_limited() -> None:
    carrier = opened(Device([timed_out() for _ in range(10)]))
    carrier.wait_at_most(2.0)
    with pytest.raises(TimeoutError):
        carrier.read_exactly(24)


def test_a_partial_write_goes_on_where_it_stopped() -> None:
    device = Device(takes=100)
    opened(device).write_all(b"h" * 24, bytes(range(250)))
    assert b"".join(device.told) == b"h" * 24 + bytes(range(250))


@pytest.mark.parametrize(("size", "zero_packets"), [(0, 0), (511, 0), (512, 1), (513, 0), (1 << 16, 1)])
def test_a_payload_that_fills_its_last_packet_is_followed_by_an_empty_one(size: int, zero_packets: int) -> None:
    device = Device()
    opened(device).write_all(b"h" * 24, bytes(size))
    assert device.told.count(b"") == zero_packets


def test_a_phone_that_was_pulled_out_is_lost() -> None:
    carrier = opened(Device([usb1.USBErrorNoDevice()]))
    with pytest.raises(ConnectionLostError, match=r"phone R58 is gone .*; plug it in and run it again"):
        carrier.read_exactly(24)
    carrier.close()
    with pytest.raises(ConnectionLostError, match="is closed; connect again"):
        carrier.read_exactly(24)


HELD = "phone R58 is held by another adb server; use it with --adb-server host:port"


@pytest.mark.parametrize(
    ("system", "error", "words"),
    [
        ("Linux", usb1.USBErrorBusy(), HELD),
        ("Linux", usb1.USBErrorAccess(), "phone R58 is not open to this user; install the udev rules"),
        ("Darwin", usb1.USBErrorAccess(), HELD),
    ],
)
def test_a_device_that_is_held_or_closed_to_us_says_what_to_do(
    system: str, error: usb1.USBError, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    device = Device()
    device.claim_error = error
    with pytest.raises(UsbAccessError, match=words):
        opened(device)
