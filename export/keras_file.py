"""A file that Keras itself offers for download, weights or data: its address, and the hash that Keras states for it."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from export.errors import SourceError


@dataclass(frozen=True, slots=True)
class KerasFile:
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
