"""`python -m benchmarks virtual`: start virtual phones and keep them until Ctrl-C."""

import argparse
import threading
from pathlib import Path

from benchmarks.adb.keys import load_keys, public_line
from benchmarks.phones.app import PACKAGE
from benchmarks.phones.choice import persona_from
from benchmarks.phones.options import add_persona_options
from benchmarks.runners.choice import add_runner_option, job_runner
from benchmarks.virtual_phone.daemon import VirtualPhone, virtual_phones
from benchmarks.virtual_phone.faults import Fault, Trouble
from benchmarks.virtual_phone.persona import PersonaError, load, names
from benchmarks.virtual_phone.state import App


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "virtual", help="start virtual phones on 127.0.0.1", epilog=f"faults: {', '.join(Fault)}"
    )
    add = parser.add_argument
    add("--phones", type=int, default=1, metavar="N", help="how many phones (default: 1)")
    add(
        "--fault",
        type=Trouble.parse,
        action="append",
        default=[],
        metavar="NAME[=N]",
        help="what goes wrong; repeatable",
    )
    add("--app", action="append", default=[], metavar="PACKAGE", help="another app that is installed; repeatable")
    add("--folder", type=Path, help="where the phones' files are kept (default: deleted at the end)")
    add_runner_option(parser)
    add_persona_options(parser)
    add(
        "--list-personas",
        action="store_true",
        help="print the kinds of phones, and what becomes of a benchmark on each",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Listen until Ctrl-C, which ends the phones and exits 130 as any interrupted program does.

    The benchmark app is installed on them; `--runner` says what runs its jobs, `--persona` what they are like.
    """
    if options.list_personas:
        print("\n".join(f"{name:24}{load(name).title}: {load(name).outcome}" for name in names()))
        return 0
    persona = persona_from(options)
    if not persona.behaviour.attached:
        raise PersonaError(f"{persona.title} does not appear over USB or Wi-Fi; choose another persona")
    apps = [App(package) for package in (PACKAGE, *options.app)]
    keys = [public_line(key) for key in load_keys()]
    settings = {
        "troubles": options.fault,
        "apps": apps,
        "folder": options.folder,
        "known_keys": keys,
        "persona": persona,
    }
    with virtual_phones(options.phones, runner=job_runner(options.runner), **settings) as phones:
        print(connect_lines(phones), flush=True)
        threading.Event().wait()
    return 0


def connect_lines(phones: tuple[VirtualPhone, ...]) -> str:
    """How to reach the phones, with this kit and with adb."""
    named = "".join(f"\n  {phone.state.serial}  {phone.address}" for phone in phones)
    direct = " ".join(f"--tcp {phone.address}" for phone in phones)
    adb = "".join(f"\n  adb connect {phone.address}" for phone in phones)
    return (
        f"virtual phones, until Ctrl-C:{named}\n\nwith this kit:\n  python -m benchmarks devices {direct}"
        f"\n\nwith adb:{adb}"
    )
