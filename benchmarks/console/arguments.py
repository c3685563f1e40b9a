"""Types of arguments that several commands take."""

import argparse


def count(text: str) -> int:
    """A number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; give 1 or more")
    return int(text)


def names(text: str) -> tuple[str, ...]:
    """Names between commas."""
    return tuple(filter(None, text.split(",")))


def add_model_options(parser: argparse.ArgumentParser, models: str, variants: str = "") -> None:
    """`--models`, and `--variants` where it has a help text: which exported models a command is about.

    Both take names between commas and may be repeated; they are `--model` and `--variant` too.
    """
    add = parser.add_argument
    add("--models", "--model", type=names, action="extend", default=[], metavar="A,B", help=models)
    if variants:
        add("--variants", "--variant", type=names, action="extend", default=[], metavar="A,B", help=variants)
