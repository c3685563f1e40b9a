"""`python -m benchmarks try`: put a model into the app that is on a phone, without a build."""

import argparse
from functools import partial
from pathlib import Path

from benchmarks.adb.errors import AdbError, AppMissingError
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.shell import of_user
from benchmarks.adb.store import ModelStore
from benchmarks.phones.app import PACKAGE
from benchmarks.phones.choice import on_each_phone
from benchmarks.phones.options import add_phone_options
from benchmarks.phones.vitals import read_user
from metadata import reader

ACTIVITY = f"{PACKAGE}/.MainActivity"
ACTION = f"{PACKAGE}.TRY"
"""The app takes a file below the kit's folder for a model, as if its user had chosen it on the Model screen."""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = (
        "Push a .tflite file and open it in the app on the phone, as Model → Add a model… does. "
        "The phone's screen says whether it can be used, and keeps it until it is removed there."
    )
    parser = subcommands.add_parser(
        "try", help="put a model into the app on a phone, without a build", description=text
    )
    parser.add_argument("model", type=Path, metavar="MODEL.tflite", help="a model with TFLite metadata and labels")
    add_phone_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Open the model on the chosen phones; 2 when one of them could not take it."""
    reader.read(options.model)
    return on_each_phone(options, partial(open_in_app, options.model))


def open_in_app(model: Path, phone: AdbPhone) -> str:
    """Push `model`, and start the app with it; what became of it. AppMissingError where the app is not there."""
    stored = ModelStore(phone, "try").put(model)
    intent = ["-n", ACTIVITY, "-a", ACTION, "-d", f"file://{stored.path}", "--es", "name", model.name]
    started = phone.shell(["am", "start", *of_user(read_user(phone)), *intent])
    said = f"{started.stdout}\n{started.stderr}"
    if "does not exist" in said:
        raise AppMissingError(f"phone {phone.serial} does not have the app; run `make install`")
    if started.exit_code != 0 or "Error" in said or "Exception" in said:
        words = " ".join(said.split())
        raise AdbError(f"phone {phone.serial} did not open the app; unlock it and run again (it said: {words:.300})")
    return f"{model.name} is on the app's Model screen"
