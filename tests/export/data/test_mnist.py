import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.data import mnist
from export.errors import SourceError
from metadata.normalizations import MNIST
from tests.export.conftest import classic_pickle

CLASS_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def split(count: int) -> tuple[Any, Any]:
    """So many digits as the classic pickle holds them: pixel / 256 as float32, and int64 labels."""
    levels = np.random.default_rng(count).integers(0, 256, (count, 784), np.uint8)
    return (levels / 256).astype(np.float32), np.arange(count) % 10


def npz(path: Path, train: int = 60_000, test: int = 10_000, **other: Any) -> Path:
    """MNIST's arrays as Keras names them; `other` replaces some."""
    arrays = {
        "x_train": np.zeros((train, 28, 28), np.uint8),
        "y_train": np.arange(train) % 10,
        "x_test": np.zeros((test, 28, 28), np.uint8),
        "y_test": np.arange(test) % 10,
    }
    np.savez_compressed(path, **arrays | other)
    return path


def test_the_real_test_set_has_the_known_class_counts(mnist_file: Path) -> None:
    digits = mnist.load(mnist_file)
    assert np.bincount(digits.test.labels).tolist() == CLASS_COUNTS
    assert [len(part.labels) for part in (digits.train, digits.validation, digits.test)] == [55_000, 5_000, 10_000]
    assert digits.train.pictures.dtype == np.uint8
    # The first digits of the original files: a five, and a seven.
    assert (digits.train.labels[0], digits.test.labels[0]) == (5, 7)
    assert digits.train.pictures[0].sum() == 27525
    assert (digits.train.pictures.min(), digits.train.pictures.max()) == (0, 255)


def test_its_mean_and_deviation_are_those_of_the_whole_training_set(mnist_file: Path) -> None:
    digits = mnist.load(mnist_file)
    pixels = np.concatenate([digits.train.pictures, digits.validation.pictures]).astype(np.float64)
    mean, std = (round(float(value), 4) for value in (pixels.mean(), pixels.std()))
    assert ((mean,), (std,)) == MNIST


def test_keras_file_has_its_splits_too(tmp_path: Path) -> None:
    digits = mnist.load(npz(tmp_path / "mnist.npz"))
    assert digits.train.pictures.shape == (55_000, 28, 28, 1)
    assert digits.validation.pictures.shape == (5_000, 28, 28, 1)
    assert digits.test.labels.tolist() == [*range(10)] * 1_000


def test_a_smaller_set_is_refused_by_its_shape(tmp_path: Path) -> None:
    small = classic_pickle(tmp_path / "small.pkl.gz", (split(5), split(2), split(3)))
    with pytest.raises(
        SourceError, match=r"small\.pkl\.gz holds \(7, 28, 28, 1\) uint8 .* where MNIST has \(60000, 28"
    ):
        mnist.load(small)


@pytest.mark.parametrize(
    ("other", "got"),
    [
        ({"train": 100}, r"\(100, 28, 28, 1\) uint8 and \(100,\)"),
        ({"test": 9_999}, r"\(9999, 28, 28, 1\) uint8 and \(9999,\)"),
        ({"x_test": np.zeros((10_000, 28, 28), np.float32)}, r"\(10000, 28, 28, 1\) float32"),
        ({"x_train": np.zeros((60_000, 32, 32), np.uint8)}, r"\(60000, 32, 32, 1\) uint8"),
        ({"y_test": np.full(10_000, 11)}, r"\(10000,\) of 11 to 11"),
        ({"y_test": np.zeros(9, np.uint8)}, r"\(9,\) of 0 to 0"),
    ],
)
def test_an_npz_that_is_not_mnist_is_refused_by_what_it_holds(tmp_path: Path, other: dict[str, Any], got: str) -> None:
    with pytest.raises(SourceError, match=rf"other\.npz holds .*{got}.* where MNIST has .*; give MNIST itself"):
        mnist.load(npz(tmp_path / "other.npz", **other))


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "bits", "no pickle", "other pickle"])
def test_a_damaged_pickle_is_named(tmp_path: Path, damage: str) -> None:
    path = classic_pickle(tmp_path / "mnist.pkl.gz", (split(50), split(20), split(30)))
    whole = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "text": b"<html>404</html>",
            "cut": whole[: len(whole) // 2],
            "bits": whole[:999] + bytes(99) + whole[1098:],
            "no pickle": gzip.compress(b"no pickle"),
            "other pickle": gzip.compress(b"\x80\x02]q\x00(K\x01K\x02K\x03e."),
        }[damage]
    )
    with pytest.raises(SourceError, match=r"mnist\.pkl\.gz is not MNIST as mnist\.pkl\.gz \(.*\); fetch it again"):
        mnist.load(path)


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "array", "other names"])
def test_a_damaged_npz_is_named(tmp_path: Path, damage: str) -> None:
    path = npz(tmp_path / "mnist.npz", train=10, test=10)
    match damage:
        case "other names":
            np.savez(path, pictures=np.zeros(3))
        case "array":
            with path.open("wb") as file:
                np.save(file, np.zeros(3))
        case _:
            path.write_bytes({"empty": b"", "text": b"<html>404</html>", "cut": path.read_bytes()[:-200]}[damage])
    with pytest.raises(SourceError, match=r"mnist\.npz is not MNIST as Keras stores it \(.*\); fetch it again"):
        mnist.load(path)
