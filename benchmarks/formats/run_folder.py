"""`build/results/<run>/`: `run.json`, which describes the run, and a folder a phone with its results, append-only.

A result that is there is never written again; what did not come to one is told in `run.json`. A run is named after
the moment it began, and remembers by its fingerprint what it was asked to do: the same wish again finishes it.
docs/formats.md has `handset.run/1` field by field.
"""

import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from benchmarks.console.places import BUILD
from benchmarks.formats.atomic import atomic_write
from benchmarks.formats.errors import RunError

FORMAT = "handset.run/1"
FILE = "run.json"
Record = dict[str, Any]


def folder_name(text: str) -> str:
    """A phone's name as a file name: letters, digits, dot, dash and underline, never hidden."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).lstrip(".-")[:80] or "phone"


class RunFolder:
    """One run on disk. Phones may be written about from several threads."""

    def __init__(self, path: Path, record: Record) -> None:
        self.path = path
        self.record = record
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        return self.path.name

    @classmethod
    def begin(cls, results: Path, wish: Record) -> Self:
        """A new run for `wish`, which has at least `fingerprint`."""
        moment = time.strftime("%Y%m%d-%H%M%S")
        for number in range(1, 1000):
            path = results / (moment if number == 1 else f"{moment}-{number}")
            try:
                path.mkdir(parents=True)
            except FileExistsError:
                continue
            run = cls(path, {"format": FORMAT, "run": path.name, "complete": False, **wish, "phones": {}})
            run._save()
            return run
        raise RunError(f"{results} has too many runs of {moment}; wait a second and run again")

    @classmethod
    def read(cls, path: Path) -> Self:
        """The run at `path`; RunError when there is none."""
        try:
            record = json.loads((path / FILE).read_text(encoding="utf-8"))
            if record["format"] != FORMAT:
                raise RunError(f"{path / FILE} has format {record['format']!r:.80}; this kit reads {FORMAT!r}")
            return cls(path, record)
        except FileNotFoundError as error:
            names = ", ".join(run.id for run in runs(path.parent)) or "none yet; run make benchmark first"
            raise RunError(f"no run {path.name} below {path.parent}; there are: {names}") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{path / FILE} cannot be read ({error}); choose another run") from error

    def phone_folder(self, phone: str) -> Path:
        """Where the results of `phone` lie."""
        return self.path / folder_name(phone)

    def update_phone(self, phone: str, **facts: Any) -> None:
        """Write down what is known of a phone; earlier facts of other names stay."""
        with self._lock:
            self.record["phones"].setdefault(folder_name(phone), {}).update(facts)
            self._save()

    def expect(self, jobs: Sequence[str]) -> None:
        """Write down which jobs were packed for phones that this computer does not see."""
        with self._lock:
            self.record["packed"] = list(jobs)
            self._save()

    @property
    def expected(self) -> tuple[str, ...]:
        """The jobs that were packed; none where the phones are attached."""
        return tuple(str(job) for job in self.record.get("packed", ()))

    @property
    def is_complete(self) -> bool:
        """Whether every phone that was ever to take part has every result."""
        return bool(self.record["complete"])

    def finish(self, all_answered: bool) -> None:
        """Write down whether the run is complete, which it is not when a phone that is attached did not answer."""
        with self._lock:
            self.record["complete"] = all_answered and all(one["complete"] for one in self.record["phones"].values())
            self._save()

    def _save(self) -> None:
        with atomic_write(self.path / FILE) as file:
            file.write((json.dumps(self.record, indent=1) + "\n").encode())


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
    same = [run for run in runs(results) if run.record.get("fingerprint") == fingerprint]
    return same[-1] if same and not same[-1].record.get("complete") else None


def runs(results: Path) -> Iterator[RunFolder]:
    """Every run below `results` that can be read, the oldest first."""
    for path in sorted(results.glob(f"*/{FILE}")):
        try:
            yield RunFolder.read(path.parent)
        except RunError:
            continue  # of another version, or damaged: not one to go on with
