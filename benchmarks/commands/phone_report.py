"""`python -m benchmarks phone-report`: what an attached phone answers to the kit, to be attached to an issue."""

import argparse
from pathlib import Path

from benchmarks.adb.discovery import choose
from benchmarks.adb.errors import SeveralPhonesError
from benchmarks.console.places import BUILD, short
from benchmarks.phones.choice import places_from
from benchmarks.phones.options import add_phone_options
from benchmarks.phones.phone_report import read_report, write_report

TEXT = """Ask a phone every question that the kit asks, and write its answers into a zip: ready to be attached to an
issue, and for `python -m benchmarks virtual --persona-from FILE`. Serial numbers, names, accounts, networks, numbers
and the names of installed apps are replaced; look through it before you publish it. The phone's screen is switched on,
and nothing else is changed."""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser("phone-report", help="write what a phone answers, for an issue", description=TEXT)
    add_phone_options(parser)
    out = BUILD.root / "phone_report.zip"
    parser.add_argument("--out", type=Path, default=out, metavar="FILE", help=f"(default: {short(out)})")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the report of the only phone, or of the one that is named."""
    found, *others = choose(places_from(options))
    for other in others:
        other.phone.close()
    if others:
        names = ", ".join(one.phone.serial for one in (found, *others))
        raise SeveralPhonesError(f"{1 + len(others)} phones are attached ({names}); choose one with --serial")
    with found.phone:
        persona = read_report(found.phone)
    write_report(persona, options.out)
    print(f"{short(options.out)}: {persona.title}, {len(persona.replies) + len(persona.other_answers)} answers")
    print(f"look through it before you attach it to an issue: unzip -p {short(options.out)} | less")
    return 0
