"""Tensors of a .tflite file: their types, shapes and quantisation. Slots are field numbers in its schema."""

from dataclasses import dataclass
from enum import StrEnum

from metadata.flatbuffer import Table


class DType(StrEnum):
    """Element types in the order of the schema's enum TensorType."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    INT32 = "int32"
    UINT8 = "uint8"
    INT64 = "int64"
    STRING = "string"
    BOOL = "bool"
    INT16 = "int16"
    COMPLEX64 = "complex64"
    INT8 = "int8"
    FLOAT64 = "float64"
    COMPLEX128 = "complex128"
    UINT64 = "uint64"
    RESOURCE = "resource"
    VARIANT = "variant"
    UINT32 = "uint32"
    UINT16 = "uint16"
    INT4 = "int4"
    BFLOAT16 = "bfloat16"


DTYPES = tuple(DType)
LOWEST = {DType.UINT8: 0, DType.INT8: -128}
"""The smallest value of each type that an input may take pixels in; it is pixel 0 where pixels pass as they are."""
SHAPE, SHAPE_SIGNATURE = 0, 7  # slots of a tensor


@dataclass(frozen=True, slots=True)
class TensorQuantization:
    """real = scale · (integer − zero_point); one pair for the tensor, or one for each index along `axis`."""

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output. `dtype` is None for a type newer than this kit, `quantization` None for plain numbers.

    `shape_signature` is the shape with -1 for what is not fixed; empty in files that fix everything.
    """

    name: str
    shape: tuple[int, ...]
    dtype: DType | None
    quantization: TensorQuantization | None
    shape_signature: tuple[int, ...] = ()

    @property
    def is_any_size(self) -> bool:
        """Whether height or width of a picture is left open: written as 1, and as -1 in `shape_signature`."""
        return any(self._is_open(axis) for axis in (1, 2))

    def sized(self, height: int, width: int) -> tuple[int, ...]:
        """The shape of a picture, with these sides where it leaves them open."""
        sides = {1: height, 2: width}
        return tuple(sides[axis] if self._is_open(axis) else size for axis, size in enumerate(self.shape))

    def _is_open(self, axis: int) -> bool:
        if len(self.shape) != 4 or len(self.shape_signature) != 4 or axis not in (1, 2):
            return False
        return self.shape[axis] <= 1 and self.shape_signature[axis] == -1

    @property
    def numbers(self) -> int | None:
        """How many numbers a classifier's output gives, (1, n) or (1, 1, 1, n); None for any other shape.

        Google's Task Library and ML Kit take these two shapes.
        """
        is_row = len(self.shape) in (2, 4) and set(self.shape[:-1]) == {1}
        return self.shape[-1] if is_row else None


def short_name(name: str) -> str:
    """A fused tensor's first name without the model's and the operation's: `bn0_relu6_1` of net/bn0_relu6_1/Relu6;…"""
    parts = name.partition(";")[0].split("/")
    return parts[0] if len(parts) < 3 else "/".join(parts[1:-1])


def read_tensor(table: Table) -> Tensor:
    """The tensor that a table of the schema describes."""
    return Tensor(
        name=table.text(3) or "",
        shape=table.numbers(SHAPE, "i"),
        dtype=read_dtype(table),
        quantization=_quantization(table.table(4)),
        shape_signature=table.numbers(SHAPE_SIGNATURE, "i"),
    )


def read_dtype(table: Table) -> DType | None:
    """The element type of a tensor's table; None for a type newer than this kit."""
    code = table.integer(1, "b")
    return DTYPES[code] if 0 <= code < len(DTYPES) else None


def _quantization(table: Table | None) -> TensorQuantization | None:
    """None also for the empty record that the converter writes on float tensors."""
    if table is None:
        return None
    scales, zero_points = table.numbers(2, "f"), table.numbers(3, "q")
    if not scales or len(scales) != len(zero_points):
        return None
    return TensorQuantization(scales, zero_points, table.integer(6, "i"))
