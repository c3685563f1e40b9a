"""Which phones a command uses: every one that is attached, those that are named, or a virtual one started for it."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.adb.address import Address
from benchmarks.adb.candidates import SearchPlaces
from benchmarks.adb.direct import over_tcp
from benchmarks.adb.discovery import Found, Survey, Unusable, serials_from, survey
from benchmarks.adb.errors import AdbError, ConnectionLostError, PhoneUnavailableError
from benchmarks.adb.facts import read_facts
from benchmarks.adb.keys import load_keys, public_line
from benchmarks.adb.phone import AdbPhone
from benchmarks.phones.app import PACKAGE
from benchmarks.phones.options import ALL, VIRTUAL
from benchmarks.runners.choice import RunnerName, job_runner
from benchmarks.virtual_phone.daemon import virtual_phones
from benchmarks.virtual_phone.persona import PLAIN, Persona, PersonaError, load, read
from benchmarks.virtual_phone.state import App


def persona_from(options: argparse.Namespace) -> Persona:
    """The persona that the options name, or the plain one; PersonaError when there is none."""
    if options.persona_from is not None:
        return read(options.persona_from)
    return PLAIN if options.persona is None else load(options.persona)


def places_from(options: argparse.Namespace, device: str | None = None) -> SearchPlaces:
    """Where the options say to look, and for which phones; AdbError when an address is none."""
    servers, tcp = (tuple(map(Address.parse, texts)) for texts in (options.adb_server, options.tcp))
    serials = () if device == ALL else serials_from([*options.serial, *filter(None, [device])])
    return SearchPlaces(servers, tcp, serials)


@contextmanager
def attached(options: argparse.Namespace, bare: bool = False) -> Iterator[Survey]:
    """The phones of `options.add_options`, until the block ends; NoPhoneError when there is none."""
    persona = persona_from(options)
    if options.device == VIRTUAL:
        if not persona.behaviour.attached:
            raise Survey((), ()).no_phone()
        with _virtual(options.runner, bare, persona) as found:
            yield found
        return
    if persona is not PLAIN:
        raise PersonaError("a persona is of a virtual phone; add --device virtual (DEVICE=virtual)")
    with usable(places_from(options, options.device)) as chosen:
        yield chosen


def on_each_phone(options: argparse.Namespace, act: Callable[[AdbPhone], str]) -> int:
    """Have `act` deal with each phone of `options.add_phone_options`, and print the line that it returns.

    Exit code 2, and a line on standard error for each, where phones could not be used or `act` failed.
    """
    with usable(places_from(options)) as chosen:
        problems = [str(one) for one in chosen.unusable]
        for one in chosen.found:
            try:
                print(f"phone {one.phone.serial}: {act(one.phone)}")
            except AdbError as error:
                problems.append(str(error))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 2 if problems else 0


@contextmanager
def usable(places: SearchPlaces) -> Iterator[Survey]:
    """The phones in these places, until the block ends; NoPhoneError when none of them can be used."""
    seen = survey(places)
    if any(isinstance(one.problem, ConnectionLostError) for one in seen.unusable):
        seen.close()
        seen = survey(places)  # the cable was plugged in only a moment ago
    try:
        if not seen.found:
            raise seen.no_phone()
        yield seen
    finally:
        seen.close()


@contextmanager
def _virtual(runner: RunnerName, bare: bool, persona: Persona) -> Iterator[Survey]:
    """A virtual phone with the app on it; without, where it is `bare`."""
    apps = [] if bare else [App(PACKAGE)]
    keys = load_keys()
    known = [public_line(key) for key in keys]
    with (
        virtual_phones(1, runner=job_runner(runner), apps=apps, known_keys=known, persona=persona) as (virtual,),
        AdbPhone(over_tcp("127.0.0.1", virtual.port, keys)) as phone,
    ):
        try:
            seen = Survey((Found(phone, read_facts(phone), (VIRTUAL,)),), ())
        except PhoneUnavailableError as problem:
            raise Survey((), (Unusable(phone.serial, (VIRTUAL,), problem),)).no_phone() from problem
        yield seen
