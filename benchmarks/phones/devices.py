"""`python -m benchmarks devices`: the phones that are attached, and what keeps the others from being used."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.adb.address import Address
from benchmarks.adb.candidates import SearchPlaces
from benchmarks.adb.discovery import Found, Survey, serial_from, survey
from benchmarks.adb.failures import NOTHING_ATTACHED

COLUMNS = ("serial", "model", "SoC", "Android", "ABI", "battery", "temperature", "attached by")
MIN_WIDTH = 160
"""A narrow terminal may wrap a line; a serial that is cut short is of no use."""


def add_link_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which phones are meant; every subcommand that talks to one has them."""
    parser.add_argument("-s", "--serial", help="the phone to use (default: ANDROID_SERIAL)")
    parser.add_argument(
        "--adb-server", metavar="HOST:PORT", action="append", default=[], help="an adb server to ask; may be repeated"
    )
    parser.add_argument(
        "--tcp", metavar="HOST:PORT", action="append", default=[], help="a phone to reach without a server; repeatable"
    )


def places_from(options: argparse.Namespace) -> SearchPlaces:
    """Where these options say to look; AdbError when an address is none."""
    servers = tuple(Address.parse(text) for text in options.adb_server)
    tcp = tuple(Address.parse(text) for text in options.tcp)
    return SearchPlaces(servers, tcp, serial_from(options.serial))


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser("devices", help="list the phones that are attached")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    add_link_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the phones; 0 when at least one can be used, 1 when none can."""
    seen = survey(places_from(options))
    seen.close()
    if options.json:
        print(json.dumps(to_json(seen), indent=2))
    else:
        console = Console(soft_wrap=True)
        console.width = max(console.width, MIN_WIDTH)
        _print(seen, console)
    return 0 if seen.found else 1


def to_json(seen: Survey) -> dict[str, Any]:
    """What `--json` prints. Unknown is null."""
    return {
        "phones": [
            {"serial": one.phone.serial, "attached_by": one.ways, "route": one.phone.route, **asdict(one.facts)}
            for one in seen.found
        ],
        "unusable": [
            {"serial": sighting.serial, "attached_by": [sighting.way], "problem": str(error)}
            for sighting, error in seen.silent
        ],
        "hint": seen.hint,
    }


def _print(seen: Survey, console: Console) -> None:
    if seen.found:
        table = Table(box=None, pad_edge=False)
        for column in COLUMNS:
            table.add_column(column, no_wrap=True)
        for one in seen.found:
            table.add_row(*_row(one))
        console.print(table)
    for _, error in seen.silent:
        console.print(str(error), markup=False, highlight=False)
    if not seen.found and not seen.silent:
        console.print(NOTHING_ATTACHED, markup=False, highlight=False)
    if seen.hint is not None and not seen.found:
        console.print(seen.hint, markup=False, highlight=False)


def _row(one: Found) -> tuple[str, ...]:
    facts = one.facts
    level, temperature_c = facts.battery.level_percent, facts.battery.temperature_c
    return (
        one.phone.serial,
        facts.model or "?",
        facts.soc or "?",
        "?" if facts.android is None else f"{facts.android} (API {facts.sdk})",
        facts.abis[0] if facts.abis else "?",
        "?" if level is None else f"{level} %",
        "?" if temperature_c is None else f"{temperature_c:.1f} °C",
        ", ".join(one.ways),
    )
