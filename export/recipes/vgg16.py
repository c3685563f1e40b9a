"""VGG16 with Keras's ImageNet weights: the network of the first doggy doors.

Keras's `preprocess_input` for it turns RGB into BGR and subtracts a mean from each channel. The model does both, so
that the app gives it plain RGB pixels. For BGR, the first kernel's input channels are reversed, which is exact. The
means stay in the graph, for two reasons: at the padded border they cannot be folded into a bias; and they differ by
channel, while a quantised input has one scale for all.
"""

from pathlib import Path
from typing import Any

from export.networks.imagenet import imagenet_recipe
from export.networks.weights import bgr_to_rgb, keras_weights, with_keras_weights
from metadata.card import CenterSquare, ImageSpec
from metadata.normalizations import CAFFE

FILE = "vgg16_weights_tf_dim_ordering_tf_kernels.h5"
LICENSE = "CC BY 4.0, Karen Simonyan and Andrew Zisserman (Visual Geometry Group, Oxford)"
WEIGHTS = keras_weights("vgg16", "vgg16", FILE, LICENSE, md5="64373286793e3c8b2b4e3219cbf3544b")


def network() -> Any:
    """Keras's VGG16 behind the subtraction of the means, weights still random and for BGR."""
    import keras

    image = keras.Input((224, 224, 3), name="image")
    centred = keras.layers.Rescaling(1.0, [-mean for mean in CAFFE[0]], name="centred")(image)
    return keras.applications.VGG16(weights=None, input_tensor=centred)


def pretrained(weights: Path) -> Any:
    """The network with the weights of a Keras file, changed from BGR to RGB."""
    model = with_keras_weights(network, weights, "VGG16")
    bgr_to_rgb(model)
    return model


RECIPE = imagenet_recipe(
    name="vgg16",
    description="The 1000 classes of ImageNet: VGG16.",
    author="Karen Simonyan, Andrew Zisserman (Oxford), weights by way of Keras",
    parameters=138_357_544,
    image=ImageSpec(height=224, width=224, channels=3, mean=(0.0,) * 3, std=(1.0,) * 3, crop=CenterSquare(7, 8)),
    weights=WEIGHTS,
    network=pretrained,
    shipped=False,  # 138 MB as int8 and 553 MB as fp32 are no app
)
