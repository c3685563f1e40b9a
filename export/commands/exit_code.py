"""The exit code of a command, and one line on standard error for whatever stopped it."""

import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.console.interrupts import remember_interrupts
from export.commands.run import REFUSALS
from metadata.command_line import BAD_INPUT, INTERRUPTED, is_reader_gone

KEPT = "what was finished before is kept, and nothing is half-written"


def run_command(program: str, command: Callable[[], int], place: Path) -> int:
    """Run `command`: its own exit code; 2 with one line for an error; 130 when it is interrupted.

    `place` is the folder that it writes to, for an OSError that names no file.
    """
    remember_interrupts()
    try:
        return command()
    except REFUSALS as error:
        return print_error(program, str(error), BAD_INPUT)
    except OSError as error:
        if is_reader_gone(error):
            raise
        why = f"{error.filename or place}: {error.strerror or error}; {KEPT}; mend that and run again"
        return print_error(program, why, BAD_INPUT)
    except KeyboardInterrupt:
        return print_error(program, f"interrupted; {KEPT}", INTERRUPTED)
    except Exception as error:
        if not _is_out_of_memory(error):
            raise
        why = f"out of memory; {KEPT}; close other programs, export fewer recipes at once, or take a smaller model"
        return print_error(program, why, BAD_INPUT)


def _is_out_of_memory(error: Exception) -> bool:
    """Python's own error, or TensorFlow's by its name, so that TensorFlow need not be imported."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def print_error(program: str, message: str, code: int) -> int:
    """Print the message as one line, even where a library's has several; return `code`."""
    print(f"{program}:", " ".join(message.split()), file=sys.stderr)
    return code
