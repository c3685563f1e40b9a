"""`python -m benchmarks`: a thin dispatcher; every subcommand is a module of `commands`."""

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

if __name__ == "__main__":  # while this is imported nothing has begun: Ctrl-C ends it, and without a traceback
    previous = signal.signal(signal.SIGINT, signal.SIG_DFL)

from benchmarks.formats.errors import BenchmarkError
from metadata.command_line import BAD_INPUT, INTERRUPTED, OneLineParser, is_reader_gone, run_main
from metadata.errors import MetadataError

MODULES = {
    "run": "run",
    "compare": "compare",
    "explain": "explain",
    "layers": "layers",
    "report": "report",
    "classify": "classify",
    "devices": "devices",
    "doctor": "doctor",
    "virtual": "virtual",
    "try": "try_model",
    "phone-report": "phone_report",
    "clean": "clean",
    "pack": "pack",
    "import": "import_results",
}
"""The module of every subcommand, in the order of --help."""


def imported(words: Sequence[str]) -> list[Any]:
    """The module of the subcommand that is typed, which alone is imported; all of them where none is, for the help."""
    typed = [MODULES[words[0]]] if words and words[0] in MODULES else MODULES.values()
    return [import_module(f"benchmarks.commands.{name}") for name in typed]


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 2 with one line on standard error, or 130 after Ctrl-C."""
    parser = OneLineParser(prog="python -m benchmarks", description="Prove models on phones.")
    subcommands = parser.add_subparsers(required=True, metavar="COMMAND")
    words = sys.argv[1:] if arguments is None else arguments
    for command in imported(words):
        command.add_parser(subcommands)
    options = parser.parse_args(words)
    try:
        return int(options.run(options))
    except (BenchmarkError, MetadataError) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        if is_reader_gone(error):
            raise
        where = f"{error.filename}: " if error.filename else ""
        print(f"{where}{error.strerror or error}; mend that and run again", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"interrupted{getattr(options, 'after_interrupt', '')}", file=sys.stderr)
        return INTERRUPTED
    return BAD_INPUT


if __name__ == "__main__":
    imported(sys.argv[1:])
    signal.signal(signal.SIGINT, previous)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # phones are cleaned then too
    run_main(main)
