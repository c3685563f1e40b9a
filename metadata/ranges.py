"""The ranges of a float model's tensors: which tensors have one, and writing them into the file. Bytes in, bytes out.

TensorFlow's quantiser takes the scale of every tensor from `min` and `max` of its quantisation record. Offsets in a
FlatBuffer are relative and point forward, so the new records lie behind the file and each tensor's offset is led
there: not another byte changes. Slots are field numbers in tensorflow/lite/schema/schema.fbs, TensorFlow 2.19.
"""

import struct
from collections.abc import Mapping

from metadata.errors import ModelFileError
from metadata.flatbuffer import FlatBuffer, Table
from metadata.model_file import IDENTIFIER, KIND
from metadata.tensors import DType, read_dtype

QUANTIZATION = 4
RECORD = struct.Struct("<HHHHiIIIfIf")
"""A vtable of two fields, the table with its two offsets, and two vectors of one float: `min` and `max`."""


def float_tensors(model: bytes) -> dict[int, str]:
    """Names by index of the float32 tensors that the first graph is given or computes, in the order of its operators.

    The body of a loop or condition is a graph of its own.
    """
    graph = _graph(model)
    tensors = graph.tables(0)
    computed = (index for operator in graph.tables(3) for index in operator.numbers(2, "i"))
    chosen = dict.fromkeys((*graph.numbers(1, "i"), *computed))
    return {index: tensors[index].text(3) or "" for index in chosen if read_dtype(tensors[index]) is DType.FLOAT32}


def with_ranges(model: bytes, ranges: Mapping[int, tuple[float, float]]) -> bytes:
    """`model` with (lowest, highest) of its tensors by index; ModelFileError for a tensor without a record."""
    tensors = _graph(model).tables(0)
    written = bytearray(model)
    for index, (low, high) in ranges.items():
        place = tensors[index].place(QUANTIZATION)
        if place is None:
            raise ModelFileError(f"tensor {index} has no quantisation record to write its range to; convert it again")
        written += bytes(-len(written) % 4)
        struct.pack_into("<I", written, place, len(written) + 8 - place)
        written += RECORD.pack(8, 12, 4, 8, 8, 8, 12, 1, low, 1, high)
    return bytes(written)


def _graph(model: bytes) -> Table:
    """The first graph."""
    return FlatBuffer.of(model).root(IDENTIFIER, KIND).tables(2)[0]
