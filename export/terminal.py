"""What the user sees while an export works: the kit's own stages, and nothing of TensorFlow's chatter."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from benchmarks.console.silence import silenced

_interrupted = threading.Event()


def heed_interrupts() -> None:
    """From now on, Ctrl-C and SIGTERM end the command, and neither is lost.

    Python drops a KeyboardInterrupt that comes up in a destructor or in a callback from C, and training has many of
    both; so it is remembered, and comes up again with the next progress.
    """
    _interrupted.clear()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    _interrupted.set()
    raise KeyboardInterrupt


class Stage:
    """A running stage of known length."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task
        self.note = ""

    def advance(self, done: int, note: str = "") -> None:
        """`done` more units are finished; `note` replaces what stands beside the bar."""
        if _interrupted.is_set() and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
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
    """A terminal for the kit alone, as `silenced` keeps it."""
    with silenced(log) as screen:
        yield Terminal(Console(file=screen))


def leave(code: int) -> NoReturn:
    """Exit with `code`, deaf to libraries that speak while the interpreter shuts down, as an interrupted fit does."""
    sys.stdout.flush()
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.exit(code)
