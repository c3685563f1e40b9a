"""Where phones can be seen: adb servers, USB, TCP. Nothing is asked of them yet; no adb server is started or ended.

A running adb server comes first, because it keeps the USB phones to itself. Where none runs the kit speaks to USB
itself. Phones over TCP are those that a server is connected to, and those that are named with --tcp.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.adb.address import Address
from benchmarks.adb.direct import DirectTransport, over_tcp
from benchmarks.adb.errors import AdbError, AdbServerError
from benchmarks.adb.failures import explain
from benchmarks.adb.program import find_adb
from benchmarks.adb.server import READY, AdbServer, Listed, ServerTransport, is_port
from benchmarks.adb.stream import Transport

if TYPE_CHECKING:
    from benchmarks.adb.usb import UsbCarrier


@dataclass(frozen=True, slots=True)
class SearchPlaces:
    """Where to look, and for which phones.

    Without `servers` it is this computer's server or, when none runs, USB. Without `serials` it is every phone.
    """

    servers: tuple[Address, ...] = ()
    tcp: tuple[Address, ...] = ()
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phone in one of the places, which `attached_by` names: `usb`, `tcp` or `server host:port`.

    `problem` says why it cannot be used, and what to do; None when it can be asked.
    """

    serial: str
    attached_by: str
    on_usb: bool
    connect: Callable[[], Transport]
    problem: AdbError | None = None

    @property
    def names(self) -> frozenset[str]:
        """What its user may call it: the serial, and for an address the host alone."""
        host, _, port = self.serial.rpartition(":")
        address = host if port.isdecimal() and not is_port(self.serial) else ""
        return frozenset((self.serial, self.serial.strip(), address)) - {""}


def scan(places: SearchPlaces) -> tuple[list[Candidate], str | None]:
    """Every candidate, and a hint for when there are too few. AdbServerError when a named server does not answer."""
    candidates = [_tcp_candidate(address) for address in places.tcp]
    hint = None
    servers = [AdbServer(address) for address in places.servers]
    if not servers:
        local = AdbServer(Address.default_server())
        try:
            local.version()
        except AdbServerError:
            on_usb, hint = _seen_on_usb()
            candidates += on_usb
        else:
            servers = [local]
    candidates += [_server_candidate(server, listed) for server in servers for listed in server.devices()]
    return candidates, hint


def _server_candidate(server: AdbServer, listed: Listed) -> Candidate:
    problem = None
    if not listed.state:
        problem = AdbError(f"the adb server lists {listed.serial!r}, which names no phone; see `adb devices -l`")
    elif listed.state != READY:
        problem = explain(listed.state, listed.serial) or AdbError(
            f"phone {listed.serial} is in state {listed.state!r}; start Android on it and plug it in again"
        )
    on_usb = "usb" in listed.details or listed.state.startswith("no permissions")
    connect = lambda: ServerTransport(server, listed.serial)  # noqa: E731  # a function of its own would say no more
    return Candidate(listed.serial, f"server {server.address}", on_usb, connect, problem)


def _tcp_candidate(address: Address) -> Candidate:
    return Candidate(str(address), "tcp", False, lambda: over_tcp(address.host, address.port))


def _seen_on_usb() -> tuple[list[Candidate], str | None]:
    from benchmarks.adb import usb  # importing it opens libusb

    adb = find_adb()
    hint = None if adb is None else f"no adb server runs; `{adb.path} start-server` may find phones over Wi-Fi too"
    try:
        carriers = list(usb.carriers())
        counts = Counter(carrier.name() for carrier in carriers)
        return [_usb_candidate(carrier, counts[carrier.name()] > 1) for carrier in carriers], hint
    except AdbError as error:
        return [], hint or str(error)


def _usb_candidate(carrier: "UsbCarrier", by_port: bool) -> Candidate:
    name = carrier.port() if by_port else carrier.name()

    def connect() -> "UsbCarrier":
        carrier.open()
        return carrier

    return Candidate(name, "usb", True, lambda: DirectTransport(name, "usb", connect))
