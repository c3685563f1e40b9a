"""`build/models/`: the manifest, and a folder for each recipe that it names. Only what the manifest names exists.

A recipe's folder has the fingerprint in its name and is complete before one rename replaces the manifest by one that
names it. So an export that is killed leaves the old manifest with all its files, or the new one with all of its files;
the next run deletes what the manifest does not name. `build/models/<recipe>` is a link, for people.
Only files with names that this module gives are ever deleted: the folder may hold others.
"""

import itertools
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from msgspec import structs

from benchmarks.console import locks
from benchmarks.formats import declared
from benchmarks.formats.declared import Declared
from benchmarks.formats.models_file import MANIFEST, ExportRecord, ModelsFile, RecipeRecord, ReferenceRecord
from benchmarks.formats.variant_record import FileRecord
from export.errors import ExportError
from metadata.hashes import sha256_of
from metadata.output import replacing

STAGING = ".staging-"
OURS = re.compile(r"\.staging-.*|\.manifest\.json\.part-[0-9a-f]{8}|\.[a-z0-9_]+-[0-9a-f]{8}(-\d+)?")

REMEDY = "correct the recipe and export it again"

F = TypeVar("F", bound=FileRecord)


class Store:
    """The packed models below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records = _load(folder / MANIFEST)

    def holds(self, recipe: str, fingerprint: str) -> bool:
        """Whether the manifest has `recipe` with that fingerprint, and all its files are there and undamaged."""
        record = self.records.get(recipe)
        return record is not None and record.fingerprint == fingerprint and self.damaged(record) is None

    def damaged(self, record: RecipeRecord) -> Path | None:
        """The first file of `record` that is missing or has another hash than the manifest says, or None."""
        for file in record.files:
            path = self.folder / file.path
            if not path.is_file() or sha256_of(path) != file.sha256:
                return path
        return None

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder to work in; deleted afterwards unless `commit` has moved it."""
        with tempfile.TemporaryDirectory(prefix=STAGING, dir=self.folder, ignore_cleanup_errors=True) as folder:
            work = Path(folder) / "new"
            work.mkdir()
            yield work

    def commit(self, recipe: str, fingerprint: str, staged: Path, record: ExportRecord) -> None:
        """Make `staged` the recipe's folder, and `record`, with paths relative to it, the recipe's in the manifest.

        ExportError when the manifest would not be read again as what it is.
        """
        # Hidden, so that a glob over the folder finds each model once, by its link.
        target = self._unused(f".{recipe}-{fingerprint[:8]}")
        reference = {
            name: file and _moved(file, target.name) for name, file in structs.asdict(record.reference).items()
        }
        record = structs.replace(
            record,
            variants={name: _moved(file, target.name) for name, file in record.variants.items()},
            reference=ReferenceRecord(**reference),
        )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        committed = RecipeRecord(target.name, fingerprint, now, **structs.asdict(record))
        records = self.records | {recipe: committed}
        staged.rename(target)
        write_json(self.folder / MANIFEST, ModelsFile(dict(sorted(records.items()))))
        self.records = records
        self.sweep()

    def _unused(self, name: str) -> Path:
        """`name`, or `name-1` and so on where a folder of that name is still in use."""
        names = itertools.chain([name], (f"{name}-{turn}" for turn in itertools.count(1)))
        return next(path for path in map(self.folder.joinpath, names) if not path.exists())

    def sweep(self) -> None:
        """Delete what the manifest does not name, from older or killed exports, and correct the links."""
        for recipe, record in self.records.items():
            self._link(self.folder / recipe, record.folder)
        current = {record.folder for record in self.records.values()}
        for path in self.folder.iterdir():
            if path.name in current or not OURS.fullmatch(path.name):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _link(self, link: Path, folder: str) -> None:
        if not (link.is_symlink() and link.readlink() == Path(folder)):
            part = self.folder / f"{STAGING}link"
            part.unlink(missing_ok=True)
            part.symlink_to(folder)
            part.replace(link)


def _moved(file: F, folder: str) -> F:
    return structs.replace(file, path=f"{folder}/{file.path}")


def describe_file(folder: Path, path: Path) -> FileRecord:
    """The record of a file, its path relative to `folder`."""
    return FileRecord(path.relative_to(folder).as_posix(), sha256_of(path), path.stat().st_size)


def write_json(path: Path, value: Declared) -> None:
    """Write it to the disk, then replace `path` in one rename; ExportError where it is not as declared."""
    data = declared.indented(declared.write(value, path.name, ExportError, REMEDY))
    with replacing(path) as file:
        file.write(data)


def _load(path: Path) -> dict[str, RecipeRecord]:
    """The manifest's records by recipe; none where it is missing, damaged or of another format."""
    try:
        return declared.read_file(path, ModelsFile, ExportError, "export again").recipes
    except ExportError:
        return {}


@contextmanager
def locked(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """One export at a time writes below `folder`; a second one says so and waits. The lock ends with its process."""

    def busy(holder: str) -> None:
        say(f"another export is running (process {holder}); waiting for it to finish")

    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".lock").touch()
    except OSError as error:
        raise ExportError(f"{folder} cannot be written ({error.strerror}); give another folder with --out") from error
    with locks.locked(folder / ".lock", busy):
        yield
