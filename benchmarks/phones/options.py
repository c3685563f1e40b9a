"""The options by which a command is told which phones it uses. Nothing of phones is imported here: help is for all."""

import argparse
from pathlib import Path

from benchmarks.runners.choice import add_runner_option

VIRTUAL, ALL = "virtual", "all"


def add_phone_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which attached phones are meant; `choice.places_from` reads them."""
    add = parser.add_argument
    add(
        "-s",
        "--serial",
        action="append",
        default=[],
        metavar="SERIAL",
        help="only this phone; repeatable (default: ANDROID_SERIAL, or every phone)",
    )
    add("--adb-server", action="append", default=[], metavar="HOST:PORT", help="an adb server to ask; repeatable")
    add("--tcp", action="append", default=[], metavar="HOST:PORT", help="a phone to reach without a server; repeatable")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Those options, and a virtual phone with its runner; `choice.attached` reads them."""
    parser.add_argument(
        "--device", metavar="virtual|all|SERIAL", help="a virtual phone, every attached phone, or one by its serial"
    )
    add_phone_options(parser)
    add_runner_option(parser)
    add_persona_options(parser)


def add_persona_options(parser: argparse.ArgumentParser) -> None:
    """The options that say what a virtual phone is like; `choice.persona_from` reads them."""
    add = parser.add_mutually_exclusive_group().add_argument
    add("--persona", metavar="NAME", help="have the virtual phone answer as this kind of phone does")
    add("--persona-from", type=Path, metavar="FILE", help="as the phone does that wrote this report, or this TOML file")
