"""What the commands of every package share: a parser with one-line refusals, exit codes, and values made of text."""

import argparse
import os
import re
import select
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NoReturn

from metadata.card import CenterSquare
from metadata.errors import CardError

BAD_INPUT, INTERRUPTED, READER_GONE = 2, 130, 141
"""Exit codes. 0 is success; 1 is a result that is not wanted, such as an error found."""


def is_reader_gone(error: BaseException) -> bool:
    """Whether the error is that the program which reads the standard output has ended, as `head` does."""
    if not isinstance(error, BrokenPipeError):
        return False
    if not hasattr(select, "poll"):  # some Pythons for macOS lack it
        return True
    poll = select.poll()
    poll.register(1, select.POLLOUT)  # macOS watches nothing where nothing is asked for
    gone = select.POLLERR | select.POLLHUP  # Linux says the first, macOS the second
    return any(event & gone for _, event in poll.poll(0))


def run_main(main: Callable[[], int], leave: Callable[[int], NoReturn] = sys.exit) -> NoReturn:
    """Leave with the exit code of `main`; without a traceback where the reader of the standard output is gone."""
    try:
        try:
            code = main()
        finally:  # after --help too, which ends in SystemExit
            sys.stdout.flush()
    except BrokenPipeError as error:
        if not is_reader_gone(error):
            raise
        code = READER_GONE
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    leave(code)


class OneLineParser(argparse.ArgumentParser):
    """An ArgumentParser that prints examples as they are written, and refuses in one line, which names its own help."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter, **options})

    def error(self, message: str) -> NoReturn:
        """Print the refusal and exit 2."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}; see {self.prog} --help\n")

    def parse_known_args(  # type: ignore[override]  # argparse's overloads differ only in the namespace's type
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """The namespace, and nothing unknown: that is refused here.

        argparse hands what a subcommand does not know back to the main command, whose refusal would then name the
        main command's help, in which the subcommand's options are not listed.
        """
        namespace, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return namespace, []


def numbers(text: str) -> tuple[float, ...]:
    """ "127.5" or "123.675,116.28,103.53" as numbers."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number and no R,G,B; write 127.5 or 124,116,104") from error


def count(text: str) -> int:
    """ "3" as a number of things, none included."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no count; write 0, 1, 2 and so on")
    return int(text)


def size(text: str) -> tuple[int, int]:
    """ "224x224" as (height, width)."""
    found = re.fullmatch(r"([1-9]\d{0,4})[x×]([1-9]\d{0,4})", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write height x width, like 224x224")
    return int(found[1]), int(found[2])


def crop(text: str) -> CenterSquare | None:
    """ "7/8" or "0.875" as the central square, "none" as none."""
    if text == "none":
        return None
    try:
        fraction = Fraction(text)
        return CenterSquare(fraction.numerator, fraction.denominator)
    except (ValueError, ZeroDivisionError, CardError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no fraction in (0, 1], like 7/8") from error
