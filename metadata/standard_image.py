"""How a picture becomes an input by Google's standard metadata alone, where a file carries no `preprocess.json`.

The picture is resized as a whole, as Google's Task Library does; the standard metadata has no field for a crop.
"""

from metadata.card import ImageSpec, Resize, per_channel
from metadata.errors import CardError
from metadata.model_file import ModelFile
from metadata.support_metadata import Normalization, SupportMetadata
from metadata.tensors import LOWEST, DType, Tensor


def standard_image(file: ModelFile, metadata: SupportMetadata | None) -> ImageSpec:
    """The preprocessing that the file states; CardError where it states none, or does not take one picture.

    A float32 input takes the normalisation of the metadata; an 8-bit one takes pixels as they are.
    """
    if len(file.inputs) != 1 or len(file.inputs[0].shape) != 4 or file.inputs[0].shape[0] != 1:
        raise CardError(f"inputs of shape {[list(tensor.shape) for tensor in file.inputs]}, not one picture")
    (tensor,) = file.inputs
    if tensor.is_any_size:
        raise CardError("the input takes pictures of any size; pack it with --size, such as 224x224")
    _, height, width, channels = tensor.shape
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
