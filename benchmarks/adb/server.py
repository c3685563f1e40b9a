"""An adb server, and a phone behind it. Every request and every service is a connection of its own.

A server is never started or ended here: Android Studio may be using its phones.
"""

import contextlib
import re
from collections import Counter
from dataclasses import dataclass, replace

from benchmarks.adb.address import Address
from benchmarks.adb.errors import AdbServerError, ConnectionLostError, ServiceRefusedError
from benchmarks.adb.failures import explain
from benchmarks.adb.smart_socket import SmartSocket
from benchmarks.adb.stream import QUIET_S

READY = "device"
"""adb's word for a phone that can be used."""
CONNECT_S = 30.0
"""adb waits some ten seconds for a phone that does not answer, and then tries again."""
TRANSPORT_ID = "transport_id"
LISTED = re.compile(r"^(.*?\S)\s+(no permissions.*?|\S+)((?:\s+\w+:\S+)*)\s*$")
"""Serial, state, details. A serial may hold blanks: ` GS101`, `adb-4c75-lL2 (2)._adb-tls-connect._tcp`."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of `adb devices -l`. `state` is adb's word: device, offline, unauthorized, no permissions …

    `serial` is its USB port where several phones have one serial. A line that cannot be read is a serial without a
    state.
    """

    serial: str
    state: str
    details: dict[str, str]


def _listed(line: str) -> Listed:
    found = LISTED.match(line)
    if found is None:
        return Listed(line.strip(), "", {})
    return Listed(found[1], found[2], dict(detail.split(":", 1) for detail in found[3].split()))


def _port(phone: Listed) -> str:
    """What a person calls one of several phones of one serial: where it is plugged in, or adb's number of it."""
    for detail in ("usb", TRANSPORT_ID):
        if detail in phone.details:
            return f"{detail}:{phone.details[detail]}"
    return phone.serial


def is_port(serial: str) -> bool:
    """Whether a phone is named by where it is plugged in, because its serial is another's, too."""
    return serial.startswith(("usb:", f"{TRANSPORT_ID}:"))


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
        lines = [line for line in self._query("host:devices-l").splitlines() if line.strip()]
        listed = [_listed(line) for line in lines]
        counts = Counter(one.serial for one in listed)
        return tuple(one if counts[one.serial] == 1 else replace(one, serial=_port(one)) for one in listed)

    def connect(self, phone: Address, timeout_s: float = CONNECT_S) -> None:
        """Have the server connect to a phone that listens on TCP; an error from `failures` when it cannot."""
        message = self._query(f"host:connect:{phone}", str(phone), timeout_s)
        if not message.startswith(("connected to", "already connected to")):
            raise explain(message, str(phone)) or AdbServerError(f"the adb server at {self.address} refused: {message}")

    def disconnect(self, phone: Address) -> None:
        """Have the server forget a phone that it was told to connect to."""
        self._query(f"host:disconnect:{phone}", str(phone))

    def features(self, serial: str) -> frozenset[str]:
        """What the server and the phone can both do."""
        number = self._transport_id(serial)
        phone = f"host-serial:{serial}" if number is None else f"host-transport-id:{number}"
        return frozenset(self._query(f"{phone}:features", serial).split(","))

    def open(self, serial: str, service: str, timeout_s: float = QUIET_S) -> SmartSocket:
        """A service of the phone as a stream."""
        number = self._transport_id(serial)
        phone = f"host:transport:{serial}" if number is None else f"host:transport-id:{number}"
        stream = SmartSocket(self.address, timeout_s)
        try:
            stream.ask(phone, serial)
            stream.ask(service, serial)
        except ServiceRefusedError:  # adb gives the same answer for a phone that is gone
            stream.close()
            if self.state(serial) == READY:
                raise
            raise ConnectionLostError(f"phone {serial} is gone; attach it and run it again") from None
        except ConnectionLostError as error:
            stream.close()
            raise ConnectionLostError(f"phone {serial}: {error}") from error
        except BaseException:
            stream.close()
            raise
        return stream

    def _transport_id(self, serial: str) -> str | None:
        """adb's present number of a phone that is named by its port; None for one that is named by its serial."""
        if not is_port(serial):
            return None
        return next((one.details.get(TRANSPORT_ID) for one in self.devices() if one.serial == serial), None)

    def state(self, serial: str) -> str | None:
        """adb's word for the phone's state; None when it is not listed."""
        return next((one.state for one in self.devices() if one.serial == serial), None)

    def _query(self, request: str, serial: str | None = None, timeout_s: float = QUIET_S) -> str:
        with contextlib.closing(SmartSocket(self.address, timeout_s)) as stream:
            stream.ask(request, serial)
            return stream.text()


class ServerTransport:
    """One phone of an adb server."""

    def __init__(self, server: AdbServer, serial: str) -> None:
        self._server = server
        self.serial = serial
        self.route = "server"
        self._features: frozenset[str] | None = None

    @property
    def features(self) -> frozenset[str]:
        if self._features is None:
            self._features = self._server.features(self.serial)
        return self._features

    def open(self, service: str, timeout_s: float = QUIET_S) -> SmartSocket:
        return self._server.open(self.serial, service, timeout_s)

    def revive(self) -> None:
        """Have the server connect again to a phone over TCP, which by itself it tries only every ten seconds."""
        if is_port(self.serial) or ":" not in self.serial:
            return
        state = self._server.state(self.serial)
        if state == READY:
            return
        phone = Address.parse(self.serial)
        if state is not None:
            self._server.disconnect(phone)
        self._server.connect(phone)

    def close(self) -> None:
        """Nothing to do: a connection ends with its service."""
