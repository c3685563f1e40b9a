"""Give the input of a .tflite file that takes pictures of any size one size. Bytes in, bytes out.

Apps and the kit read the size of a picture from the file. The converter writes 1 for a size that is not fixed and says
so in `shape_signature`; both vectors are overwritten where they lie. The runtime computes the shapes that follow from
the input's when it loads the file, so nothing else changes. Whether the graph takes that size, only running it shows.
"""

import struct

from metadata.errors import ModelFileError
from metadata.flatbuffer import FlatBuffer
from metadata.model_file import IDENTIFIER, KIND
from metadata.reader import read_bytes
from metadata.tensors import SHAPE, SHAPE_SIGNATURE


def with_one_size(data: bytes) -> bytes:
    """`data`; where its input takes pictures of any size, with the size that is used. Errors as below."""
    model = read_bytes(data)
    if len(model.file.inputs) != 1 or not model.file.inputs[0].is_any_size:
        return data
    return with_input_size(data, *model.input_shape[1:3])


def with_input_size(data: bytes, height: int, width: int) -> bytes:
    """`data` whose only input is (1, height, width, channels).

    ModelFileError for a file whose input is no picture, or shares its shape with another tensor.
    """
    graph = FlatBuffer.of(data).root(IDENTIFIER, KIND).tables(2)[0]
    tensors, inputs = graph.tables(0), graph.numbers(1, "i")
    resized = bytearray(data)
    for slot in (SHAPE, SHAPE_SIGNATURE):
        tensor = tensors[inputs[0]]
        target = tensor.target(slot)
        if target is None:
            continue
        shared = [other for other in tensors for used in (SHAPE, SHAPE_SIGNATURE) if other.target(used) == target]
        if len(inputs) != 1 or tensor.length(slot) != 4 or len(shared) > 1:
            raise ModelFileError("the size of the input cannot be set in this file; convert it again with a fixed size")
        struct.pack_into("<3i", resized, target + 4, 1, height, width)
    return bytes(resized)
