"""What all digit recipes share: MNIST, its card, its evaluation set, and how their models are trained."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from export import mnist
from export.recipe import Built, Entry, Evaluation, Ingredients, Recipe, Screen, Tolerance, Variant
from export.train import Plan, train
from metadata.card import DigitLayout, ImageSpec, ModelCard
from metadata.labels import shipped_labels

IMAGE = ImageSpec(height=28, width=28, channels=1, mean=(0.0,), std=(255.0,), digit=DigitLayout())
CALIBRATION = 500

TOLERANCES = {
    Variant.FP32: Tolerance(accuracy=0.1, agreement=0.1),
    Variant.FP16: Tolerance(accuracy=0.1, agreement=0.1),
    Variant.DYNAMIC: Tolerance(accuracy=0.3, agreement=1.0),
    Variant.INT8: Tolerance(accuracy=0.5, agreement=1.0),
}


def digit_recipe(
    *, name: str, description: str, parameters: int, layers: Callable[[], list[Any]], plan: Plan, shipped: bool
) -> Recipe:
    """A recipe for a sequential model over MNIST; `layers` is called once TensorFlow may be imported."""

    def build(given: Ingredients) -> Built:
        import keras

        keras.utils.set_random_seed(given.choices.seed)
        model = keras.Sequential([keras.Input((28, 28, 1), name="image"), *layers()], name=name)
        digits = mnist.load(given.path(mnist.SOURCE))
        training = train(model, digits, IMAGE, plan, given.choices.seed, given.progress)

        def samples(count: int) -> npt.NDArray[np.uint8]:
            pictures = digits.train.pictures
            chosen = np.random.default_rng(given.choices.seed).choice(
                len(pictures), min(count, len(pictures)), replace=False
            )
            return pictures[chosen]

        return Built(model, samples(CALIBRATION), training, samples)

    return Recipe(
        card=ModelCard(
            name=name,
            description=description,
            version="1",
            author="Handset",
            license="Apache-2.0; trained on MNIST (Yann LeCun and Corinna Cortes, CC BY-SA 3.0)",
            image=IMAGE,
            labels=shipped_labels("digits"),
        ),
        parameters=parameters,
        screen=Screen.DIGIT,
        shipped=shipped,
        tolerances=TOLERANCES,
        sources=(mnist.SOURCE,),
        build=build,
        evaluation=_test_digits,
    )


def _test_digits(given: Ingredients) -> Evaluation:
    test = mnist.load(given.path(mnist.SOURCE)).test
    entries = (
        Entry(f"{index:05d}.raw", picture.tobytes(), int(label))
        for index, (picture, label) in enumerate(zip(test.pictures, test.labels, strict=True))
    )
    return Evaluation("MNIST test set", entries)
