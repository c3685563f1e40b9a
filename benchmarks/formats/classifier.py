"""What a packed model says about what goes in and what comes out. No TensorFlow: the file itself is asked."""

from dataclasses import dataclass
from typing import Self

from benchmarks.formats.arrays import TensorInfo, TensorType
from benchmarks.formats.errors import ModelError
from metadata import reader
from metadata.card import ImageSpec
from metadata.errors import CardError, ModelFileError
from metadata.preprocess import Quantization, QuantizedType, table
from metadata.tensors import Tensor

REMEDY = "export it again"


@dataclass(frozen=True, slots=True)
class Classifier:
    """One image in, (height, width, channels), its outputs as the model gives them; `node_count` is that of its graphs.

    A model that takes pictures of any size takes them in the size that is used.
    """

    input: TensorInfo
    output: TensorInfo
    image: ImageSpec | None
    image_error: str | None
    node_count: int

    @classmethod
    def of(cls, data: bytes) -> Self:
        """The classifier in the bytes of a `.tflite` file; ModelError when there is none."""
        try:
            model = reader.read_bytes(data)
        except ModelFileError as error:
            raise ModelError(f"the model cannot be read: {error}") from error
        inputs, outputs = model.file.inputs, model.file.outputs
        if len(inputs) != 1 or len(outputs) != 1:
            raise ModelError(f"the model has {len(inputs)} inputs and {len(outputs)} outputs, not one each; {REMEDY}")
        nodes = sum(operator.count for operator in model.file.operators)
        try:
            image, image_error = model.preprocessing, None
        except CardError as error:
            image, image_error = None, str(error)
        numbers = outputs[0].numbers
        shapes = model.input_shape, outputs[0].shape if numbers is None else (1, numbers)
        return cls(_tensor(inputs[0], shapes[0], 3), _tensor(outputs[0], shapes[1], 1), image, image_error, nodes)

    @property
    def quantization(self) -> Quantization | None:
        """How the input stores real numbers; None for float32."""
        if self.input.scale is None or self.input.zero_point is None:
            return None
        return Quantization(self.input.scale, self.input.zero_point, QuantizedType(self.input.dtype))

    @property
    def preprocess(self) -> ImageSpec:
        """How a picture becomes an input; ModelError when the model does not say, or says it of another input."""
        if self.image is None:
            raise ModelError(f"the model does not say how a picture becomes its input: {self.image_error}")
        shape = (self.image.height, self.image.width, self.image.channels)
        if shape != self.input.shape:
            raise ModelError(f"the model's preprocess.json is for {shape}, its input is {self.input.shape}; {REMEDY}")
        try:
            table(self.image, self.quantization)
        except CardError as error:
            raise ModelError(f"the model's preprocess.json: {error}") from error
        return self.image


def _tensor(tensor: Tensor, sizes: tuple[int, ...], rank: int) -> TensorInfo:
    batch, *shape = sizes or (0,)
    if batch != 1 or len(shape) != rank or min(shape) < 1:
        raise ModelError(f"tensor {tensor.name!r} is {sizes}, not 1 and {rank} more sizes; {REMEDY}")
    try:
        dtype = TensorType(str(tensor.dtype))
    except ValueError as error:
        raise ModelError(
            f"tensor {tensor.name!r} is {tensor.dtype}, not one of {', '.join(TensorType)}; {REMEDY}"
        ) from error
    if dtype is TensorType.FLOAT32:
        return TensorInfo(dtype, tuple(shape), None, None)
    if tensor.quantization is None or len(tensor.quantization.scales) != 1:
        raise ModelError(f"tensor {tensor.name!r} is {dtype} without one scale and zero point; {REMEDY}")
    scale, zero_point = tensor.quantization.scales[0], tensor.quantization.zero_points[0]
    try:
        Quantization(scale, zero_point, QuantizedType(dtype))
    except CardError as error:
        raise ModelError(f"tensor {tensor.name!r}: {error}") from error
    return TensorInfo(dtype, tuple(shape), scale, zero_point)
