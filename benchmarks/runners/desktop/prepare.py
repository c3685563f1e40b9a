"""From an archive's entry to a model input, as the app prepares it on a phone; each stage is timed."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.formats.classifier import Classifier
from benchmarks.formats.errors import FailedInputError
from benchmarks.formats.inputs import RAW
from benchmarks.formats.job import InputKind
from metadata.card import ImageSpec
from metadata.errors import PictureError
from metadata.picture import decode
from metadata.preprocess import Quantization, normalised, pixels


@dataclass(frozen=True, slots=True)
class ModelInput:
    """One input, (height, width, channels) in the model's own type; 0 for a stage that it does not have."""

    tensor: npt.NDArray[Any]
    decode_ns: int
    preprocess_ns: int


Prepare = Callable[[str, bytes], ModelInput]
"""From an entry's name and bytes to the input; FailedInputError when it is none for the model."""


def preparer(kind: InputKind, model: Classifier) -> Prepare:
    """How entries of this kind become inputs of `model`; ModelError when it does not say."""
    if kind is InputKind.TENSORS:
        return partial(tensor_input, dtype=model.input.dtype, shape=model.input.shape)
    return partial(_picture, image=model.preprocess, quantization=model.quantization)


def tensor_input(name: str, data: bytes, dtype: str, shape: tuple[int, ...]) -> ModelInput:
    """An entry that is an input already; FailedInputError where it has another size."""
    tensor = _shaped(name, data, dtype, shape)
    return ModelInput(tensor.astype(tensor.dtype.newbyteorder("="), copy=False), 0, 0)


def _picture(name: str, data: bytes, image: ImageSpec, quantization: Quantization | None) -> ModelInput:
    began = decoded = perf_counter_ns()
    if name.endswith(RAW):
        levels = _shaped(name, data, "uint8", (image.height, image.width, image.channels))
    else:
        try:
            picture = decode(data, name)
        except PictureError as error:
            raise FailedInputError(str(error)) from error
        decoded = perf_counter_ns()
        levels = pixels(picture, image)
    tensor = normalised(levels, image, quantization)
    return ModelInput(tensor, decoded - began, perf_counter_ns() - decoded)


def _shaped(name: str, data: bytes, dtype: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    little = np.dtype(dtype).newbyteorder("<")
    needed_bytes = math.prod(shape) * little.itemsize
    if len(data) != needed_bytes:
        tensor = f"{dtype} {'x'.join(str(side) for side in shape)}"
        raise FailedInputError(f"{name} has {len(data)} bytes, {tensor} has {needed_bytes}; make it for this model")
    return np.frombuffer(data, little).reshape(shape)
