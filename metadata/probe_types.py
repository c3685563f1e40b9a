"""Ask an installed TensorFlow which types of input and weights its Lite runtime computes. For probe_runtime.py.

Operators that take weights are run, one in a model, with every type of input and weights that a converter or quantiser
writes, and their outputs are compared with TensorFlow's own in float64. A runtime may load a combination and compute
nonsense: a convolution with weights of four bits gives NaN in TensorFlow Lite 2.16.1. Each run has a process of its
own, as a kernel may also crash. Nothing of this package is imported.
"""

import os
from itertools import product
from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

INPUT_TYPES = ("float32", "uint8", "int8", "int16")
FLOATS = ("float32", "float16", "bfloat16")
INTEGERS = ("uint8", "int8", "int16", "int4")
LARGEST_LEVEL = {"uint8": 100, "int8": 100, "int16": 30000, "int4": 7}
ZERO_POINT = {"uint8": 128}  # 0 for all other types
BIAS_TYPE = {"float32": "float32", "uint8": "int32", "int8": "int32", "int16": "int64"}
SHAPES: dict[str, tuple[tuple[int, ...], tuple[int, ...], int]] = {
    "CONV_2D": ((1, 6, 6, 8), (16, 3, 3, 8), 0),
    "DEPTHWISE_CONV_2D": ((1, 6, 6, 16), (1, 3, 3, 16), 3),
    "TRANSPOSE_CONV": ((1, 6, 6, 8), (16, 3, 3, 8), 0),
    "FULLY_CONNECTED": ((2, 32), (16, 32), 0),
    "BATCH_MATMUL": ((1, 2, 32), (1, 32, 16), 2),
    "DEQUANTIZE": ((2, 32), (16, 32), 0),  # before a FULLY_CONNECTED, as its constant result is of no use by itself
}
"""By operator: the shapes of its input and of its weights, and the axis of the weights along which channels lie."""
TOLERANCE = 0.04  # of the largest output: what quantising an input or output to 8 bits costs


def types_computed(name: str) -> list[list[str]]:
    """The [input type, weights type, scales] that the runtime computes for an operator with weights.

    `scales` is "none" for float weights, else "tensor" for one scale or "channel" for one of each output channel. For
    DEQUANTIZE, which has one input, [type, scales].
    """
    weights = [*((dtype, "none") for dtype in FLOATS), *product(INTEGERS, ("tensor", "channel"))]
    if name == "DEQUANTIZE":
        return [[*pair] for pair in weights if pair[0] != "float32" and computes(name, "float32", *pair)]
    return [[dtype, *pair] for dtype, pair in product(INPUT_TYPES, weights) if computes(name, dtype, *pair)]


