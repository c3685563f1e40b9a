"""`python -m benchmarks clean`: delete everything that the kit keeps on phones; the app itself stays."""

import argparse

from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.store import ModelStore
from benchmarks.phones.choice import on_each_phone
from benchmarks.phones.options import add_phone_options
from benchmarks.phones.vitals import read_user
from benchmarks.runs.session import Patience, Session


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "Delete models, jobs, inputs and results that the kit put on phones; the benchmark app stays."
    parser = subcommands.add_parser("clean", help="delete what the kit keeps on phones", description=text)
    add_phone_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Clean the chosen phones; 2 when one of them could not be cleaned."""
    return on_each_phone(options, clean)


def clean(phone: AdbPhone) -> str:
    """Delete what the kit keeps on `phone`."""
    Session(phone, "clean", Patience(), lambda _: None, read_user(phone)).prepare()
    ModelStore(phone, "clean").clear()
    return "clean"
