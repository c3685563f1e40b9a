import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from export.data import mnist
from export.networks.digits import IMAGE, digit_recipe, functional, sized
from export.networks.train import TrainingPlan, _shifted_batches, train
from export.recipe import BuildContext, Built, Choices
from export.recipes import digits_mlp, digits_mlp_functional, digits_mlp_subclass
from export.source import SourceFile
from metadata.preprocess import normalised, pixels
from tests.export.conftest import Quiet, noise, unwarned

pytestmark = pytest.mark.usefixtures("tensorflow")


class Poison:
    """The test digits, for whom nobody may ask while a model is made."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"training asks for the test digits' {name}")


def poison(digits: mnist.Mnist) -> mnist.Mnist:
    return replace(digits, test=Poison())  # type: ignore[arg-type]


@pytest.fixture
def poisoned(some_mnist: mnist.Mnist, monkeypatch: pytest.MonkeyPatch) -> mnist.Mnist:
    """What every recipe gets as MNIST: little of it, and poison in place of the test digits."""
    poisoned = poison(some_mnist)
    monkeypatch.setattr(mnist, "load", lambda _: poisoned)
    return poisoned


@pytest.fixture(scope="module")
def built(_imported: None, some_mnist: mnist.Mnist) -> Built:
    """digits_mlp, trained once on the poisoned digits with seed 0."""
    with pytest.MonkeyPatch.context() as patch, unwarned():
        patch.setattr(mnist, "load", lambda _: poison(some_mnist))
        return digits_mlp.RECIPE.build(context())


def context(seed: int = 0, full: bool = False) -> BuildContext:
    file = SourceFile(Path("unread"), "", mnist.SOURCE.name, "", "")
    return BuildContext({mnist.SOURCE.name: (file,)}, Choices(seed=seed, full=full), Quiet())


def network() -> Any:
    import keras

    keras.utils.set_random_seed(7)
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])


def weights(model: Any) -> list[Any]:
    return [weight.copy() for weight in model.get_weights()]


def equal(one: list[Any], other: list[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_recipe_is_built_without_a_look_at_the_test_digits(built: Built) -> None:
    assert built.training is not None
    assert (built.training["train_inputs"], built.training["validation_inputs"]) == (2000, 500)
    assert built.calibration.shape == (500, 28, 28, 1)


def test_calibration_pictures_are_training_pictures(built: Built, some_mnist: mnist.Mnist) -> None:
    trained_on = {picture.tobytes() for picture in some_mnist.train.pictures}
    assert {picture.tobytes() for picture in built.calibration} <= trained_on


@pytest.mark.usefixtures("poisoned")
def test_equal_seeds_give_equal_weights_and_other_seeds_others(built: Built) -> None:
    again, other = (weights(digits_mlp.RECIPE.build(context(seed)).model) for seed in (0, 4))
    assert equal(weights(built.model), again)
    assert not equal(again, other)


def test_training_stops_when_validation_no_longer_gains_and_keeps_the_best_weights(some_mnist: mnist.Mnist) -> None:
    """Labels that mean nothing: validation accuracy wanders, so the best epoch is not the last."""
    random = np.random.default_rng(7)
    labels = [random.integers(0, 10, len(part.labels)) for part in (some_mnist.train, some_mnist.validation)]
    noise = mnist.Mnist(
        mnist.Digits(some_mnist.train.pictures, labels[0]),
        mnist.Digits(some_mnist.validation.pictures, labels[1]),
        some_mnist.test,
    )
    model, plan = network(), TrainingPlan(epochs=30, patience=2, shift=0)
    record = train(model, noise, IMAGE, plan, 0, Quiet())
    accuracies = record["validation_accuracy"]
    assert record["epochs"] == len(accuracies) == record["best_epoch"] + plan.patience < plan.epochs
    assert accuracies[record["best_epoch"] - 1] == max(accuracies)
    answered = model.predict(normalised(noise.validation.pictures, IMAGE), verbose=0).argmax(axis=1)
    assert round(float((answered == labels[1]).mean()), 4) == max(accuracies) > accuracies[-1]


@pytest.mark.usefixtures("poisoned")
def test_three_styles_of_one_network_come_out_bit_equal(built: Built) -> None:
    """And each as a functional model of Keras's own layers, whatever it was written in."""
    others = [recipe.RECIPE.build(context()) for recipe in (digits_mlp_functional, digits_mlp_subclass)]
    all_ = [built, *others]
    assert [type(one.model).__name__ for one in all_] == ["Functional"] * 3
    assert [one.model.count_params() for one in all_] == [101_770] * 3
    assert all(equal(weights(built.model), weights(one.model)) for one in others)
    histories = [one.training["validation_accuracy"] for one in all_ if one.training is not None]
    assert histories[0] == histories[1] == histories[2]
    assert histories[0][-1] > 0.85


