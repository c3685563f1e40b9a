"""A ready `.tflite` file with one output becomes one with two: the probability of the first label and of the second.

The operators are appended to the file's graph; what was in it stays. An 8-bit output becomes float32 on the way, so
that no probability is rounded again. A file of two outputs is labelled by Google's Task Library and ML Kit, too.
"""

from typing import Any

VERSION = 1
"""Of each operator that is appended: the oldest there is, which every runtime loads."""


def with_two_outputs(model: bytes) -> bytes:
    """`model`, whose only output p, (1, 1) or (1, 1, 1, 1), becomes (1 − p, p). It has no archive at its end."""
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    file = flatbuffer_utils.read_model_from_bytearray(bytearray(model))
    graph = file.subgraphs[0]
    (second,) = graph.outputs
    shape, dtype = list(graph.tensors[second].shape), graph.tensors[second].type
    builder = _Graph(schema, file, graph)
    if dtype != schema.TensorType.FLOAT32:
        second = builder.apply("DEQUANTIZE", [second], shape, "real_label")
    one = builder.constant(1.0, "one")
    first = builder.apply("SUB", [one, second], shape, "first_label", schema.SubOptionsT())
    joined = schema.ConcatenationOptionsT()
    joined.axis = len(shape) - 1
    both = builder.apply("CONCATENATION", [first, second], [*shape[:-1], 2], "both_labels", joined)
    for signature in file.signatureDefs or ():
        for output in signature.outputs:
            output.tensorIndex = both
    graph.outputs = [both]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(file))


class _Graph:
    """Appends to the first graph of a file."""

    def __init__(self, schema: Any, file: Any, graph: Any) -> None:
        self._schema, self._file, self._graph = schema, file, graph

    def constant(self, value: float, name: str) -> int:
        """The index of a tensor, (1,), that holds `value`."""
        import numpy as np

        buffer = self._schema.BufferT()
        buffer.data = np.frombuffer(np.float32(value).tobytes(), np.uint8)
        self._file.buffers.append(buffer)
        return self._tensor([1], name, len(self._file.buffers) - 1)

    def apply(self, operator: str, inputs: list[int], shape: list[int], name: str, options: Any = None) -> int:
        """The index of the float32 tensor that the operator makes of `inputs`."""
        code = self._schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = getattr(self._schema.BuiltinOperator, operator)
        code.version = VERSION
        self._file.operatorCodes.append(code)
        applied = self._schema.OperatorT()
        applied.opcodeIndex = len(self._file.operatorCodes) - 1
        applied.inputs = inputs
        applied.outputs = [self._tensor(shape, name, 0)]
        if options is not None:
            kind = type(options).__name__.removesuffix("T")
            applied.builtinOptionsType = getattr(self._schema.BuiltinOptions, kind)
            applied.builtinOptions = options
        self._graph.operators.append(applied)
        return int(applied.outputs[0])

    def _tensor(self, shape: list[int], name: str, buffer: int) -> int:
        tensor = self._schema.TensorT()
        tensor.shape, tensor.name, tensor.buffer = shape, name, buffer
        tensor.type = self._schema.TensorType.FLOAT32
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1
