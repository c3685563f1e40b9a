"""The dataset that Keras trains on."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from export.errors import SourceError
from export.networks.batches import Batch, dataset
from metadata.card import ImageSpec

IMAGE = ImageSpec(height=4, width=6, channels=3, mean=(0.0,) * 3, std=(255.0,) * 3)


@pytest.mark.parametrize("targets", [np.arange(5), np.arange(5, dtype=np.float32)[:, np.newaxis]])
def test_the_batches_arrive_as_they_were_made(targets: npt.NDArray[Any]) -> None:
    pictures = np.random.default_rng(0).normal(size=(5, 4, 6, 3)).astype(np.float32)

    def batches() -> Iterator[Batch]:
        yield pictures[:3], targets[:3]
        yield pictures[3:], targets[3:]

    with dataset(batches, IMAGE, targets) as batched:
        made = list(batched.as_numpy_iterator())
    assert [len(part) for part, _ in made] == [3, 2]
    assert np.array_equal(np.concatenate([part for part, _ in made]), pictures)
    answers = np.concatenate([part for _, part in made])
    assert answers.dtype == targets.dtype
    assert np.array_equal(answers, targets)


def test_the_end_of_a_training_does_not_wait_for_tf_data_to_tune_the_dataset() -> None:
    with dataset(lambda: iter(()), IMAGE, np.arange(1)) as made:
        assert made.options().autotune.enabled is False


@pytest.mark.parametrize("good", [0, 3])
def test_a_picture_that_is_gone_meanwhile_is_the_error_that_the_batches_raised(good: int) -> None:
    import keras

    def batches() -> Iterator[Batch]:
        for _ in range(good):
            yield np.zeros((2, 4, 6, 3), np.float32), np.zeros(2, np.int64)
        raise SourceError("a.png was readable before; put it back")

    model = keras.Sequential([keras.Input((4, 6, 3)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(SourceError, match="put it back"), dataset(batches, IMAGE, np.zeros(2, np.int64)) as made:
        model.fit(made, steps_per_epoch=5, verbose=0, shuffle=False)
