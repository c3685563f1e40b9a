"""What all digit recipes share: MNIST, its card, its evaluation set, and how their models are trained."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from export.data import mnist
from export.data.mnist import Digits, Mnist
from export.networks.train import TrainingPlan, train
from export.recipe import BuildContext, Built, Entry, Evaluation, Recipe, Screen, Tolerance, Variant
from metadata.card import DigitLayout, ImageSpec, ModelCard
from metadata.labels import shipped_labels
from metadata.preprocess import pixels

IMAGE = ImageSpec(height=28, width=28, channels=1, mean=(0.0,), std=(255.0,), digit=DigitLayout())
CALIBRATION = 500

TOLERANCES = {
    Variant.FP32: Tolerance(accuracy=0.1, agreement=0.1),
    Variant.FP16: Tolerance(accuracy=0.1, agreement=0.1),
    Variant.DYNAMIC: Tolerance(accuracy=0.3, agreement=1.0),
    Variant.INT8: Tolerance(accuracy=0.5, agreement=1.0),
}


def digit_recipe(
    *,
    name: str,
    description: str,
    parameters: int,
    network: Callable[[], Any],
    plan: TrainingPlan,
    full: TrainingPlan | None = None,
    image: ImageSpec = IMAGE,
    shipped: bool = False,
) -> Recipe:
    """A recipe for a classifier of MNIST; `network` is called once TensorFlow may be imported.

    It may return any Keras model of one picture, a subclassed one too. `full` is the training plan for `--full`.
    """

    def build(context: BuildContext) -> Built:
        import keras

        keras.utils.set_random_seed(context.choices.seed)
        model = network()
        digits = mnist.load(context.path(mnist.SOURCE))
        digits = Mnist(sized(digits.train, image), sized(digits.validation, image), digits.test)
        chosen_plan = full if full is not None and context.choices.full else plan
        training = train(model, digits, image, chosen_plan, context.choices.seed, context.progress)

        def samples(count: int) -> npt.NDArray[np.uint8]:
            pictures = digits.train.pictures
            chosen = np.random.default_rng(context.choices.seed).choice(
                len(pictures), min(count, len(pictures)), replace=False
            )
            return pictures[chosen]

        return Built(functional(model, image, name), samples(CALIBRATION), training, samples)

    return Recipe(
        card=ModelCard(
            name=name,
            description=description,
            version="1",
            author="Handset",
            license="Apache-2.0; trained on MNIST (Yann LeCun and Corinna Cortes, CC BY-SA 3.0)",
            image=image,
            labels=shipped_labels("digits"),
        ),
        parameters=parameters,
        screen=Screen.DIGIT,
        shipped=shipped,
        tolerances=TOLERANCES,
        sources=(mnist.SOURCE,),
        build=build,
        evaluation=partial(_test_digits, image=image),
    )


def mlp_recipe(name: str, network: Callable[[], Any]) -> Recipe:
    """The recipe of one hidden layer of 128 units; `network` writes it in one of Keras's three styles."""
    return digit_recipe(
        name=name,
        description="Handwritten digits 0 to 9: one hidden layer of 128 units.",
        parameters=101_770,
        network=network,
        plan=TrainingPlan(epochs=8, batch_size=256, peak_rate=6e-3, shift=0),
    )


def sized(digits: Digits, image: ImageSpec) -> Digits:
    """The digits preprocessed for a model with this `image`: uint8 (N, height, width, 1), resized as the spec says."""
    if digits.pictures.shape[1:] == (image.height, image.width, image.channels):
        return digits
    return Digits(
        np.stack([pixels(Image.fromarray(picture[..., 0]), image) for picture in digits.pictures]), digits.labels
    )


def functional(model: Any, image: ImageSpec, name: str) -> Any:
    """The layers of `model` and their weights as a functional model, in whatever style it is written.

    Its `call` is run once on a symbolic picture, so the result consists of Keras's own layers, and a saved file loads
    without the class of `model`.
    """
    import keras

    picture = keras.Input((image.height, image.width, image.channels), name="image")
    return keras.Model(picture, model.call(picture), name=name)


def _test_digits(context: BuildContext, image: ImageSpec) -> Evaluation:
    test = sized(mnist.load(context.path(mnist.SOURCE)).test, image)
    entries = (
        Entry(f"{index:05d}.raw", picture.tobytes(), int(label))
        for index, (picture, label) in enumerate(zip(test.pictures, test.labels, strict=True))
    )
    return Evaluation("MNIST test set", entries)
