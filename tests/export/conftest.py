"""Fixtures of this room: real MNIST and little parts of it, TensorFlow without its warnings, and small disks."""

import gc
import gzip
import pickle
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.data import mnist, sources
from export.errors import SourceError
from export.recipe import ProgressStage
from export.source import Source

SmallDisk = Callable[[int], Path]


class Quiet:
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.advanced = 0

    def say(self, line: str) -> None:
        self.said.append(line)

    @contextmanager
    def stage(self, title: str, total: int) -> Iterator[ProgressStage]:
        self.said.append(f"{title}: {total}")
        yield self

    def advance(self, done: int, note: str = "") -> None:
        self.advanced += done
        self.said += [note] if note else []


def cached(*wanted: Source) -> tuple[Path, ...]:
    """The files of these sources in the cache, where `make export` puts them; without them, the test is skipped."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PIP_NO_INDEX", "1")  # no test goes to a network
            patch.delenv("PIP_FIND_LINKS", raising=False)
            offline = [replace(source, keras_file=None) for source in wanted]
            return tuple(file.path for source in offline for file in sources.obtain(source, None, lambda _: None))
    except SourceError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def mnist_file() -> Path:
    """The real MNIST."""
    return cached(mnist.SOURCE)[0]


@pytest.fixture(scope="session")
def some_mnist(mnist_file: Path) -> mnist.Mnist:
    """2000 real digits to train on, 500 to validate, 200 to test."""
    whole = mnist.load(mnist_file)
    return mnist.Mnist(whole.train.first(2000), whole.validation.first(500), whole.test.first(200))


@contextmanager
def unwarned() -> Iterator[None]:
    """TensorFlow's own warnings are none of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="session")
def _imported() -> None:
    with unwarned():
        import_module("keras")
        import_module("tensorflow")
    gc.freeze()  # `convert.freeze` collects garbage, and need not look at these 300,000 objects each time


@pytest.fixture
def tensorflow(_imported: None) -> Iterator[Any]:
    """TensorFlow, without its warnings while the test runs."""
    import tensorflow as tf

    with unwarned():
        yield tf


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Makes a file system of so many bytes."""
    mount, umount, mounted = shutil.which("mount"), shutil.which("umount"), list[Path]()

    def make(size_bytes: int) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        command = [str(mount), "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(folder)]
        if mount is None or umount is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
            pytest.skip("a small file system can be mounted only by root")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run([str(umount), str(folder)], check=True)


def classic_pickle(path: Path, splits: Any) -> Path:
    """`splits` as mnist.pkl.gz holds them, with the name that NumPy's module had then."""
    data = pickle.dumps(splits, 3).replace(b"numpy._core", b"numpy.core")
    path.write_bytes(gzip.compress(data, 1))
    return path


def noise(seed: int, *shape: int) -> Any:
    """Seeded levels, uint8."""
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
