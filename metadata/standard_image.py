"""How a picture becomes an input by Google's standard metadata alone, where a file carries no `preprocess.json`.

The picture is resized as a whole, as Google's Task Library does; the standard metadata has no field for a crop.
"""

from metadata.card import ImageSpec, Resize, per_channel
from metadata.errors import CardError
from metadata.model_file import ModelFile
from metadata.support_metadata import Normalization, SupportMetadata
from metadata.tensors import LOWEST, DType, Tensor

DEFAULT_SIDE = 224
"""Of a picture whose size nothing says: what most image classifiers take, as those of keras.applications do."""


def stated_size(metadata: SupportMetadata | None, image: ImageSpec | None) -> tuple[int, int] | None:
    """Height and width that a file names for its picture: in its `preprocess.json`, else in its standard metadata."""
    if image is not None:
        return image.height, image.width
    return metadata.inputs[0].default_size if metadata and metadata.inputs else None


def picture_shape(tensor: Tensor, stated: tuple[int, int] | None) -> tuple[int, ...]:
    """The input's shape. Sides that it leaves open are those `stated`, else `DEFAULT_SIDE`.

    The app does the same, in core/StandardMetadata.kt.
    """
    return tensor.sized(*(stated or (DEFAULT_SIDE, DEFAULT_SIDE)))


def standard_image(file: ModelFile, metadata: SupportMetadata | None) -> ImageSpec:
    """The preprocessing that the file states; CardError where it states none, or does not take one picture.

    A float32 input takes the normalisation of the metadata; an 8-bit one takes pixels as they are.
    """
    if len(file.inputs) != 1 or len(file.inputs[0].shape) != 4 or file.inputs[0].shape[0] != 1:
        raise CardError(f"inputs of shape {[list(tensor.shape) for tensor in file.inputs]}, not one picture")
    (tensor,) = file.inputs
    _, height, width, channels = picture_shape(tensor, stated_size(metadata, None))
    normalization = _raw_pixels(tensor) if tensor.dtype in LOWEST else _stated(metadata)
    mean, std = (per_channel(values, channels) for values in (normalization.mean, normalization.std))
    return ImageSpec(height, width, channels, mean, std, resize=Resize.BILINEAR_HALF_PIXEL)


def _stated(metadata: SupportMetadata | None) -> Normalization:
    stated = metadata.inputs[0].normalization if metadata and metadata.inputs else None
    if stated is None:
        raise CardError("the file does not say how pixels are normalised; pack it with --mean and --std as trained")
    return stated


def _raw_pixels(tensor: Tensor) -> Normalization:
    """The normalisation whose quantised values are the pixels themselves."""
    stored = tensor.quantization
    if stored is None or len(stored.scales) != 1 or not stored.scales[0] > 0:
        raise CardError(f"the {tensor.dtype} input has no scale and zero point; convert the model again")
    lowest = LOWEST[DType(tensor.dtype)] if tensor.dtype else 0
    return Normalization((float(stored.zero_points[0] - lowest),), (1 / stored.scales[0],))
