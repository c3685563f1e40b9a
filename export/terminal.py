"""What the user sees while an export works: the kit's own stages, and nothing of TensorFlow's chatter.

While `quiet` is open, file descriptors 1 and 2 lead to a log file, because the converter writes to them from C++; the
stages are drawn on what was standard error before. A bug's traceback is printed after it closes, where it belongs.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Stage:
    """A running stage of known length."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task
        self.note = ""

    def advance(self, done: int, note: str = "") -> None:
        """`done` more units are finished; `note` replaces what stands beside the bar."""
        self.note = note or self.note
        self._bar.update(self._task, advance=done, note=self.note)


class Terminal:
    """Stages on a console: a bar while one runs where the console is a terminal, one line when it is done."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, line: str) -> None:
        """Print one line."""
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    @contextmanager
    def stage(self, title: str, total: int) -> Iterator[Stage]:
        """Show `title` while the block runs, and how long it took once it is done."""
        started = time.monotonic()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        note = TextColumn("{task.fields[note]}", style="dim")
        silent = not self._console.is_terminal
        with Progress(*columns, note, console=self._console, transient=True, disable=silent) as bar:
            stage = Stage(bar, bar.add_task(title, total=total, note=""))
            yield stage
        seconds = time.monotonic() - started
        self.say(f"  {title}: {stage.note + ', ' if stage.note else ''}{seconds:.1f} s")


@contextmanager
def quiet(log: Path) -> Iterator[Terminal]:
    """A terminal for the kit alone; whatever else is written to either stream goes to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved_out, saved_err = os.dup(1), os.dup(2)
    with log.open("ab", buffering=0) as file, os.fdopen(os.dup(2), "w", encoding="utf-8") as screen:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield Terminal(Console(file=screen))
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(saved_out, 1)
            os.dup2(saved_err, 2)
            os.close(saved_out)
            os.close(saved_err)


def leave(code: int) -> NoReturn:
    """Exit with `code`, deaf to libraries that speak while the interpreter shuts down, as an interrupted fit does."""
    sys.stdout.flush()
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.exit(code)
