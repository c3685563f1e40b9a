"""`build/results/<run>/`: `run.json`, which describes the run, and a folder a phone with its results, append-only.

A result that is there is never written again; what did not come to one is told in `run.json`. A run is named after
the moment it began, and remembers by its fingerprint what it was asked to do: the same wish again finishes it.
docs/formats.md has `handset.run/1` field by field.
"""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from msgspec.structs import replace

from benchmarks.console.places import BUILD
from benchmarks.formats.atomic import atomic_write
from benchmarks.formats.declared import indented, read_file, write
from benchmarks.formats.errors import RunError
from benchmarks.formats.run_file import RunFile, RunPhone

FILE = "run.json"
REMEDY = "choose another run"


def folder_name(text: str) -> str:
    """A phone's name as a file name: letters, digits, dot, dash and underline, never hidden."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).lstrip(".-")[:80] or "phone"


class RunFolder:
    """One run on disk. Phones may be written about from several threads."""

    def __init__(self, path: Path, record: RunFile) -> None:
        self.path = path
        self.record = record
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        return self.path.name

    @classmethod
    def begin(cls, results: Path, asked: RunFile) -> Self:
        """A new run that is to do what `asked` says, whose name is not heeded."""
        moment = time.strftime("%Y%m%d-%H%M%S")
        for number in range(1, 1000):
            path = results / (moment if number == 1 else f"{moment}-{number}")
            try:
                path.mkdir(parents=True)
            except FileExistsError:
                continue
            run = cls(path, asked)
            run._save(run=path.name)
            return run
        raise RunError(f"{results} has too many runs of {moment}; wait a second and run again")

    @classmethod
    def read(cls, path: Path) -> Self:
        """The run at `path`; RunError when there is none."""
        if not (path / FILE).exists():
            names = ", ".join(run.id for run in runs(path.parent)) or "none yet; run make benchmark first"
            raise RunError(f"no run {path.name} below {path.parent}; there are: {names}")
        return cls(path, read_file(path / FILE, RunFile, RunError, REMEDY))

    def phone_folder(self, phone: str) -> Path:
        """Where the results of `phone` lie."""
        return self.path / folder_name(phone)

    def update_phone(self, phone: str, **facts: Any) -> None:
        """Write down what is known of a phone, by the fields of `RunPhone`; the others stay as they are."""
        with self._lock:
            name = folder_name(phone)
            known = self.record.phones.get(name, RunPhone())
            self._save(phones={**self.record.phones, name: replace(known, **facts)})

    def expect(self, jobs: Sequence[str]) -> None:
        """Write down which jobs were packed for phones that this computer does not see."""
        with self._lock:
            self._save(packed=tuple(jobs))

    def finish(self, all_answered: bool) -> None:
        """Write down whether the run is complete, which it is not when a phone that is attached did not answer."""
        with self._lock:
            self._save(complete=all_answered and all(phone.complete for phone in self.record.phones.values()))

    def _save(self, **changes: Any) -> None:
        self.record = replace(self.record, **changes)
        data = write(self.record, FILE, RunError, REMEDY)
        with atomic_write(self.path / FILE) as file:
            file.write(indented(data))


def find(run: str | None, results: Path = BUILD.results) -> RunFolder:
    """The run of that name or at that path, the last one where it is None."""
    if run is not None:
        return RunFolder.read(Path(run) if "/" in run else results / run)
    found = list(runs(results))
    if not found:
        raise RunError(f"no run below {results}; run make benchmark first")
    return found[-1]


def unfinished(results: Path, fingerprint: str) -> RunFolder | None:
    """The last run that began with the same wish and has not all its results."""
    same = [run for run in runs(results) if run.record.fingerprint == fingerprint]
    return same[-1] if same and not same[-1].record.complete else None


def runs(results: Path) -> Iterator[RunFolder]:
    """Every run below `results` that can be read, the oldest first."""
    for path in sorted(results.glob(f"*/{FILE}")):
        try:
            yield RunFolder.read(path.parent)
        except RunError:
            continue  # of another version, or damaged: not one to go on with
