"""One hidden layer over MNIST's pixels: the first network of most courses, as a sequence of layers."""

from typing import Any

from export.networks.digits import digit_recipe
from export.networks.train import TrainingPlan

DESCRIPTION = "Handwritten digits 0 to 9: one hidden layer of 128 units."
PARAMETERS = 101_770
PLAN = TrainingPlan(epochs=10, shift=0)


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


RECIPE = digit_recipe(name="digits_mlp", description=DESCRIPTION, parameters=PARAMETERS, network=network, plan=PLAN)
