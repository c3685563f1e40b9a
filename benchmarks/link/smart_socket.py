"""The adb server's smart socket: four hexadecimal digits, a request, then OKAY or FAIL.

Source: SERVICES.TXT and OVERVIEW.TXT in the Android Open Source Project, packages/modules/adb. A server is never
started or killed here: it may hold phones for Android Studio, and adb kills one whose version differs from its own.
"""

import contextlib
import os
import re
import select
import socket
from dataclasses import dataclass
from typing import Self

from benchmarks.link.errors import AdbServerError, LinkError, LinkLostError, LinkTimeoutError, ServiceRefusedError
from benchmarks.link.failures import explain
from benchmarks.link.stream import QUIET_S

RECEIVE_BYTES = 1 << 20
LISTED = re.compile(r"^(\S+)\s+(no permissions.*?|\S+)((?:\s+\w+:\S+)*)\s*$")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an adb server or a phone listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """`host:port`, `[v6]:port`; LinkError for anything else."""
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise LinkError(f"{text!r} is not host:port; give for example 192.168.1.5:5037")
        return cls(host.strip("[]"), int(port))

    @classmethod
    def default_server(cls) -> Self:
        """This machine's adb server: port 5037, or ANDROID_ADB_SERVER_PORT."""
        port = os.environ.get("ANDROID_ADB_SERVER_PORT", "5037")
        return cls.parse(f"127.0.0.1:{port}")

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of `adb devices -l`. `state` is adb's word: device, offline, unauthorized, no permissions …"""

    serial: str
    state: str
    details: dict[str, str]


class SocketStream:
    """One connection to an adb server, which is one service; a `ByteStream`."""

    def __init__(self, address: Address, timeout_s: float) -> None:
        try:
            self._socket = socket.create_connection((address.host, address.port), timeout_s)
        except OSError as error:
            raise AdbServerError(
                f"no adb server answers at {address} ({error.strerror or error}); start it with `adb start-server`"
            ) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(self, timeout_s: float | None) -> bytes:
        return self.take(RECEIVE_BYTES, timeout_s)

    def take(self, at_most_bytes: int, timeout_s: float | None) -> bytes:
        """Like `receive`, and no more than this."""
        try:
            self._socket.settimeout(timeout_s)
            return self._socket.recv(at_most_bytes)
        except TimeoutError:
            raise
        except OSError as error:
            raise _lost(error) from error

    def send(self, data: bytes | bytearray | memoryview, timeout_s: float | None) -> None:
        try:
            self._socket.settimeout(timeout_s)
            self._socket.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise _lost(error) from error

    def pending(self) -> bool:
        return bool(select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        with contextlib.suppress(OSError):  # it may be gone already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class AdbServer:
    """An adb server, here or on another machine."""

    def __init__(self, address: Address) -> None:
        self.address = address

    def version(self) -> int:
        """The server's version, such as 41; AdbServerError when none answers."""
        text = self._query("host:version")
        try:
            return int(text, 16)
        except ValueError as error:
            raise AdbServerError(f"{self.address} is not an adb server; give the address of one") from error

    def devices(self) -> tuple[Listed, ...]:
        """Everything the server sees, ready or not."""
        lines = (LISTED.match(line) for line in self._query("host:devices-l").splitlines())
        return tuple(
            Listed(found[1], found[2], dict(pair.split(":", 1) for pair in found[3].split()))
            for found in lines
            if found
        )

    def features(self, serial: str) -> frozenset[str]:
        """What both the server and the phone can do."""
        return frozenset(self._query(f"host-serial:{serial}:features", serial).split(","))

    def open(self, serial: str, service: str, timeout_s: float = QUIET_S) -> SocketStream:
        """A service of the phone as a stream."""
        stream = SocketStream(self.address, timeout_s)
        try:
            self._ask(stream, f"host:transport:{serial}", serial, timeout_s)
            self._ask(stream, service, serial, timeout_s)
        except BaseException:
            stream.close()
            raise
        return stream

    def _query(self, request: str, serial: str | None = None) -> str:
        stream = SocketStream(self.address, QUIET_S)
        with contextlib.closing(stream):
            self._ask(stream, request, serial, QUIET_S)
            size_bytes = self._length(_take(stream, 4, QUIET_S))
            return _take(stream, size_bytes, QUIET_S).decode(errors="replace")

    def _ask(self, stream: SocketStream, request: str, serial: str | None, timeout_s: float) -> None:
        encoded = request.encode(errors="surrogateescape")
        try:
            stream.send(b"%04x%b" % (len(encoded), encoded), timeout_s)
            status = _take(stream, 4, timeout_s)
            if status == b"OKAY":
                return
            if status != b"FAIL":
                raise AdbServerError(f"{self.address} is not an adb server; give the address of one")
            said = _take(stream, self._length(_take(stream, 4, timeout_s)), timeout_s).decode(errors="replace")
        except TimeoutError as error:
            raise LinkTimeoutError(
                f"the adb server at {self.address} did not answer {request.partition(':')[0]!r} for {timeout_s:g} s; "
                "see `adb devices`"
            ) from error
        if said == "closed":
            raise ServiceRefusedError(
                f"phone {serial} does not offer {request.partition(':')[0]!r}; its Android may be too old"
            )
        raise explain(said, serial) or AdbServerError(f"the adb server at {self.address} refused: {said}")

    def _length(self, digits: bytes) -> int:
        try:
            return int(digits, 16)
        except ValueError as error:
            raise AdbServerError(f"{self.address} is not an adb server; give the address of one") from error


class ServerTransport:
    """One phone of an adb server. Every service is a connection of its own."""

    def __init__(self, server: AdbServer, serial: str) -> None:
        self._server = server
        self._serial = serial
        self._features: frozenset[str] | None = None

    @property
    def serial(self) -> str:
        return self._serial

    @property
    def route(self) -> str:
        return "server"

    @property
    def features(self) -> frozenset[str]:
        if self._features is None:
            self._features = self._server.features(self._serial)
        return self._features

    def open(self, service: str, timeout_s: float = QUIET_S) -> SocketStream:
        return self._server.open(self._serial, service, timeout_s)

    def close(self) -> None:
        """Nothing to do: no connection outlives its service."""


def _take(stream: SocketStream, size_bytes: int, timeout_s: float) -> bytes:
    data = b""
    while len(data) < size_bytes:
        got = stream.take(size_bytes - len(data), timeout_s)
        if not got:
            raise LinkLostError("the adb server hung up; see `adb devices`, then run it again")
        data += got
    return data


def _lost(error: OSError) -> LinkError:
    return LinkLostError(f"the adb server is gone ({error.strerror or error}); see `adb devices`, then run it again")
