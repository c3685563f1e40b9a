"""`build/models/`: the manifest, and a folder for each recipe that it names. Only what the manifest names exists.

A recipe's folder has the fingerprint in its name and is complete before one rename replaces the manifest by one that
names it. So an export that is killed leaves the old manifest with all its files, or the new one with all of its files;
the next run deletes what the manifest does not name. `build/models/<recipe>` is a link, for people.
Only files with names that this module gives are ever deleted: the folder may hold others.
"""

import itertools
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.console import locks
from export.errors import ExportError
from metadata.hashes import sha256_of
from metadata.output import replacing

FORMAT = "handset.models/1"
MANIFEST = "manifest.json"
STAGING = ".staging-"
OURS = re.compile(r"\.staging-.*|\.manifest\.json\.part-[0-9a-f]{8}|\.[a-z0-9_]+-[0-9a-f]{8}(-\d+)?")

Record = dict[str, Any]


class Store:
    """The packed models below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records: dict[str, Record] = _load(folder / MANIFEST)

    def holds(self, recipe: str, fingerprint: str) -> bool:
        """Whether the manifest has `recipe` with that fingerprint, and all its files are there and undamaged."""
        record = self.records.get(recipe)
        return record is not None and record["fingerprint"] == fingerprint and self.damaged(record) is None

    def damaged(self, record: Record) -> Path | None:
        """The first file of `record` that is missing or has another hash than the manifest says, or None."""
        for file in files_of(record):
            path = self.folder / str(file["path"])
            if not path.is_file() or sha256_of(path) != file["sha256"]:
                return path
        return None

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder to work in; deleted afterwards unless `commit` has moved it."""
        with tempfile.TemporaryDirectory(prefix=STAGING, dir=self.folder, ignore_cleanup_errors=True) as folder:
            work = Path(folder) / "new"
            work.mkdir()
            yield work

    def commit(self, recipe: str, fingerprint: str, staged: Path, record: Record) -> None:
        """Make `staged` the recipe's folder, and `record`, with paths relative to it, the recipe's in the manifest."""
        # Hidden, so that a glob over the folder finds each model once, by its link.
        target = self._unused(f".{recipe}-{fingerprint[:8]}")
        for file in files_of(record):
            file["path"] = f"{target.name}/{file['path']}"
        staged.rename(target)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.records[recipe] = {"folder": target.name, "fingerprint": fingerprint, "exported_at": now} | record
        ordered = {name: self.records[name] for name in sorted(self.records)}
        write_json(self.folder / MANIFEST, {"format": FORMAT, "recipes": ordered})
        self.sweep()

    def _unused(self, name: str) -> Path:
        """`name`, or `name-1` and so on where a folder of that name is still in use."""
        names = itertools.chain([name], (f"{name}-{turn}" for turn in itertools.count(1)))
        return next(path for path in map(self.folder.joinpath, names) if not path.exists())

    def sweep(self) -> None:
        """Delete what the manifest does not name, from older or killed exports, and correct the links."""
        for recipe, record in self.records.items():
            self._link(self.folder / recipe, record["folder"])
        current = {record["folder"] for record in self.records.values()}
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


def files_of(record: Record) -> Iterator[Record]:
    """Every file of a recipe's record, as {path, sha256, …}: its variants and its reference."""
    yield from record["variants"].values()
    yield from record["reference"].values()


def describe_file(folder: Path, path: Path) -> Record:
    """{path relative to `folder`, sha256, bytes} of a file."""
    return {"path": path.relative_to(folder).as_posix(), "sha256": sha256_of(path), "bytes": path.stat().st_size}


def write_json(path: Path, value: Any) -> None:
    """Write JSON to the disk, then replace `path` in one rename."""
    with replacing(path) as file:
        file.write((json.dumps(value, indent=1) + "\n").encode())


def _load(path: Path) -> dict[str, Record]:
    """The manifest's records by recipe; none where it is missing, damaged or of another format."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            return {}
        for record in manifest["recipes"].values():
            _ = [record[key] for key in ("folder", "fingerprint", "shipped")]
            _ = [(file["path"], file["sha256"]) for file in files_of(record)]
        return dict(manifest["recipes"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
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
