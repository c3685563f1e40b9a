"""One hidden layer over MNIST's pixels: the first network of most courses, as a sequence of layers."""

from typing import Any

from export.networks.digits import mlp_recipe


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


RECIPE = mlp_recipe("digits_mlp", network)
