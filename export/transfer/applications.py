"""The models of keras.applications as extractors: how large a picture each takes, and how its pixels are prepared.

What one mean and one deviation can say is left to the ImageSpec. Unequal ones stay in the graph, and the order BGR
becomes RGB by turning the first kernel's input axis around: both are exact, and a phone has nothing to do.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from export.errors import SourceError
from export.networks.weights import with_keras_weights
from export.recipe import BuildContext
from metadata.card import CenterSquare, ImageSpec
from metadata.normalizations import CAFFE, TORCHVISION


class PreprocessMode(StrEnum):
    """What `preprocess_input` of an application does, by the name Keras gives it; AS_THEY_ARE where the graph does."""

    TF = "tf"  # −1 to 1
    TORCH = "torch"  # ImageNet's mean and deviation of each channel
    CAFFE = "caffe"  # BGR, less ImageNet's mean of each channel
    AS_THEY_ARE = "as they are"


@dataclass(frozen=True, slots=True)
class Application:
    """Sides are in pixels: what the ImageNet weights were trained at, and the least that Keras takes."""

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
    """The preprocessing that is left to do outside of the network."""
    mean, std = (127.5, 127.5) if application.pixels is PreprocessMode.TF else (0.0, 1.0)
    return ImageSpec(side, side, 3, (mean,) * 3, (std,) * 3, crop)


def load(name: str, side: int, weights: Path | str | None, context: BuildContext) -> Any:
    """The application without its top, pooled; its weights from a file, None for ImageNet's, any other word for random.

    SourceError when the weights cannot be had, or are of another network.
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
        _turn_to_rgb(model)
    return model


def _take_imagenet_weights(model: Any, name: str, side: int) -> None:
    import keras

    try:
        # Built once more, because Keras hands out its weights with a whole network only.
        source = getattr(keras.applications, name)(
            include_top=False, weights="imagenet", input_shape=(side, side, 3), pooling="avg"
        )
    except Exception as error:
        why = str(error).partition("\n")[0]
        raise SourceError(
            f"--backbone {name}: Keras's ImageNet weights could not be had ({why}). "
            "Do: connect and run again, give the file with --weights, or leave --backbone out: efficientnet_lite0 "
            "comes from a package"
        ) from error
    _copy(source, model)


def _copy(source: Any, model: Any) -> None:
    """Give every weighted layer of `model` the weights of its like in `source`; the two differ by `normalise` alone."""
    theirs = [layer for layer in source.layers if layer.weights]
    ours = [layer for layer in model.layers if layer.weights]
    for layer, like in zip(ours, theirs, strict=True):
        layer.set_weights(like.get_weights())


def _turn_to_rgb(model: Any) -> None:
    """A network that was trained on BGR takes RGB from here on, exactly."""
    import keras

    first = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    kernel, *rest = first.get_weights()
    first.set_weights([kernel[:, :, ::-1, :], *rest])
