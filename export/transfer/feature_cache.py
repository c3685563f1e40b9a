"""A cache of features, by the picture's content and by all that they were computed with. It may be deleted any time.

A folder for each extractor holds shards: NumPy archives of hashes and vectors, written at once and never changed. When
all together are larger than the bound, those not used for longest are deleted.
"""

import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from benchmarks.console.places import cache_folder
from metadata.errors import OutputError
from metadata.output import write_whole

BOUND_BYTES = 1 << 30  # 200,000 pictures of 1280 features


class FeatureCache:
    """The features stored below `folder`, by default `features` in the kit's cache."""

    def __init__(self, folder: Path | None = None, bound_bytes: int = BOUND_BYTES) -> None:
        self.folder = folder or cache_folder() / "features"
        self._bound_bytes = bound_bytes

    def load(self, key: str) -> dict[str, npt.NDArray[np.float32]]:
        """sha256 of a picture → its features, for all that is stored under `key`."""
        known: dict[str, npt.NDArray[np.float32]] = {}
        for shard in sorted(self._folder(key).glob("*.npz")):
            try:
                with shard.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                    names, vectors = archive["sha256"], archive["features"]
                known |= dict(zip((bytes(name).hex() for name in names), vectors, strict=True))
                os.utime(shard)
            except (OSError, ValueError, KeyError, EOFError, BadZipFile):
                continue  # a damaged shard is computed again
        return known

    def keep(
        self, key: str, features: Mapping[str, npt.NDArray[np.float32]], say: Callable[[str], None] = print
    ) -> None:
        """Write a shard, then delete the oldest ones beyond the bound; a full disk is reported and stops nothing."""
        if not features:
            return
        names = np.frombuffer(b"".join(bytes.fromhex(name) for name in features), np.uint8).reshape(-1, 32)
        file = io.BytesIO()
        np.savez(file, sha256=names, features=np.stack(list(features.values())))
        first = next(iter(features))
        try:
            write_whole(self._folder(key) / f"{first[:16]}-{len(features)}.npz", file.getvalue())
            self._drop(key)
        except (OutputError, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error).partition("; ")[0]
            say(f"features are not kept for the next time: {why}")

    def _folder(self, key: str) -> Path:
        return self.folder / key[:32]

    def _drop(self, key: str) -> None:
        """Delete the shards unused for longest, never those of `key`, until the rest is within the bound."""
        shards = sorted(self.folder.glob("*/*.npz"), key=lambda path: path.stat().st_mtime_ns)
        size_bytes = sum(path.stat().st_size for path in shards)
        for path in shards:
            if size_bytes <= self._bound_bytes:
                return
            if path.parent != self._folder(key):
                size_bytes -= path.stat().st_size
                path.unlink()
