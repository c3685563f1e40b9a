"""Find the phones that are attached, by whichever way, and choose among them. No adb server is started or ended here.

A running adb server comes first: it is what Android Studio holds the USB with. Without one the kit speaks to USB
itself. Phones over TCP are those a server is connected to, and those that are named with --tcp.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.link.address import Address
from benchmarks.link.direct import DirectTransport, over_tcp
from benchmarks.link.errors import AdbServerError, LinkError, NoPhoneError, SeveralPhonesError
from benchmarks.link.facts import PhoneFacts, read_facts
from benchmarks.link.failures import NOTHING_ATTACHED, explain
from benchmarks.link.phone import AdbPhone
from benchmarks.link.server import AdbServer, Listed, ServerTransport
from benchmarks.link.stream import Transport

if TYPE_CHECKING:
    from benchmarks.link.usb import UsbCarrier

READY = ("device", "emulator")


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look. Without `servers` it is this machine's server or, when none runs, USB."""

    servers: tuple[Address, ...] = ()
    tcp: tuple[Address, ...] = ()
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A phone as one way shows it. `problem` says why it cannot be talked to, and what to do; None when it can."""

    serial: str
    way: str
    on_usb: bool
    connect: Callable[[], Transport]
    problem: LinkError | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A phone that answered, and all the ways it was seen; `phone` uses the best of them."""

    phone: AdbPhone
    facts: PhoneFacts
    ways: tuple[str, ...]

    @property
    def key(self) -> str:
        """What tells this phone from others, whichever way it is attached."""
        return self.facts.serialno or self.phone.serial


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that was seen: phones that answered, phones that did not, and what could be done to see more."""

    found: tuple[Found, ...]
    silent: tuple[tuple[Sighting, LinkError], ...]
    hint: str | None

    def close(self) -> None:
        """Let every phone go."""
        for one in self.found:
            one.phone.close()


def look(places: Places) -> tuple[list[Sighting], str | None]:
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


def survey(places: Places) -> Survey:
    """Look, and ask every phone who it is. One phone seen in several ways is counted once, USB preferred."""
    sightings, hint = look(places)
    if places.serial is not None:
        sightings = _named(sightings, places.serial)
    sightings.sort(key=lambda one: not one.on_usb)
    with ThreadPoolExecutor(max_workers=max(1, len(sightings))) as pool:
        answers = list(zip(sightings, pool.map(_ask, sightings), strict=True))
    found = [(sighting, answer) for sighting, answer in answers if isinstance(answer, Found)]
    silent = [(sighting, answer) for sighting, answer in answers if isinstance(answer, LinkError)]
    return Survey(tuple(merge(found)), tuple(silent), hint)


def _ask(sighting: Sighting) -> Found | LinkError:
    if sighting.problem is not None:
        return sighting.problem
    phone = AdbPhone(sighting.connect())
    try:
        return Found(phone, read_facts(phone), (sighting.way,))
    except LinkError as error:
        phone.close()
        return error


def merge(found: Sequence[tuple[Sighting, Found]]) -> list[Found]:
    """One entry a phone. Two on USB are two phones, even where a careless maker gave them one number."""
    phones: list[Found] = []
    for sighting, one in found:
        same = None if sighting.on_usb else next((p for p in phones if one.facts.serialno and p.key == one.key), None)
        if same is None:
            phones.append(one)
        else:
            one.phone.close()
            phones[phones.index(same)] = Found(same.phone, same.facts, (*same.ways, *one.ways))
    return phones


def choose(places: Places) -> Found:
    """The one phone that is meant: the only one there is, or the one that --serial or ANDROID_SERIAL names."""
    seen = survey(places)
    if len(seen.found) == 1:
        return seen.found[0]
    seen.close()
    if seen.found:
        names = ", ".join(one.phone.serial for one in seen.found)
        raise SeveralPhonesError(f"{len(seen.found)} phones are attached ({names}); choose one with --serial")
    if seen.silent:
        raise seen.silent[0][1]
    if places.serial is not None:
        raise NoPhoneError(
            f"phone {places.serial} is not attached; plug it in, or name one that `python -m benchmarks devices` lists"
        )
    raise NoPhoneError(NOTHING_ATTACHED if seen.hint is None else f"{NOTHING_ATTACHED}; {seen.hint}")


def serial_from(option: str | None) -> str | None:
    """The phone that the user chose: the option, or ANDROID_SERIAL."""
    return option or os.environ.get("ANDROID_SERIAL") or None


def _named(sightings: Iterable[Sighting], serial: str) -> list[Sighting]:
    exact = [one for one in sightings if one.serial == serial]
    return exact or [one for one in sightings if ":" not in serial and one.serial.startswith(f"{serial}:")]


def _seen_by(server: AdbServer) -> list[Sighting]:
    return [_seen(server, listed) for listed in server.devices()]


def _seen(server: AdbServer, listed: Listed) -> Sighting:
    problem = None
    if listed.state not in READY:
        problem = explain(listed.state, listed.serial) or LinkError(
            f"phone {listed.serial} is in state {listed.state!r}; start Android on it and plug it in again"
        )
    on_usb = "usb" in listed.details or listed.state.startswith("no permissions")
    way = f"server {server.address}"
    return Sighting(listed.serial, way, on_usb, lambda: ServerTransport(server, listed.serial), problem)


def _seen_on_tcp(address: Address) -> Sighting:
    return Sighting(str(address), "tcp", False, lambda: over_tcp(address.host, address.port))


def _seen_on_usb() -> tuple[list[Sighting], str | None]:
    from benchmarks.link import usb  # importing it opens libusb

    hint = None
    if _adb() is not None:
        hint = f"no adb server runs; `{_adb()} start-server` may find phones over Wi-Fi too"
    try:
        carriers = list(usb.carriers())
    except LinkError as error:
        return [], str(error) if hint is None else hint
    return [_usb_sighting(carrier) for carrier in carriers], hint


def _usb_sighting(carrier: "UsbCarrier") -> Sighting:
    name = carrier.name()

    def connect() -> "UsbCarrier":
        carrier.open()
        return carrier

    return Sighting(name, "usb", True, lambda: DirectTransport(name, "usb", connect))


def _adb() -> str | None:
    """The adb program, on PATH or in the Android SDK; None when there is none."""
    sdk = os.environ.get("ANDROID_HOME") or os.environ.get("ANDROID_SDK_ROOT")
    inside = None if sdk is None else shutil.which(Path(sdk, "platform-tools", "adb"))
    return shutil.which("adb") or inside
