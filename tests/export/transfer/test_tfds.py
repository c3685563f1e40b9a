"""Laying out a data set: TensorFlow's real pipeline, and of TensorFlow Datasets, an extra, only what is called."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from export.transfer import tfds
from tests.export.conftest import Quiet, SmallDisk
from tests.export.transfer.drawn import picture

SKIP = object()
EXTRA = SimpleNamespace(decode=SimpleNamespace(SkipDecoding=lambda: SKIP))


@dataclass
class Builder:
    """Three cats and three dogs, encoded."""

    name: str = "pets"

    @property
    def info(self) -> Any:
        return SimpleNamespace(features={"label": SimpleNamespace(names=["cat", "dog"])})

    def as_dataset(self, split: str, decoders: dict[str, Any]) -> Any:
        import tensorflow as tf

        assert (split, decoders) == ("train", {"image": SKIP})
        labels = [0, 1, 0, 1, 0, 1]
        images = [picture(label, index, ".jpg") for index, label in enumerate(labels)]
        return tf.data.Dataset.from_tensor_slices({"image": images, "label": labels})


@pytest.mark.usefixtures("tensorflow")
def test_every_picture_becomes_a_file_of_its_class_as_it_was_encoded(tmp_path: Path) -> None:
    progress = Quiet()
    tfds._write(Builder(), tmp_path / "cache" / "pets-1", EXTRA, progress)
    found = {path.relative_to(tmp_path / "cache").as_posix(): path for path in tmp_path.rglob("*.jpg")}
    assert sorted(found) == [
        *(f"pets-1/cat/0000{index}.jpg" for index in (0, 2, 4)),
        *(f"pets-1/dog/0000{index}.jpg" for index in (1, 3, 5)),
    ]
    assert found["pets-1/dog/00003.jpg"].read_bytes() == picture(1, 3, ".jpg")
    assert (progress.said, progress.advanced) == (["write pets: 6"], 6)


@pytest.mark.usefixtures("tensorflow")
def test_a_full_disk_leaves_no_half_of_it(small_disk: SmallDisk) -> None:
    disk = small_disk(16_384)
    with pytest.raises(OSError, match="No space left on device"):
        tfds._write(Builder(), disk / "pets-1", EXTRA, Quiet())
    assert list(disk.iterdir()) == []
