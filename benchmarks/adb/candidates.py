"""Where phones can be seen: adb servers, USB, TCP. Nothing is asked of them yet; no adb server is started or ended.

A running adb server comes first: it is what Android Studio holds the USB with. Without one the kit speaks to USB
itself. Phones over TCP are those a server is connected to, and those that are named with --tcp.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.adb.address import Address
from benchmarks.adb.direct import DirectTransport, over_tcp
from benchmarks.adb.errors import AdbError, AdbServerError
from benchmarks.adb.failures import explain
from benchmarks.adb.server import READY, AdbServer, Listed, ServerTransport
from benchmarks.adb.stream import Transport

if TYPE_CHECKING:
    from benchmarks.adb.usb import UsbCarrier


@dataclass(frozen=True, slots=True)
class SearchPlaces:
    """Where to look. Without `servers` it is this machine's server or, when none runs, USB."""

    servers: tuple[Address, ...] = ()
    tcp: tuple[Address, ...] = ()
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phone as one way shows it. `problem` says why it cannot be talked to, and what to do; None when it can."""

    serial: str
    way: str
    on_usb: bool
    connect: Callable[[], Transport]
    problem: AdbError | None = None


def scan(places: SearchPlaces) -> tuple[list[Candidate], str | None]:
    """Every sighting, and a hint for when there are too few. AdbServerError when a named server does not answer."""
    sightings = [_seen_on_tcp(address) for address in places.tcp]
    hint = None
    if places.servers:
        for address in places.servers:
            sightings += _seen_by(AdbServer(address))
    else:
        here = AdbServer(Address.default_server())
        try:
            here.version()
        except AdbServerError:
            on_usb, hint = _seen_on_usb()
            sightings += on_usb
        else:
            sightings += _seen_by(here)
    return sightings, hint


def _seen_by(server: AdbServer) -> list[Candidate]:
    return [_seen(server, listed) for listed in server.devices()]


def _seen(server: AdbServer, listed: Listed) -> Candidate:
    problem = None
    if listed.state != READY:
        problem = explain(listed.state, listed.serial) or AdbError(
            f"phone {listed.serial} is in state {listed.state!r}; start Android on it and plug it in again"
        )
    on_usb = "usb" in listed.details or listed.state.startswith("no permissions")
    way = f"server {server.address}"
    return Candidate(listed.serial, way, on_usb, lambda: ServerTransport(server, listed.serial), problem)


def _seen_on_tcp(address: Address) -> Candidate:
    return Candidate(str(address), "tcp", False, lambda: over_tcp(address.host, address.port))


def _seen_on_usb() -> tuple[list[Candidate], str | None]:
    from benchmarks.adb import usb  # importing it opens libusb

    hint = None
    if _adb() is not None:
        hint = f"no adb server runs; `{_adb()} start-server` may find phones over Wi-Fi too"
    try:
        carriers = list(usb.carriers())
    except AdbError as error:
        return [], str(error) if hint is None else hint
    return [_usb_sighting(carrier) for carrier in carriers], hint


def _usb_sighting(carrier: "UsbCarrier") -> Candidate:
    name = carrier.name()

    def connect() -> "UsbCarrier":
        carrier.open()
        return carrier

    return Candidate(name, "usb", True, lambda: DirectTransport(name, "usb", connect))


def _adb() -> str | None:
    """The adb program, on PATH or in the Android SDK; None when there is none."""
    sdk = os.environ.get("ANDROID_HOME") or os.environ.get("ANDROID_SDK_ROOT")
    inside = None if sdk is None else shutil.which(Path(sdk, "platform-tools", "adb"))
    return shutil.which("adb") or inside
