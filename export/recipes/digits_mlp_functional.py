"""The network of digits_mlp in Keras's functional style: layers called on tensors, a model from the ends."""

from typing import Any

from export.networks.digits import mlp_recipe


def network() -> Any:
    """Flatten, 128 hidden units, ten probabilities."""
    import keras
    from keras.layers import Dense, Flatten

    image = keras.Input((28, 28, 1), name="image")
    hidden = Dense(128, "relu")(Flatten()(image))
    return keras.Model(image, Dense(10, "softmax", name="probabilities")(hidden))


RECIPE = mlp_recipe("digits_mlp_functional", network)
