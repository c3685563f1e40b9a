"""One hidden layer over MNIST's pixels: the first network of most courses."""

from typing import Any

from export.digits import digit_recipe
from export.train import Plan


def layers() -> list[Any]:
    """Flatten, 128 hidden units, ten probabilities."""
    from keras.layers import Dense, Flatten

    return [Flatten(), Dense(128, "relu"), Dense(10, "softmax", name="probabilities")]


RECIPE = digit_recipe(
    name="digits_mlp",
    description="Handwritten digits 0 to 9: one hidden layer of 128 units.",
    parameters=101_770,
    layers=layers,
    plan=Plan(epochs=10, shift=0),
    shipped=False,
)
