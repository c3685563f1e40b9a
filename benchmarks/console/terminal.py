"""What the user sees while a command works: bars on a terminal, lines elsewhere, and nothing that libraries print."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from benchmarks.console.interrupts import raise_if_interrupted
from benchmarks.console.silence import silenced

WIDEST = 1000  # columns of characters; no table has as many


class Terminal:
    """Lines and bars on a console. Safe to use from any thread."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True
        )

    def say(self, line: str) -> None:
        """Print one line."""
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    @contextmanager
    def stage(self, title: str, total: int) -> Iterator["TerminalStage"]:
        """Show `title` while the block runs, and print how long it took once it is done."""
        started = time.monotonic()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        note = TextColumn("{task.fields[note]}", style="dim")
        silent = not self._console.is_terminal
        with Progress(*columns, note, console=self._console, transient=True, disable=silent) as bar:
            stage = TerminalStage(bar, bar.add_task(title, total=total, note=""))
            yield stage
        seconds = time.monotonic() - started
        self.say(f"  {title}: {stage.note + ', ' if stage.note else ''}{seconds:.1f} s")

    @contextmanager
    def bars(self) -> Iterator[None]:
        """Draw bars while the block runs, where the console is a terminal."""
        if not self._console.is_terminal:
            yield
            return
        with self._bars:
            yield

    def bar(self, name: str) -> "Bar":
        """A new bar, called `name`."""
        return Bar(self, self._bars, self._bars.add_task(name, total=None, visible=False), name)


class TerminalStage:
    """A running stage of known length."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task
        self.note = ""

    def advance(self, done: int, note: str = "") -> None:
        """`done` more units are finished; `note` replaces the text beside the bar. KeyboardInterrupt after Ctrl-C."""
        raise_if_interrupted()
        self.note = note or self.note
        self._bar.update(self._task, advance=done, note=self.note)


class Bar:
    """One line of progress: a phone at its jobs, or this machine at a reference."""

    def __init__(self, terminal: Terminal, bars: Progress, task: TaskID, name: str) -> None:
        self._terminal, self._bars, self._task, self._name = terminal, bars, task, name
        self._done = 0
        self._title: str | None = None
        self._began = time.monotonic()

    def job(self, title: str, number: int, total: int) -> None:
        """A job begins, and the one before it is done."""
        self.end()
        self._title, self._began, self._done = f"{number}/{total} {title}", time.monotonic(), 0
        shown = f"{self._name}  {self._title}".replace("[", r"\[")
        self._bars.reset(self._task, description=shown, total=None, visible=True)

    def heartbeat(self, done: int, total: int) -> None:
        """How much of the job is done."""
        self._bars.update(self._task, completed=done, total=total)

    def advance(self, done: int) -> None:
        """`done` more units are done."""
        self._done += done
        self._bars.update(self._task, completed=self._done)

    def say(self, line: str) -> None:
        """Print a line."""
        self._terminal.say(f"  {line}")

    def end(self) -> None:
        """Print how long the last job took, and hide the bar."""
        if self._title is not None:
            self._terminal.say(f"  {self._name}  {self._title}: {time.monotonic() - self._began:.1f} s")
            self._bars.update(self._task, visible=False)
        self._title = None


@contextmanager
def quiet(log: Path) -> Iterator[Terminal]:
    """A terminal for the kit alone; everything else that is written goes to `log`."""
    with silenced(log) as screen:
        yield Terminal(Console(file=screen))


def uncut(console: Console) -> Console:
    """A console on the same file for tables: so wide that none of their cells is cut."""
    return Console(file=console.file, width=WIDEST)
