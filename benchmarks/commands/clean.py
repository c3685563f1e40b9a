"""`python -m benchmarks clean`: delete everything that the kit keeps on phones; the app itself stays."""

import argparse
import sys

from benchmarks.adb.errors import AdbError
from benchmarks.adb.store import ModelStore
from benchmarks.phones import choice as phones
from benchmarks.phones.vitals import read_user
from benchmarks.runs.session import Patience, Session


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "Delete models, jobs, inputs and results that the kit put on phones; the benchmark app stays."
    parser = subcommands.add_parser("clean", help="delete what the kit keeps on phones", description=text)
    phones.add_phone_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Clean the chosen phones; 2 when one of them could not be cleaned."""
    with phones.usable(phones.places_from(options)) as chosen:
        problems = [str(one) for one in chosen.unusable]
        for one in chosen.found:
            try:
                Session(one.phone, "clean", Patience(), lambda _: None, read_user(one.phone)).prepare()
                ModelStore(one.phone, "clean").clear()
                print(f"phone {one.phone.serial}: clean")
            except AdbError as error:
                problems.append(str(error))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 2 if problems else 0
