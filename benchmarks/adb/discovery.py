"""Which phones there are, each counted once, and which of them are meant."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.adb.candidates import Candidate, SearchPlaces, scan
from benchmarks.adb.errors import AdbError, NoPhoneError, SeveralPhonesError
from benchmarks.adb.facts import read_facts
from benchmarks.adb.failures import NOTHING_ATTACHED
from benchmarks.adb.phone import AdbPhone
from benchmarks.formats.run_file import PhoneFacts

EMULATOR = "emulator-"
"""Emulators of one image share their `ro.serialno`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A phone that answered, and how it is attached, in every way that was seen; `phone` uses the best of them."""

    phone: AdbPhone
    facts: PhoneFacts
    attached_by: tuple[str, ...]

    @property
    def key(self) -> str:
        """What tells this phone from others, however it is attached."""
        is_emulator = self.phone.serial.startswith(EMULATOR)
        return self.facts.serialno if self.facts.serialno and not is_emulator else self.phone.serial


@dataclass(frozen=True, slots=True)
class Unusable:
    """A phone that did not answer, and why; `attached_by` is empty for one that was named and is not attached."""

    serial: str
    attached_by: tuple[str, ...]
    problem: AdbError

    def __str__(self) -> str:
        return str(self.problem)


@dataclass(frozen=True, slots=True)
class Survey:
    """The phones that answered, those that cannot be used, and a hint how to see more."""

    found: tuple[Found, ...]
    unusable: tuple[Unusable, ...]
    hint: str | None = None

    def no_phone(self) -> NoPhoneError:
        """Why no phone can be used, a line for each."""
        nothing = NOTHING_ATTACHED if self.hint is None else f"{NOTHING_ATTACHED}; {self.hint}"
        return NoPhoneError("\n".join(map(str, self.unusable)) or nothing)

    def close(self) -> None:
        """Disconnect from every phone."""
        for one in self.found:
            one.phone.close()


def survey(places: SearchPlaces) -> Survey:
    """Look, and ask every phone who it is. One phone seen in several places is counted once, USB preferred.

    With serials only those phones count. A serial is adb's name for a phone, its address without the port, or its
    `ro.serialno`, for which every phone has to be asked.
    """
    candidates, hint = scan(places)
    named = [one for one in candidates if not one.names.isdisjoint(places.serials)]
    numbers = set(places.serials).difference(*(one.names for one in named))
    asked = candidates if numbers or not places.serials else named
    asked = sorted(asked, key=lambda one: not one.on_usb)
    found: list[tuple[Candidate, Found]] = []
    unusable: list[Unusable] = []
    with ThreadPoolExecutor(max_workers=max(1, len(asked))) as pool:
        for candidate, answer in zip(asked, pool.map(_ask, asked), strict=True):
            is_meant = not places.serials or candidate in named
            if isinstance(answer, Found) and (is_meant or answer.facts.serialno in numbers):
                found.append((candidate, answer))
            elif isinstance(answer, Found):
                answer.phone.close()
            elif is_meant:
                unusable.append(Unusable(candidate.serial, (candidate.attached_by,), answer))
    absent = numbers.difference(one.facts.serialno or "" for _, one in found)
    remedy = "plug it in, or name one that `python -m benchmarks devices` lists"
    unusable += [
        Unusable(serial, (), NoPhoneError(f"phone {serial} is not attached; {remedy}"))
        for serial in places.serials
        if serial in absent
    ]
    return Survey(tuple(merge(found)), tuple(unusable), hint)


def _ask(candidate: Candidate) -> Found | AdbError:
    if candidate.problem is not None:
        return candidate.problem
    phone = AdbPhone(candidate.connect())
    try:
        return Found(phone, read_facts(phone), (candidate.attached_by,))
    except AdbError as error:
        phone.close()
        return error


def merge(found: Sequence[tuple[Candidate, Found]]) -> list[Found]:
    """One entry a phone. Two on USB are two phones, even where their maker gave both the same number."""
    phones: list[Found] = []
    for candidate, one in found:
        same = None if candidate.on_usb else next((other for other in phones if other.key == one.key), None)
        if same is None:
            phones.append(one)
        else:
            one.phone.close()
            merged = Found(same.phone, same.facts, (*same.attached_by, *one.attached_by))
            phones[phones.index(same)] = merged
    return phones


def choose(places: SearchPlaces) -> tuple[Found, ...]:
    """The phones that are named, each of which has to be usable; without names the only one that is attached."""
    seen = survey(places)
    if (seen.found and not seen.unusable) if places.serials else len(seen.found) == 1:
        return seen.found
    seen.close()
    if len(seen.found) > 1 and not places.serials:
        names = ", ".join(one.phone.serial for one in seen.found)
        raise SeveralPhonesError(f"{len(seen.found)} phones are attached ({names}); choose one with --serial")
    raise seen.unusable[0].problem if seen.unusable else seen.no_phone()


def serials_from(option: Sequence[str]) -> tuple[str, ...]:
    """The phones that the user named: the option, or ANDROID_SERIAL; empty for every phone."""
    return tuple(dict.fromkeys(option or filter(None, [os.environ.get("ANDROID_SERIAL")])))
