"""MobileNetV2 with Keras's ImageNet weights: the network of most tutorials.

Keras's `preprocess_input` for it is pixel / 127.5 − 1, which is (pixel − 127.5) / 127.5.
"""

from pathlib import Path
from typing import Any

from export.networks.imagenet import imagenet_recipe
from export.networks.weights import keras_weights, with_keras_weights
from metadata.card import CenterSquare, ImageSpec

FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5"
WEIGHTS = keras_weights("mobilenet_v2", "mobilenet_v2", FILE, "Apache-2.0")


def network() -> Any:
    """Keras's MobileNetV2, weights still random."""
    import keras

    return keras.applications.MobileNetV2(weights=None, input_tensor=keras.Input((224, 224, 3), name="image"))


def pretrained(weights: Path) -> Any:
    """The network with the weights of a Keras file."""
    return with_keras_weights(network, weights, "MobileNetV2")


RECIPE = imagenet_recipe(
    name="mobilenet_v2",
    description="The 1000 classes of ImageNet: MobileNetV2.",
    author="Mark Sandler, Andrew Howard et al. (Google), weights by way of Keras",
    parameters=3_538_984,
    image=ImageSpec(height=224, width=224, channels=3, mean=(127.5,) * 3, std=(127.5,) * 3, crop=CenterSquare(7, 8)),
    weights=WEIGHTS,
    network=pretrained,
    shipped=True,
)
