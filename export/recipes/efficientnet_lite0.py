"""EfficientNet-Lite0 with ImageNet weights: the app's gallery and camera."""

from export.networks.efficientnet_lite0 import IMAGE, WEIGHTS, pretrained
from export.networks.imagenet import imagenet_recipe

RECIPE = imagenet_recipe(
    name="efficientnet_lite0",
    description="The 1000 classes of ImageNet: EfficientNet-Lite0.",
    author="Mingxing Tan, Renjie Liu (TensorFlow)",
    parameters=4_694_024,
    image=IMAGE,
    weights=WEIGHTS,
    network=pretrained,
    shipped=True,
)
