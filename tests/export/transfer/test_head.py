from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.data.split_names import Split
from export.transfer.classes import Photo
from export.transfer.features import Features
from export.transfer.head import HeadPlan, logits_layer, loss_for, probabilities_layer, train_head
from tests.export.conftest import Quiet

pytestmark = pytest.mark.usefixtures("tensorflow")


SHORT = HeadPlan(epochs=2, least_steps=20)


def clouds(classes: int, count: int, seed: int, width: int = 16) -> Features:
    """Features in a cloud for each class, the clouds apart."""
    centres = np.random.default_rng(0).normal(0, 1, (classes, width))
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    vectors = (centres[labels] + random.normal(0, 0.3, (count, width))).astype(np.float32)
    photos = tuple((Photo(Path("p"), "p", int(label), Split.TRAIN), str(i)) for i, label in enumerate(labels))
    return Features(photos, vectors)


@pytest.mark.parametrize("classes", [2, 3, 20])
def test_clouds_that_lie_apart_are_told_apart(classes: int) -> None:
    progress = Quiet()
    logits, record = train_head(clouds(classes, 400, 1), clouds(classes, 100, 2), classes, HeadPlan(), 0, progress)
    test = clouds(classes, 200, 3)
    answers = np.asarray(probabilities_layer(logits, classes)(test.vectors))
    assert answers.shape == (200, classes)
    assert np.allclose(answers.sum(axis=1), 1, atol=1e-5)
    assert (answers.argmax(axis=1) == test.labels).mean() > 0.97
    assert (len(record["validation_accuracy"]), record["rounds_an_epoch"]) == (10, 3)
    assert record["loss"] == ("BinaryCrossentropy" if classes == 2 else "SparseCategoricalCrossentropy")
    assert progress.said[0] == "train the head: 380"


def test_two_classes_are_one_logit_and_the_two_probabilities_are_its_sigmoid() -> None:
    layer = logits_layer(2)
    layer.build((None, 5))
    layer.set_weights([np.random.default_rng(0).normal(size=(5, 1)), np.array([0.3])])
    vectors = np.random.default_rng(1).normal(0, 3, (50, 5)).astype(np.float32)
    z = np.asarray(layer(vectors))[:, 0].astype(np.float64)
    sigmoid = 1 / (1 + np.exp(-z))
    answers = np.asarray(probabilities_layer(layer, 2)(vectors))
    assert np.allclose(answers, np.stack([1 - sigmoid, sigmoid], axis=1), atol=1e-6)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_loss_takes_logits(classes: int) -> None:
    assert loss_for(classes).get_config()["from_logits"] is True


def test_the_pictures_of_a_small_folder_are_seen_more_often() -> None:
    assert [HeadPlan().rounds(pictures) for pictures in (18_000, 1700, 700, 6)] == [1, 1, 2, 40]


def test_the_same_seed_trains_the_same() -> None:
    def trained(seed: int) -> Any:
        return train_head(clouds(3, 90, 1), clouds(3, 30, 2), 3, SHORT, seed, Quiet())[0].get_weights()[0]

    first = trained(0)
    assert np.array_equal(first, trained(0))
    assert not np.array_equal(first, trained(1))
