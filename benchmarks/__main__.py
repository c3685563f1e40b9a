"""`python -m benchmarks`: a thin dispatcher; every subcommand is a module of `commands`."""

import signal
import sys
from collections.abc import Sequence

if __name__ == "__main__":  # while this is imported nothing has begun: Ctrl-C ends it, and without a traceback
    previous = signal.signal(signal.SIGINT, signal.SIG_DFL)

from benchmarks.commands import (
    classify,
    clean,
    compare,
    devices,
    doctor,
    explain,
    import_results,
    pack,
    phone_report,
    report,
    run,
    try_model,
    virtual,
)
from benchmarks.formats.errors import BenchmarkError
from metadata.command_line import BAD_INPUT, INTERRUPTED, OneLineParser, is_reader_gone, run_main
from metadata.errors import MetadataError

COMMANDS = (
    run,
    compare,
    explain,
    report,
    classify,
    devices,
    doctor,
    virtual,
    try_model,
    phone_report,
    clean,
    pack,
    import_results,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 2 with one line on standard error, or 130 after Ctrl-C."""
    parser = OneLineParser(prog="python -m benchmarks", description="Prove models on phones.")
    subcommands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(subcommands)
    options = parser.parse_args(arguments)
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
    signal.signal(signal.SIGINT, previous)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # phones are cleaned then too
    run_main(main)
