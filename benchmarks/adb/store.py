"""Models on a phone, named by their content: an unchanged model is not pushed again, and a changed one always is.

A model is pushed beside its place, verified there by the phone's own sha256sum, and only then moved: so a file
with a model's name is that model, complete. A phone reads some 50 MB a second: what it has hashed in a run is not
hashed again in that run while its size and time stay. The app hashes it before every job.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from benchmarks.adb.errors import MismatchError
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.sync_protocol import FileInfo
from metadata.hashes import sha256_of

FOLDER = "/data/local/tmp/handset"
LIMIT_BYTES = 500_000_000
HASH_TIMEOUT_S = 60.0
"""sha256sum is silent while it works."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a model is on the phone, and whether it had to be sent."""

    path: str
    sha256: str
    pushed: bool


class ModelStore:
    """The models on one phone, for one run."""

    def __init__(self, phone: AdbPhone, run: str) -> None:
        self._phone = phone
        self._run = run
        self._hashed: dict[str, FileInfo | None] = {}

    def put(self, model: Path, folder: str = FOLDER, sha256: str | None = None) -> Stored:
        """Put `model`, or another file, into `folder` unless it is there. MismatchError when something else arrived.

        `sha256` is the file's, where the caller has computed it.
        """
        sha256 = sha256 or sha256_of(model)
        path = f"{folder}/{sha256}{model.suffix}"
        seen = self._hashed.get(path)
        if seen is not None and self._info(path) == seen:
            return Stored(path, sha256, pushed=False)
        pushed = self._have(model, path, folder, sha256)
        self._hashed[path] = self._info(path)
        return Stored(path, sha256, pushed)

    def _have(self, model: Path, path: str, folder: str, sha256: str) -> bool:
        """Have the file with this hash at `path`; whether it had to be pushed."""
        if self._hash(path) == sha256:
            self._phone.check(["touch", path])
            return False
        part = f"{path}.part-{self._run}"
        self._phone.check(["mkdir", "-p", "-m", "0755", FOLDER, folder])  # apps need to enter both
        self._phone.push(model, part)
        arrived = self._hash(part)
        if arrived != sha256:
            self._phone.check(["rm", "-f", part])
            raise MismatchError(
                f"push {model.name}: phone {self._phone.serial} has sha256 {arrived} instead of {sha256}; "
                "push it again, with another cable if it stays so"
            )
        self._phone.check(["mv", "-f", part, path])
        return True

    def sweep(self) -> tuple[str, ...]:
        """Remove partly pushed models of earlier runs; the names that were removed."""
        names = [
            name for name in self._phone.list_folder(FOLDER) if ".part-" in name and not name.endswith(f"-{self._run}")
        ]
        return self._remove(names)

    def trim(self, limit_bytes: int = LIMIT_BYTES) -> tuple[str, ...]:
        """Remove the least recently used models until the rest fits; the names that were removed."""
        models = {name: info for name, info in self._phone.list_folder(FOLDER).items() if name.endswith(".tflite")}
        removed: list[str] = []
        total_bytes = sum(info.size_bytes for info in models.values())
        for name, info in sorted(models.items(), key=lambda item: item[1].mtime_s):
            if total_bytes <= limit_bytes:
                break
            total_bytes -= info.size_bytes
            removed.append(name)
        return self._remove(removed)

    def clear(self) -> None:
        """Remove everything the kit keeps on the phone."""
        self._phone.check(["rm", "-rf", FOLDER])

    def _remove(self, names: list[str]) -> tuple[str, ...]:
        if names:
            self._phone.check(["rm", "-f", *(f"{FOLDER}/{name}" for name in names)])
        return tuple(names)

    def _info(self, path: str) -> FileInfo | None:
        place = PurePosixPath(path)
        return self._phone.list_folder(str(place.parent)).get(place.name)

    def _hash(self, path: str) -> str | None:
        result = self._phone.shell(["sha256sum", path], idle_timeout_s=HASH_TIMEOUT_S)
        found = result.stdout.split()
        return found[0].lstrip("\\") if result.exit_code == 0 and found else None
