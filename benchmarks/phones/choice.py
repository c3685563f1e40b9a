"""Which phones a run uses: every one that is attached, those that are named, or a virtual one started for it."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.adb.address import Address
from benchmarks.adb.candidates import SearchPlaces
from benchmarks.adb.direct import over_tcp
from benchmarks.adb.discovery import Found, Survey, serial_from, survey
from benchmarks.adb.errors import ConnectionLostError, NoPhoneError
from benchmarks.adb.facts import read_facts
from benchmarks.adb.failures import NOTHING_ATTACHED
from benchmarks.adb.keys import load_keys, public_line
from benchmarks.adb.phone import AdbPhone
from benchmarks.phones.app import PACKAGE
from benchmarks.runners.choice import RunnerName, add_runner_option, job_runner
from benchmarks.virtual_phone.farm import virtual_phones
from benchmarks.virtual_phone.state import App

VIRTUAL = "virtual"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The phones to use, and one line for each that is attached and cannot be used."""

    found: tuple[Found, ...]
    unusable: tuple[str, ...]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that choose phones; `attached` reads them."""
    parser.add_argument(
        "--device", metavar="virtual|SERIAL", help="a virtual phone, or one phone (default: all, or ANDROID_SERIAL)"
    )
    parser.add_argument("-s", "--serial", action="append", default=[], metavar="SERIAL", help="a phone; repeatable")
    parser.add_argument(
        "--adb-server", action="append", default=[], metavar="HOST:PORT", help="an adb server to ask; repeatable"
    )
    parser.add_argument(
        "--tcp", action="append", default=[], metavar="HOST:PORT", help="a phone to reach without a server; repeatable"
    )
    add_runner_option(parser)


@contextmanager
def attached(options: argparse.Namespace, bare: bool = False) -> Iterator[Chosen]:
    """The phones that these options mean, let go at the end; NoPhoneError when there is none."""
    if options.device == VIRTUAL:
        with _virtual(options.runner, bare) as found:
            yield Chosen((found,), ())
        return
    names = [*options.serial, *([options.device] if options.device else [])] or [serial_from(None)]
    wanted = [name for name in names if name]
    servers, tcp = (tuple(map(Address.parse, texts)) for texts in (options.adb_server, options.tcp))
    seen = _survey(SearchPlaces(servers, tcp))
    try:
        yield _chosen(seen, wanted)
    finally:
        seen.close()


def _survey(places: SearchPlaces) -> Survey:
    seen = survey(places)
    if any(isinstance(error, ConnectionLostError) for _, error in seen.silent):
        seen.close()
        return survey(places)  # a cable that was only just plugged in
    return seen


def _chosen(seen: Survey, wanted: Sequence[str]) -> Chosen:
    named: Callable[[str | None], bool] = lambda serial: not wanted or serial in wanted  # noqa: E731  # used twice
    found = tuple(one for one in seen.found if named(one.phone.serial) or named(one.facts.serialno))
    unusable = [str(error) for sighting, error in seen.silent if named(sighting.serial)]
    there = {name for one in found for name in (one.phone.serial, one.facts.serialno)}
    there |= {sighting.serial for sighting, _ in seen.silent}
    absent = [name for name in wanted if name not in there]
    unusable += [f"phone {name} is not attached; see `python -m benchmarks devices`" for name in absent]
    if not found:
        nothing = NOTHING_ATTACHED if seen.hint is None else f"{NOTHING_ATTACHED}; {seen.hint}"
        raise NoPhoneError("\n".join(unusable) or nothing)
    return Chosen(found, tuple(unusable))


@contextmanager
def _virtual(runner: RunnerName, bare: bool) -> Iterator[Found]:
    """A virtual phone with the app on it; without, where it is `bare`."""
    apps = [] if bare else [App(PACKAGE)]
    keys = load_keys()
    known = [public_line(key) for key in keys]
    with (
        virtual_phones(1, runner=job_runner(runner), apps=apps, known_keys=known) as (virtual,),
        AdbPhone(over_tcp("127.0.0.1", virtual.port, keys)) as phone,
    ):
        yield Found(phone, read_facts(phone), (VIRTUAL,))