def test_a_subclassed_model_is_saved_without_its_class(tmp_path: Path) -> None:
    import keras

    keras.utils.set_random_seed(7)
    model = digits_mlp_subclass.network()
    digits = normalised(noise(7, 20, 28, 28, 1), IMAGE)
    expected = model.predict(digits, verbose=0)
    functional(model, IMAGE, "plain").save(tmp_path / "model.keras")
    assert "Perceptron" not in zipfile.ZipFile(tmp_path / "model.keras").read("config.json").decode()
    again = keras.models.load_model(tmp_path / "model.keras")
    assert [type(layer).__name__ for layer in again.layers] == ["InputLayer", "Flatten", "Dense", "Dense"]
    assert np.array_equal(again.predict(digits, verbose=0), expected)


def test_a_plan_for_a_part_of_the_digits_trains_and_validates_on_that_part(some_mnist: mnist.Mnist) -> None:
    plan, progress = TrainingPlan(epochs=1, train_inputs=300, validation_inputs=100), Quiet()
    record = train(network(), some_mnist, IMAGE, plan, 0, progress)
    assert (record["train_inputs"], record["validation_inputs"]) == (300, 100)
    assert progress.advanced == 3


def test_full_chooses_the_plan_for_everything(poisoned: mnist.Mnist) -> None:
    """And a recipe that has one plan keeps it."""
    few, all_there_are = TrainingPlan(epochs=1, train_inputs=200), TrainingPlan(epochs=1)
    both, one = (
        digit_recipe(name="little", description="", parameters=7850, network=network, plan=few, full=full)
        for full in (all_there_are, None)
    )
    built = [recipe.build(context(full=full)) for recipe in (both, one) for full in (False, True)]
    trained = [one.training["train_inputs"] for one in built if one.training is not None]
    assert trained == [200, len(poisoned.train.labels), 200, 200]


def test_digits_of_another_size_are_resized_as_the_spec_says(poisoned: mnist.Mnist) -> None:
    image = replace(IMAGE, height=32, width=32)
    larger = sized(poisoned.train.first(20), image)
    assert (larger.pictures.shape, larger.pictures.dtype.name) == ((20, 32, 32, 1), "uint8")
    digits = [Image.fromarray(digit[..., 0]) for digit in poisoned.train.pictures[:20]]
    assert np.array_equal(larger.pictures, [pixels(digit, image) for digit in digits])
    assert sized(poisoned.train, IMAGE) is poisoned.train


def test_the_record_says_what_was_done(some_mnist: mnist.Mnist) -> None:
    progress = Quiet()
    record = train(network(), some_mnist, IMAGE, TrainingPlan(epochs=2), 5, progress)
    assert (record["seed"], record["epochs"], record["train_inputs"], record["validation_inputs"]) == (5, 2, 2000, 500)
    assert record["plan"] == {
        "epochs": 2,
        "patience": 3,
        "batch_size": 128,
        "peak_rate": 3e-3,
        "warm_up": 0.2,
        "shift": 1,
        "train_inputs": None,
        "validation_inputs": None,
    }
    assert progress.said[0] == "train: 32"
    assert progress.advanced == 32
    assert progress.said[-1] == f"epoch 2 of 2, validation accuracy {record['validation_accuracy'][-1]:.4f}"


def shifted(digits: mnist.Digits, plan: TrainingPlan) -> Iterator[tuple[Any, Any]]:
    steps = -(-len(digits.labels) // plan.batch_size)
    return islice(_shifted_batches(digits, IMAGE, plan, np.random.default_rng(0)), steps)


def test_an_epoch_shows_every_picture_once_with_its_label(some_mnist: mnist.Mnist) -> None:
    digits = some_mnist.train.first(300)
    batches = list(shifted(digits, TrainingPlan(epochs=1, shift=0)))
    assert [len(labels) for _, labels in batches] == [128, 128, 44]
    seen = sorted(
        (int(label), picture.tobytes())
        for pictures, labels in batches
        for picture, label in zip(pictures, labels, strict=True)
    )
    expected = zip(digits.labels, normalised(digits.pictures, IMAGE), strict=True)
    assert seen == sorted((int(label), picture.tobytes()) for label, picture in expected)


def test_pictures_move_by_up_to_a_pixel_each_way() -> None:
    dot = np.zeros((500, 28, 28, 1), np.uint8)
    dot[:, 14, 14] = 255
    places = set()
    for pictures, _ in shifted(mnist.Digits(dot, np.zeros(500, np.int64)), TrainingPlan(epochs=1, shift=1)):
        assert pictures.shape[1:] == (28, 28, 1)
        _, rows, columns, _ = np.nonzero(pictures)
        places |= set(zip(rows.tolist(), columns.tolist(), strict=True))
    assert places == {(row, column) for row in (13, 14, 15) for column in (13, 14, 15)}
