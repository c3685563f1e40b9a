"""A `Comparison` as the bytes of its `comparison.json`, and back."""

from pathlib import Path

from benchmarks.compare.comparison import FILE, Comparison
from benchmarks.formats import declared
from benchmarks.formats.atomic import atomic_write
from benchmarks.formats.errors import ComparisonError

REMEDY = "run python -m benchmarks compare"


def encode(comparison: Comparison) -> bytes:
    """The whole of `comparison.json`, on one line."""
    return declared.write(comparison, FILE, ComparisonError, REMEDY) + b"\n"


def decode(data: bytes) -> Comparison:
    """The comparison that `encode` wrote; ComparisonError, one line, for anything else."""
    return declared.read(data, Comparison, FILE, ComparisonError, REMEDY)


def read(path: Path) -> Comparison:
    """The comparison in the file at `path`; ComparisonError when there is none that can be read."""
    return declared.read_file(path, Comparison, ComparisonError, REMEDY)


def write(path: Path, comparison: Comparison) -> None:
    """Put `comparison` at `path`, whole or not at all; StorageError when that cannot be."""
    with atomic_write(path) as file:
        file.write(encode(comparison))
