"""Three small convolutions over MNIST's pixels: the digit canvas of the app."""

from typing import Any

from export.networks.digits import digit_recipe
from export.networks.train import TrainingPlan


def network() -> Any:
    """Three 3×3 convolutions, two poolings, 64 hidden units, ten probabilities."""
    import keras
    from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D

    return keras.Sequential(
        [
            keras.Input((28, 28, 1), name="image"),
            Conv2D(32, 3, activation="relu"),
            MaxPooling2D(),
            Conv2D(64, 3, activation="relu"),
            MaxPooling2D(),
            Conv2D(64, 3, activation="relu"),
            Flatten(),
            Dense(64, "relu"),
            Dense(10, "softmax", name="probabilities"),
        ]
    )


RECIPE = digit_recipe(
    name="digits_cnn",
    description="Handwritten digits 0 to 9: three convolutions and a hidden layer.",
    parameters=93_322,
    network=network,
    plan=TrainingPlan(epochs=4),
    shipped=True,
)