def computes(name: str, input_type: str, weights_type: str, scales: str) -> bool:
    """Whether the runtime runs the operator and is right, with its delegate for the CPU and without."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            code = 0 if _is_right(name, input_type, weights_type, scales) else 1
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def weighted_model(name: str, input_type: str, weights_type: str, scales: str) -> tuple[bytes, Any, Any, Any]:
    """A .tflite file of one operator with weights of seed 7: (file, input, output as `_Quantised`, right values)."""
    random = np.random.default_rng(7)
    shape, weights_shape, axis = SHAPES[name]
    pictures = _Quantised.of(random.uniform(-1, 1, shape), input_type)
    kernel = random.uniform(-1, 1, weights_shape)
    sizes = [-1 if index == axis else 1 for index in range(len(weights_shape))]
    kernel = kernel * np.linspace(0.1, 1, weights_shape[axis]).reshape(sizes)
    weights = _Quantised.of(kernel, weights_type, axis if scales == "channel" else None)
    expected = _expected(name, pictures.real, weights.real)
    output = _Quantised.of(expected, input_type)
    return _operator_model(name, pictures, weights, output), pictures, output, expected


def _is_right(name: str, input_type: str, weights_type: str, scales: str) -> bool:
    model, pictures, output, expected = weighted_model(name, input_type, weights_type, scales)
    resolvers = tf.lite.experimental.OpResolverType
    for resolver in (resolvers.AUTO, resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES):
        interpreter = tf.lite.Interpreter(model_content=model, experimental_op_resolver_type=resolver)
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pictures.levels)
        interpreter.invoke()
        levels = interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).astype(np.float64)
        difference = np.abs((levels - output.zero_point) * output.scale - expected).max()
        if not difference <= TOLERANCE * np.abs(expected).max():  # in this form the condition refuses NaN too
            return False
    return True


class _Quantised:
    """An array as a tensor stores it: `levels`, and their meaning (levels - zero_point) * scale, `real`."""

    def __init__(self, levels: Any, dtype: str, scale: Any, zero_point: int, axis: int | None) -> None:
        self.levels, self.dtype, self.scale, self.zero_point, self.axis = levels, dtype, scale, zero_point, axis

    @property
    def real(self) -> Any:
        return (self.levels.astype(np.float64) - self.zero_point) * self.scale

    @classmethod
    def of(cls, values: Any, dtype: str, axis: int | None = None) -> "_Quantised":
        if dtype in FLOATS:
            return cls(values.astype(tf.dtypes.as_dtype(dtype).as_numpy_dtype), dtype, np.float64(1), 0, None)
        others = None if axis is None else tuple(index for index in range(values.ndim) if index != axis)
        scale = np.abs(values).max(axis=others, keepdims=axis is not None) / LARGEST_LEVEL[dtype]
        zero_point = ZERO_POINT.get(dtype, 0)
        levels = np.round(values / scale) + zero_point
        return cls(levels.astype("int8" if dtype == "int4" else dtype), dtype, scale, zero_point, axis)

    def bytes(self) -> Any:
        """The levels as a file holds them; two of four bits in a byte, the first in the lower half."""
        flat = self.levels.reshape(-1)
        if self.dtype == "int4":
            flat = (flat[0::2] & 15 | flat[1::2] << 4).astype(np.int8)
        return np.frombuffer(flat.tobytes(), np.uint8)


def _expected(name: str, pictures: Any, weights: Any) -> Any:
    """What TensorFlow computes in float64."""
    match name:
        case "CONV_2D":
            return tf.nn.conv2d(pictures, weights.transpose(1, 2, 3, 0), 1, "VALID").numpy()
        case "DEPTHWISE_CONV_2D":
            return tf.nn.depthwise_conv2d(pictures, weights.transpose(1, 2, 3, 0), (1, 1, 1, 1), "VALID").numpy()
        case "TRANSPOSE_CONV":
            kernel = weights.transpose(1, 2, 0, 3)
            return tf.nn.conv2d_transpose(pictures, kernel, (1, 8, 8, 16), 1, "VALID").numpy()
        case "BATCH_MATMUL":
            return pictures @ weights
        case _:
            return pictures @ weights.T


def _operator_model(name: str, pictures: _Quantised, weights: _Quantised, output: _Quantised) -> bytes:
    """A .tflite file with this one operator and, where it takes one, a bias of zeros."""
    graph, model = schema.SubGraphT(), schema.ModelT()
    graph.tensors, model.buffers = [], [schema.BufferT()]

    def tensor(dtype: str, shape: tuple[int, ...], value: _Quantised | None, data: Any = None) -> int:
        new = schema.TensorT()
        new.shape, new.type, new.name = list(shape), getattr(schema.TensorType, dtype.upper()), str(len(graph.tensors))
        if value is not None and value.dtype not in FLOATS:
            new.quantization = schema.QuantizationParametersT()
            new.quantization.scale = [float(scale) for scale in np.ravel(value.scale)]
            new.quantization.zeroPoint = [value.zero_point] * np.size(value.scale)
            new.quantization.quantizedDimension = value.axis or 0
        if data is not None:
            new.buffer = len(model.buffers)
            model.buffers.append(schema.BufferT())
            model.buffers[-1].data = data
        graph.tensors.append(new)
        return len(graph.tensors) - 1

    model.operatorCodes, graph.operators = [], []

    def operator(name: str, inputs: list[int], outputs: list[int]) -> None:
        code, new = schema.OperatorCodeT(), schema.OperatorT()
        code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
        code.version, new.opcodeIndex = 1, len(model.operatorCodes)
        new.inputs, new.outputs = inputs, outputs
        _set_options(new, name)
        model.operatorCodes.append(code)
        graph.operators.append(new)

    constant = tensor(weights.dtype, weights.levels.shape, weights, weights.bytes())
    graph.inputs = [tensor(pictures.dtype, pictures.levels.shape, pictures)]
    graph.outputs = [tensor(output.dtype, output.levels.shape, output)]
    if name == "DEQUANTIZE":
        dequantised = tensor("float32", weights.levels.shape, None)
        operator(name, [constant], [dequantised])
        name, constant = "FULLY_CONNECTED", dequantised
    inputs = [*graph.inputs, constant]
    if name == "TRANSPOSE_CONV":
        size = np.array(output.levels.shape, np.int32)
        shape = tensor("int32", size.shape, None, np.frombuffer(size.tobytes(), np.uint8))
        inputs = [shape, constant, *graph.inputs]
    elif name != "BATCH_MATMUL":
        dtype, count = BIAS_TYPE[pictures.dtype], output.levels.shape[-1]
        zeros = _Quantised(np.zeros(count, dtype), dtype, pictures.scale * weights.scale, 0, 0)
        inputs.append(tensor(dtype, (count,), zeros if dtype in ("int32", "int64") else None, zeros.bytes()))
    operator(name, inputs, graph.outputs)
    model.version, model.subgraphs = 3, [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _set_options(operator: Any, name: str) -> None:
    kinds = {
        "CONV_2D": "Conv2DOptions",
        "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
        "TRANSPOSE_CONV": "TransposeConvOptions",
        "FULLY_CONNECTED": "FullyConnectedOptions",
        "BATCH_MATMUL": "BatchMatMulOptions",
        "DEQUANTIZE": "DequantizeOptions",
    }
    options = getattr(schema, f"{kinds[name]}T")()
    values = {"strideH": 1, "strideW": 1, "depthMultiplier": 1, "padding": schema.Padding.VALID}
    for field, value in {**values, "asymmetricQuantizeInputs": True}.items():
        if hasattr(options, field):
            setattr(options, field, value)
    operator.builtinOptionsType, operator.builtinOptions = getattr(schema.BuiltinOptions, kinds[name]), options
