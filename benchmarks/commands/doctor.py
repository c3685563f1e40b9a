"""`python -m benchmarks doctor`: whether this computer and its phones are ready, and what to do where they are not."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console

from benchmarks.phones.checkup import Check, check_computer
from benchmarks.phones.choice import places_from
from benchmarks.phones.installation import check_installation
from benchmarks.phones.options import add_phone_options
from benchmarks.phones.readiness import check_export, check_phones
from metadata.finding import Severity

EXAMPLES = """examples:
  python -m benchmarks doctor
  python -m benchmarks doctor --json | jq '.checks[] | select(.findings != [])'

Exit code 0: nothing worse than warnings. 1: errors.
"""
MARKS = {None: "[green]ok[/]     ", Severity.WARNING: "[yellow]warning[/]", Severity.ERROR: "[red]error[/]  "}


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "doctor",
        help="check this computer, the export and the phones",
        description="Check everything that a run needs, and say what to do about what is missing.",
        epilog=EXAMPLES,
    )
    add_phone_options(parser)
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what was found; 1 when something stops a run."""
    checks = (*check_installation(), *check_computer(), *check_export(), *check_phones(places_from(options)))
    if options.json:
        print(json.dumps({"checks": [asdict(check) for check in checks]}, indent=2))
    else:
        _print(checks)
    return int(any(check.worst is Severity.ERROR for check in checks))


def _print(checks: Sequence[Check]) -> None:
    console = Console(soft_wrap=True)
    for check in checks:
        console.print(f"{MARKS[check.worst]}  ", end="")
        console.print(f"{check.name}: {check.fact}", highlight=False, markup=False)
        for finding in check.findings:
            console.print(f"         {finding.id}: {finding.summary}; {finding.remedy}", highlight=False, markup=False)
