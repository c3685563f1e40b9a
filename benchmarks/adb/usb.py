"""What carries packets over USB: adb-shell's transport and libusb, with its faults corrected.

Importing this opens libusb, so `candidates` does it only when it is needed. adb-shell loses the rest of a partial
transfer, and sends no zero-length packet after a payload that fills its last USB packet; adb itself does
(`zero_mask` in adb's usb_linux.cpp), and phones wait for it.
"""

import ctypes
import platform
import threading
from collections.abc import Iterator

import libusb_package
import usb1  # type: ignore[import-untyped]

usb1.loadLibrary(ctypes.CDLL(str(libusb_package.get_library_path())))  # before adb-shell looks for another one

from adb_shell.exceptions import UsbReadFailedError, UsbWriteFailedError  # noqa: E402  # needs the library loaded
from adb_shell.transport.usb_transport import UsbTransport  # noqa: E402  # needs the library loaded

from benchmarks.adb.errors import AdbError, ConnectionLostError, UsbAccessError  # noqa: E402  # needs the library loaded
from benchmarks.adb.failures import UDEV  # noqa: E402  # needs the library loaded

POLL_S = 1.0
"""A blocked libusb read cannot be woken: it returns this often to see whether the carrier was closed."""
WRITE_TIMEOUT_S = 30.0


class UsbCarrier(UsbTransport):  # type: ignore[misc]  # adb-shell has no types
    """One USB interface of a phone that speaks adb."""

    def open(self) -> None:
        """Claim the interface; UsbAccessError when the system or another adb is using it."""
        self._closing = threading.Event()
        self._timeout_s: float | None = None
        self._reading = threading.Lock()
        try:
            self._claim()
        except usb1.USBError as error:
            raise _no_access(self.name(), error) from error
        size_bytes = self._device.getMaxPacketSize(self._write_endpoint)
        self._packet_bytes = size_bytes if size_bytes > 0 else 512

    def _claim(self) -> None:
        """What adb-shell's `connect` does, but no driver is detached: adb's interface has none, and macOS wants root.

        https://github.com/JeffLIrion/adb_shell/issues/208
        """
        addresses = [endpoint.getAddress() for endpoint in self._setting.iterEndpoints()]
        self._read_endpoint = next(address for address in addresses if address & usb1.ENDPOINT_DIR_MASK)
        self._write_endpoint = next(address for address in addresses if not address & usb1.ENDPOINT_DIR_MASK)
        self._interface_number = self._setting.getNumber()
        self._transport = self._device.open()
        self._transport.claimInterface(self._interface_number)

    def name(self) -> str:
        """The phone's serial, or where it is plugged in where the system does not allow to read that."""
        try:
            return str(self.serial_number)
        except usb1.USBError:
            return self.port()

    def port(self) -> str:
        """Where it is plugged in, as adb names it."""
        return "usb:" + "-".join(str(part) for part in self.port_path)

    def wait_at_most(self, timeout_s: float | None) -> None:
        self._timeout_s = timeout_s

    def read_exactly(self, size_bytes: int) -> bytearray:
        data = bytearray()
        waited_s = 0.0
        with self._reading:
            while len(data) < size_bytes:
                received = self._read_some(size_bytes - len(data))
                data += received
                waited_s = 0.0 if received else waited_s + POLL_S
                if self._timeout_s is not None and waited_s >= self._timeout_s:
                    raise TimeoutError
        return data

    def _read_some(self, size_bytes: int) -> bytes:
        if self._closing.is_set():
            raise ConnectionLostError("the connection to the phone is closed; connect again")
        try:
            return bytes(self.bulk_read(size_bytes, POLL_S))
        except UsbReadFailedError as error:
            if isinstance(error.usb_error, usb1.USBErrorTimeout):
                return bytes(error.usb_error.received)
            raise ConnectionLostError(
                f"phone {self.name()} is gone ({error.usb_error}); plug it in and run it again"
            ) from error

    def write_all(self, header: bytes, payload: bytes | bytearray | memoryview) -> None:
        self._write(header)
        if len(payload):
            self._write(payload)
            if len(payload) % self._packet_bytes == 0:
                self._write(b"")

    def _write(self, data: bytes | bytearray | memoryview) -> None:
        left = bytes(data)
        while True:
            try:
                sent = self.bulk_write(left, WRITE_TIMEOUT_S)
            except UsbWriteFailedError as error:
                raise ConnectionLostError(f"phone {self.name()} is gone; plug it in and run it again") from error
            left = left[sent:]
            if not left:
                return
            if not sent:
                raise ConnectionLostError(f"phone {self.name()} takes no data; plug it in again and run it again")

    def close(self) -> None:
        """Wait until a blocked read returns, then release the interface."""
        self._closing.set()
        with self._reading:
            super().close()


def carriers() -> Iterator[UsbCarrier]:
    """Every USB interface that speaks adb, none of them opened yet; UsbAccessError when USB cannot be listed."""
    try:
        yield from UsbCarrier.find_all_adb_devices()
    except usb1.USBError as error:
        raise UsbAccessError(f"USB cannot be listed here ({error}); use an adb server, or a phone over TCP") from error


def _no_access(name: str, error: usb1.USBError) -> AdbError:
    # Of an interface that another program has claimed, macOS says what Linux says of one that is closed to this user.
    is_mac = platform.system() == "Darwin"
    if isinstance(error, usb1.USBErrorBusy) or (is_mac and isinstance(error, usb1.USBErrorAccess)):
        return UsbAccessError(f"phone {name} is held by another adb server; use it with --adb-server host:port")
    if isinstance(error, usb1.USBErrorAccess):
        return UsbAccessError(f"phone {name} is not open to this user; {UDEV}")
    return ConnectionLostError(f"phone {name} cannot be opened ({error}); unplug it and plug it in again")
