"""The network of digits_mlp as a class of its own: layers made in the constructor, called in `call`."""

from typing import Any

from export.networks.digits import mlp_recipe


def network() -> Any:
    """Flatten, 128 hidden units, ten probabilities."""
    import keras
    from keras.layers import Dense, Flatten

    class Perceptron(keras.Model):  # type: ignore[misc]  # Keras has no type stubs
        def __init__(self) -> None:
            super().__init__()
            self.flatten = Flatten()
            self.hidden = Dense(128, "relu")
            self.probabilities = Dense(10, "softmax", name="probabilities")

        def call(self, image: Any) -> Any:
            return self.probabilities(self.hidden(self.flatten(image)))

    return Perceptron()


RECIPE = mlp_recipe("digits_mlp_subclass", network)
