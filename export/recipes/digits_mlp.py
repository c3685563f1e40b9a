"""One hidden layer over MNIST's pixels: the first network of most courses, as a sequence of layers."""

from collections.abc import Callable
from typing import Any

from export.networks.digits import digit_recipe
from export.networks.train import TrainingPlan
from export.recipe import Recipe


def network() -> Any:
    """Flatten, 128 hidden units, ten probabilities."""
    import keras
    from keras.layers import Dense, Flatten

    return keras.Sequential(
        [
            keras.Input((28, 28, 1), name="image"),
            Flatten(),
            Dense(128, "relu"),
            Dense(10, "softmax", name="probabilities"),
        ]
    )


def mlp_recipe(name: str, network: Callable[[], Any]) -> Recipe:
    """The recipe of this network, in whatever style `network` is written."""
    return digit_recipe(
        name=name,
        description="Handwritten digits 0 to 9: one hidden layer of 128 units.",
        parameters=101_770,
        network=network,
        plan=TrainingPlan(epochs=10, shift=0),
    )


RECIPE = mlp_recipe("digits_mlp", network)
