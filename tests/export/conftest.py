"""Fixtures of this room."""

import gzip
import pickle
from pathlib import Path
from typing import Any

import pytest

from export import mnist, sources
from export.errors import SourceError


@pytest.fixture(scope="session")
def mnist_file() -> Path:
    """The real MNIST, from wherever the kit gets it; skipped where it cannot be had."""
    try:
        (file,) = sources.obtain(mnist.SOURCE, None, lambda _: None)
    except SourceError as error:
        pytest.skip(str(error))
    return file.path


def classic_pickle(path: Path, splits: Any) -> Path:
    """`splits` as mnist.pkl.gz holds them, with the name that NumPy's module had then."""
    data = pickle.dumps(splits, 3).replace(b"numpy._core", b"numpy.core")
    path.write_bytes(gzip.compress(data, 1))
    return path
