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
