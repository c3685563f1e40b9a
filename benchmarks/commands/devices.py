"""`python -m benchmarks devices`: the phones that are attached, and what keeps the others from being used."""

import argparse
import json
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.adb.discovery import Found, Survey, survey
from benchmarks.adb.failures import NOTHING_ATTACHED
from benchmarks.formats.declared import plain
from benchmarks.phones.choice import places_from
from benchmarks.phones.options import add_phone_options

COLUMNS = ("serial", "model", "SoC", "Android", "ABI", "battery", "temperature", "attached by")
MIN_WIDTH = 160
"""A narrow terminal may wrap a line; a serial that is cut short is of no use."""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser("devices", help="list the phones that are attached")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    add_phone_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the phones; 0 when at least one can be used, 1 when none can. NoPhoneError when none is what was named."""
    seen = survey(places_from(options))
    seen.close()
    if seen.unusable and not seen.found and not any(one.attached_by for one in seen.unusable):
        raise seen.no_phone()
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
            {"serial": one.phone.serial, "attached_by": one.attached_by, "route": one.phone.route, **plain(one.facts)}
            for one in seen.found
        ],
        "unusable": [
            {"serial": one.serial, "attached_by": one.attached_by, "problem": str(one.problem)} for one in seen.unusable
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
    lines = [str(one) for one in seen.unusable]
    if not seen.found:
        lines += [*([] if lines else [NOTHING_ATTACHED]), *([seen.hint] if seen.hint else [])]
    for line in lines:
        console.print(line, markup=False, highlight=False)


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
        ", ".join(one.attached_by),
    )
