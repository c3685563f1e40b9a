"""What carries packets over TCP; `usb` does the same for USB.

Of adb-shell 0.4.4 the kit uses the keys and the USB transport only. Over TCP it waits 40 ms for each packet (no
TCP_NODELAY), loses the rest of a partial send, and loops without end at the end of a stream; its streams, sync and
shell take a refusal for silence, drop FAIL messages and have no exit code. See `mux`, `sync` and `shell`.
"""

import contextlib
import socket
from collections.abc import Iterator
from typing import Protocol, Self

from benchmarks.adb.errors import ConnectionLostError, OfflineError


class Carrier(Protocol):
    """Bytes in both directions, as over a socket: where one packet ends is not kept."""

    def wait_at_most(self, timeout_s: float | None) -> None:
        """From now on a read or write without progress for `timeout_s` raises TimeoutError; None waits for ever."""

    def read_exactly(self, size_bytes: int) -> bytearray:
        """The next bytes; ConnectionLostError at the end of the stream."""

    def write_all(self, header: bytes, payload: bytes | bytearray | memoryview) -> None:
        """Send both; ConnectionLostError when the connection has ended."""

    def close(self) -> None:
        """End it; a blocked `read_exactly` raises ConnectionLostError."""


class TcpCarrier:
    """A TCP connection between this computer and an adb daemon, at either end."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(None)
        self._connection: socket.socket | None = connection

    @classmethod
    def to(cls, host: str, port: int, timeout_s: float) -> Self:
        """Connected; OfflineError when nobody listens."""
        try:
            return cls(socket.create_connection((host, port), timeout_s))
        except OSError as error:
            reason = error.strerror or str(error)
            raise OfflineError(
                f"phone {host}:{port} does not accept a connection ({reason}); "
                "check the address, and that wireless debugging is on"
            ) from error

    def wait_at_most(self, timeout_s: float | None) -> None:
        with self._open() as connection:
            connection.settimeout(timeout_s)

    def read_exactly(self, size_bytes: int) -> bytearray:
        data = bytearray(size_bytes)
        view = memoryview(data)
        with self._open() as connection:
            while view:
                received = connection.recv_into(view)
                if not received:
                    raise ConnectionLostError("the phone hung up; check the cable or the Wi-Fi, then run it again")
                view = view[received:]
        return data

    def write_all(self, header: bytes, payload: bytes | bytearray | memoryview) -> None:
        with self._open() as connection:
            sent = connection.sendmsg((header, payload))
            for part in (header, payload):
                if sent < len(part):
                    connection.sendall(memoryview(part)[sent:])
                sent = max(0, sent - len(part))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError):  # it may be closed already
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    @contextlib.contextmanager
    def _open(self) -> Iterator[socket.socket]:
        connection = self._connection
        try:
            if connection is None:
                raise ConnectionLostError("the connection to the phone is closed; connect again")
            yield connection
        except TimeoutError:
            raise
        except OSError as error:
            raise ConnectionLostError(
                f"the phone is gone ({error.strerror or error}); attach it and run it again"
            ) from error
