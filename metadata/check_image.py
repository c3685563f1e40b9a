"""Findings about the input: is it a picture, and do normalisation, quantisation and preprocessing agree."""

import math
from collections.abc import Iterator, Sequence

from metadata.card import per_channel
from metadata.finding import Finding, error, warning
from metadata.reader import PREPROCESS_FILE, PackedModel
from metadata.support_metadata import ColorSpace, Normalization, TensorMetadata
from metadata.tensors import LOWEST, DType, Tensor

LEVELS_ALLOWED = 1
COLOR_SPACES = {1: ColorSpace.GRAYSCALE, 3: ColorSpace.RGB}
PACK_AGAIN = "pack the model again with the --mean and --std it was trained with"


def input_findings(model: PackedModel) -> Iterator[Finding]:
    """Why the input is not one picture, whatever the metadata says."""
    shapes = [tensor.shape for tensor in model.file.inputs]
    if not is_picture(model):
        yield error(
            "NOT-AN-IMAGE",
            f"inputs of shape {', '.join(map(str, shapes)) or 'none'}; an image classifier has one, (1, h, w, 1 or 3)",
            "convert with a fixed input of one picture, channels last",
        )
        return
    (tensor,) = model.file.inputs
    if tensor.is_any_size:
        height, width = model.input_shape[1:3]
        yield warning(
            "ANY-SIZE",
            f"the input takes pictures of any size: {height}x{width} is used, other apps may use another",
            "pack or export it with --size, such as --size 224x224",
        )
    if tensor.dtype in LOWEST and tensor.quantization is None:
        yield error(
            "NO-SCALE",
            f"the {tensor.dtype} input has no scale and zero point, so nothing says what a pixel is to the model",
            "convert it again with a float32 input, or quantise it as a whole with inference_input_type",
        )


def is_picture(model: PackedModel) -> bool:
    """Whether the model takes exactly one picture, 1 × height × width × 1 or 3."""
    if len(model.file.inputs) != 1:
        return False
    shape = model.file.inputs[0].shape
    return len(shape) == 4 and shape[0] == 1 and min(shape) > 0 and shape[3] in COLOR_SPACES


def image_findings(model: PackedModel, described: TensorMetadata) -> Iterator[Finding]:
    """What is wrong with the description of a picture input."""
    (tensor,) = model.file.inputs
    channels = tensor.shape[3]
    wanted = COLOR_SPACES[channels]
    if described.color_space is not wanted:
        yield warning(
            "COLOR-SPACE",
            f"{channels} channels are described as {described.color_space or 'no colour space'}, not {wanted}",
            "pack the model again",
        )
    yield from _normalization(tensor, described.normalization)
    yield from _preprocess(model, tensor, described.normalization)


def _normalization(tensor: Tensor, normalization: Normalization | None) -> Iterator[Finding]:
    if normalization is None:
        if tensor.dtype is DType.FLOAT32:
            yield error(
                "NO-NORMALIZATION", "a float input without NormalizationOptions: apps have to guess", PACK_AGAIN
            )
        else:
            yield warning("NO-NORMALIZATION", "no NormalizationOptions: apps can only feed raw pixels", PACK_AGAIN)
        return
    mean, std = normalization.mean, normalization.std
    if {len(mean), len(std)} - {1, tensor.shape[3]} or not all(map(math.isfinite, mean + std)) or min(std) <= 0:
        yield error("NORMALIZATION-INVALID", f"mean {mean} and std {std} cannot normalise a picture", PACK_AGAIN)
        return
    channels = tensor.shape[3]
    inconsistency = raw_pixel_inconsistency(tensor, per_channel(mean, channels), per_channel(std, channels))
    if inconsistency is not None:
        pixel, given, wanted = inconsistency
        yield error(
            "RAW-PIXELS-MISFIT",
            f"scale and zero point do not let raw pixels pass: pixel {pixel} is {wanted} to the model, "
            f"but {given} is what a raw-pixel app feeds",
            "calibrate on samples with black and white among them, or correct --mean and --std",
        )


def raw_pixel_inconsistency(tensor: Tensor, mean: Sequence[float], std: Sequence[float]) -> tuple[int, int, int] | None:
    """(pixel, what a raw-pixel app feeds, what the model wants) for the pixel where the two differ most.

    None when no pixel of 0..255 is more than one level off, and for inputs that are not 8-bit integers. The model
    wants q = clamp(floor((p − mean) / std / scale + zero_point + 0.5)).
    """
    if tensor.dtype not in LOWEST or tensor.quantization is None or len(tensor.quantization.scales) != 1:
        return None
    lowest = LOWEST[tensor.dtype]
    (scale,), (zero_point,) = tensor.quantization.scales, tensor.quantization.zero_points
    if not (math.isfinite(scale) and scale > 0):
        return 0, lowest, zero_point
    rows = []
    for channel_mean, channel_std in zip(mean, std, strict=True):
        for pixel in range(256):
            exact = (pixel - channel_mean) / channel_std / scale + zero_point + 0.5
            rows.append((pixel, pixel + lowest, math.floor(min(max(exact, lowest), lowest + 255))))
    worst = max(rows, key=lambda row: abs(row[1] - row[2]))
    return worst if abs(worst[1] - worst[2]) > LEVELS_ALLOWED else None


def _preprocess(model: PackedModel, tensor: Tensor, normalization: Normalization | None) -> Iterator[Finding]:
    image = model.image
    if model.image_error is not None:
        yield error("PREPROCESS-UNREADABLE", model.image_error, "pack the model again")
        return
    if image is None:
        yield warning(
            "NO-PREPROCESS",
            f"no {PREPROCESS_FILE}: crop and resize are left to each app, so results differ between them",
            "pack the model again with --crop and --resize as trained",
        )
        return
    if (image.height, image.width, image.channels) != model.input_shape[1:]:
        spec = f"{image.height}x{image.width}x{image.channels}"
        shape = "x".join(map(str, tensor.shape[1:]))
        yield error("PREPROCESS-MISMATCH", f"{PREPROCESS_FILE} makes {spec}, the input is {shape}", "pack it again")
    elif normalization and not (_same(normalization.mean, image.mean) and _same(normalization.std, image.std)):
        yield error(
            "PREPROCESS-MISMATCH",
            f"{PREPROCESS_FILE} normalises with mean {image.mean} and std {image.std}, "
            f"NormalizationOptions with {normalization.mean} and {normalization.std}",
            PACK_AGAIN,
        )


def _same(written: tuple[float, ...], exact: tuple[float, ...]) -> bool:
    """Whether `written`, which was rounded to float32, is `exact`."""
    pairs = zip(per_channel(written, len(exact)), exact, strict=False)
    fits = len(written) in (1, len(exact))
    return fits and all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6) for a, b in pairs)
