"""The adb server's smart socket: four hexadecimal digits, a request, then OKAY or FAIL, and then the service itself.

Source: SERVICES.TXT and OVERVIEW.TXT in the Android Open Source Project, packages/modules/adb.
"""

import contextlib
import select
import socket

from benchmarks.adb.address import Address
from benchmarks.adb.errors import AdbError, AdbServerError, AdbTimeoutError, ConnectionLostError, ServiceRefusedError
from benchmarks.adb.failures import explain

RECEIVE_BYTES = 1 << 20


class SmartSocket:
    """One connection to an adb server: requests first, then it is a `ByteStream`."""

    def __init__(self, address: Address, timeout_s: float) -> None:
        self._address = address
        self._timeout_s = timeout_s
        try:
            self._socket = socket.create_connection((address.host, address.port), timeout_s)
        except OSError as error:
            raise AdbServerError(
                f"no adb server answers at {address} ({error.strerror or error}); start it with `adb start-server`"
            ) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: str, serial: str | None) -> None:
        """Make a request; when the server refuses, the error that its message means for phone `serial`."""
        encoded = request.encode(errors="surrogateescape")
        self.send(b"%04x%b" % (len(encoded), encoded), self._timeout_s)
        status = self._exactly(4)
        if status == b"OKAY":
            return
        if status != b"FAIL":
            raise self._not_adb()
        message = self.text()
        if message == "closed":
            service = request.partition(":")[0]
            raise ServiceRefusedError(f"phone {serial} does not offer {service!r}; its Android may be too old")
        raise explain(message, serial) or AdbServerError(f"the adb server at {self._address} refused: {message}")

    def text(self) -> str:
        """The answer to a request: four digits of length, then text."""
        digits = self._exactly(4)
        try:
            size_bytes = int(digits, 16)
        except ValueError as error:
            raise self._not_adb() from error
        return self._exactly(size_bytes).decode(errors="replace")

    def receive(self, timeout_s: float | None) -> bytes:
        return self._some(RECEIVE_BYTES, timeout_s)

    def send(self, data: bytes | bytearray | memoryview, timeout_s: float | None) -> None:
        try:
            self._socket.settimeout(timeout_s)
            self._socket.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise self._lost(error) from error

    def pending(self) -> bool:
        return bool(select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        with contextlib.suppress(OSError):  # it may be closed already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _exactly(self, size_bytes: int) -> bytes:
        data = b""
        while len(data) < size_bytes:
            try:
                received = self._some(size_bytes - len(data), self._timeout_s)
            except TimeoutError as error:
                raise AdbTimeoutError(
                    f"the adb server at {self._address} did not answer for {self._timeout_s:g} s; see `adb devices`"
                ) from error
            if not received:
                raise ConnectionLostError(
                    f"the adb server at {self._address} hung up; see `adb devices`, then run it again"
                )
            data += received
        return data

    def _some(self, at_most_bytes: int, timeout_s: float | None) -> bytes:
        try:
            self._socket.settimeout(timeout_s)
            return self._socket.recv(at_most_bytes)
        except TimeoutError:
            raise
        except OSError as error:
            raise self._lost(error) from error

    def _lost(self, error: OSError) -> AdbError:
        reason = error.strerror or error
        return ConnectionLostError(f"the adb server at {self._address} is gone ({reason}); see `adb devices`")

    def _not_adb(self) -> AdbServerError:
        return AdbServerError(f"{self._address} is not an adb server; give the address of one")
