"""Which phones there are, each counted once, and which of them is meant."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.adb.candidates import Candidate, SearchPlaces, scan
from benchmarks.adb.errors import AdbError, NoPhoneError, SeveralPhonesError
from benchmarks.adb.facts import PhoneFacts, read_facts
from benchmarks.adb.failures import NOTHING_ATTACHED
from benchmarks.adb.phone import AdbPhone

EMULATOR = "emulator-"
"""Emulators of one image share their `ro.serialno`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A phone that answered, and all the ways it was seen; `phone` uses the best of them."""

    phone: AdbPhone
    facts: PhoneFacts
    ways: tuple[str, ...]

    @property
    def key(self) -> str:
        """What tells this phone from others, whichever way it is attached."""
        is_emulator = self.phone.serial.startswith(EMULATOR)
        return self.facts.serialno if self.facts.serialno and not is_emulator else self.phone.serial


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that was seen: phones that answered, phones that did not, and what could be done to see more."""

    found: tuple[Found, ...]
    silent: tuple[tuple[Candidate, AdbError], ...]
    hint: str | None

    def close(self) -> None:
        """Let every phone go."""
        for one in self.found:
            one.phone.close()


def survey(places: SearchPlaces) -> Survey:
    """Look, and ask every phone who it is. One phone seen in several ways is counted once, USB preferred.

    With a serial only that phone counts, whether it is adb's name for it, its address without the port, or its own
    number; NoPhoneError when it is not there.
    """
    sightings, hint = scan(places)
    named = [one for one in sightings if places.serial in (one.serial, one.serial.rpartition(":")[0])]
    sightings = sorted(named or sightings, key=lambda one: not one.on_usb)
    with ThreadPoolExecutor(max_workers=max(1, len(sightings))) as pool:
        answers = list(zip(sightings, pool.map(_ask, sightings), strict=True))
    found = merge([(sighting, answer) for sighting, answer in answers if isinstance(answer, Found)])
    silent = tuple((sighting, answer) for sighting, answer in answers if isinstance(answer, AdbError))
    if places.serial is None or named:
        return Survey(tuple(found), silent, hint)
    for other in found:
        if other.key != places.serial:
            other.phone.close()
    numbered = tuple(one for one in found if one.key == places.serial)
    if not numbered:
        raise NoPhoneError(
            f"phone {places.serial} is not attached; plug it in, or name one that `python -m benchmarks devices` lists"
        )
    return Survey(numbered, (), hint)


def _ask(sighting: Candidate) -> Found | AdbError:
    if sighting.problem is not None:
        return sighting.problem
    phone = AdbPhone(sighting.connect())
    try:
        return Found(phone, read_facts(phone), (sighting.way,))
    except AdbError as error:
        phone.close()
        return error


def merge(found: Sequence[tuple[Candidate, Found]]) -> list[Found]:
    """One entry a phone. Two on USB are two phones, even where a careless maker gave them one number."""
    phones: list[Found] = []
    for sighting, one in found:
        same = None if sighting.on_usb else next((other for other in phones if other.key == one.key), None)
        if same is None:
            phones.append(one)
        else:
            one.phone.close()
            phones[phones.index(same)] = Found(same.phone, same.facts, (*same.ways, *one.ways))
    return phones


def choose(places: SearchPlaces) -> Found:
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
    raise NoPhoneError(NOTHING_ATTACHED if seen.hint is None else f"{NOTHING_ATTACHED}; {seen.hint}")


def serial_from(option: str | None) -> str | None:
    """The phone that the user chose: the option, or ANDROID_SERIAL."""
    return option or os.environ.get("ANDROID_SERIAL") or None
