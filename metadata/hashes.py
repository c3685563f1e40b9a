"""The hash by which a file is known everywhere: in manifests, jobs, results and caches."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Lower-case hex sha256 of a file's bytes, read block by block."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
