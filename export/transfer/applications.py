"""The models of keras.applications as backbones: the picture size that each takes, and its preprocessing.

One mean and one deviation for all channels go into the ImageSpec. Where they differ by channel they become a layer of
the network, and BGR becomes RGB by reversing the input axis of the first kernel. Both are exact.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from export.errors import SourceError
from export.networks.weights import bgr_to_rgb, with_keras_weights
from export.recipe import BuildContext
from metadata.card import CenterSquare, ImageSpec
from metadata.normalizations import CAFFE, TORCHVISION


class PreprocessMode(StrEnum):
    """What `preprocess_input` of an application does, by Keras's names; AS_THEY_ARE: the network does it itself."""

    TF = "tf"  # −1 to 1
    TORCH = "torch"  # ImageNet's mean and deviation of each channel
    CAFFE = "caffe"  # BGR, less ImageNet's mean of each channel
    AS_THEY_ARE = "as they are"


@dataclass(frozen=True, slots=True)
class Application:
    """`side` is the pixels a side of the ImageNet training, `least_side` the fewest that Keras accepts."""

    pixels: PreprocessMode
    side: int = 224
    least_side: int = 32


def _several(names: str, pixels: PreprocessMode, side: int = 224, least_side: int = 32) -> dict[str, Application]:
    return dict.fromkeys(names.split(), Application(pixels, side, least_side))


APPLICATIONS: dict[str, Application] = {
    **_several("MobileNet MobileNetV2 NASNetMobile ResNet50V2 ResNet101V2 ResNet152V2", PreprocessMode.TF),
    **_several("InceptionV3 InceptionResNetV2", PreprocessMode.TF, 299, 75),
    **_several("Xception", PreprocessMode.TF, 299, 71),
    **_several("NASNetLarge", PreprocessMode.TF, 331),
    **_several("DenseNet121 DenseNet169 DenseNet201", PreprocessMode.TORCH),
    **_several("VGG16 VGG19 ResNet50 ResNet101 ResNet152", PreprocessMode.CAFFE),
    **_several("MobileNetV3Small MobileNetV3Large EfficientNetB0 EfficientNetV2B0", PreprocessMode.AS_THEY_ARE),
    **_several("ConvNeXtTiny ConvNeXtSmall ConvNeXtBase ConvNeXtLarge ConvNeXtXLarge", PreprocessMode.AS_THEY_ARE),
    **{f"EfficientNetB{n}": Application(PreprocessMode.AS_THEY_ARE, side) for n, side in enumerate(
        (224, 240, 260, 300, 380, 456, 528, 600)
    )},
    **_several("EfficientNetV2B1", PreprocessMode.AS_THEY_ARE, 240),
    **_several("EfficientNetV2B2", PreprocessMode.AS_THEY_ARE, 260),
    **_several("EfficientNetV2B3", PreprocessMode.AS_THEY_ARE, 300),
    **_several("EfficientNetV2S", PreprocessMode.AS_THEY_ARE, 384),
    **_several("EfficientNetV2M EfficientNetV2L", PreprocessMode.AS_THEY_ARE, 480),
}  # fmt: skip


def image(application: Application, side: int, crop: CenterSquare | None) -> ImageSpec:
    """The preprocessing that the network does not do itself."""
    mean, std = (127.5, 127.5) if application.pixels is PreprocessMode.TF else (0.0, 1.0)
    return ImageSpec(side, side, 3, (mean,) * 3, (std,) * 3, crop)


def load(name: str, side: int, weights: Path | str | None, context: BuildContext) -> Any:
    """The pooled application without its classifier. `weights` is a file, None for ImageNet's, other words for random.

    SourceError when the weights cannot be obtained, or are of another network.
    """
    import keras

    pixels = APPLICATIONS[name].pixels
    picture = keras.Input((side, side, 3), name="image")
    prepared = picture
    if pixels in (PreprocessMode.TORCH, PreprocessMode.CAFFE):
        mean, std = TORCHVISION if pixels is PreprocessMode.TORCH else CAFFE
        variance = [deviation**2 for deviation in std]
        prepared = keras.layers.Normalization(mean=list(mean), variance=variance, name="normalise")(picture)
    keras.utils.set_random_seed(context.choices.seed)
    application = getattr(keras.applications, name)
    network = partial(
        application, include_top=False, weights=None, input_tensor=prepared, pooling="avg", name=name.lower()
    )
    if isinstance(weights, Path):
        model = with_keras_weights(network, weights, f"{name} without its top")
    else:
        model = network()
        if weights is None:
            _take_imagenet_weights(model, name, side)
    if pixels is PreprocessMode.CAFFE:
        bgr_to_rgb(model)
    return model


def _take_imagenet_weights(model: Any, name: str, side: int) -> None:
    import keras

    try:
        # A second network, because Keras gives its ImageNet weights only together with a network.
        source = getattr(keras.applications, name)(
            include_top=False, weights="imagenet", input_shape=(side, side, 3), pooling="avg"
        )
    except Exception as error:
        why = str(error).partition("\n")[0]
        raise SourceError(
            f"--backbone {name}: Keras's ImageNet weights could not be obtained ({why}). "
            "Do: connect and run again, give the file with --weights, or leave --backbone out: efficientnet_lite0 "
            "comes from a package"
        ) from error
    _copy_weights(source, model)


def _copy_weights(source: Any, model: Any) -> None:
    """Copy all weights; the two networks differ only by the layer `normalise`."""
    layers = ([layer for layer in network.layers if layer.weights] for network in (source, model))
    for original, copied in zip(*layers, strict=True):
        copied.set_weights(original.get_weights())
