"""Real faults in one layer of a `.tflite` file, made by editing its bytes where they lie: no operator comes or goes."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.formats.layers_file import LayerFault
from metadata.flatbuffer import FlatBuffer, Table
from metadata.graph import Graph, GraphOperator, read_graph
from metadata.model_file import IDENTIFIER, KIND
from metadata.tensors import DType

FUSED = {"CONV_2D": 3, "DEPTHWISE_CONV_2D": 4, "FULLY_CONNECTED": 0}
"""The slot of the fused activation in the operator's options."""
RELU_N1_TO_1 = 2
WEIGHTS, BIAS = 1, 2  # places among an operator's inputs
Array = npt.NDArray[Any]


class EditedModel:
    """A model's bytes, and arrays that write through to them."""

    def __init__(self, model: bytes) -> None:
        self.data = bytearray(model)
        self.graph: Graph = read_graph(model)
        self._root: Table = FlatBuffer.of(memoryview(self.data)).root(IDENTIFIER, KIND)

    def constant(self, index: int) -> Array:
        """A constant's values, in its shape, to be written to."""
        table = self._root.tables(2)[0].tables(0)[index]
        buffer = self._root.tables(4)[table.integer(2, "I")]
        blob, tensor = buffer.blob(0), self.graph.tensors[index]
        return np.frombuffer(blob, str(tensor.dtype)).reshape(tensor.shape)

    def scales(self, index: int) -> Array:
        """A constant's scales, to be written to."""
        quantization = self._root.tables(2)[0].tables(0)[index].table(4)
        assert quantization is not None
        start = quantization.target(2)
        assert start is not None
        return np.frombuffer(memoryview(self.data)[start + 4 :], np.float32, quantization.length(2))

    def activation(self, operator: int) -> int:
        """Where the byte of an operator's fused activation is."""
        options = self._root.tables(2)[0].tables(3)[operator].table(4)
        at = None if options is None else options.place(FUSED[self.graph.operators[operator].name])
        assert at is not None, "the layer has no activation"
        return at


def stale_weights(model: EditedModel, operator: int) -> None:
    """The weights of another training: the same numbers in another order."""
    weights = model.constant(model.graph.operators[operator].inputs[WEIGHTS])
    weights[...] = np.random.default_rng(3).permutation(weights.ravel()).reshape(weights.shape)


def other_rounding(model: EditedModel, operator: int) -> None:
    """Integers are rounded down instead of to the nearest; floats lose the lower half of their weights' bits."""
    inputs = model.graph.operators[operator].inputs
    weights = model.constant(inputs[WEIGHTS])
    if weights.dtype == np.float32:
        weights.view(np.uint32)[...] &= 0xFFFF0000
        return
    (output,) = model.graph.operators[operator].outputs
    quantization = model.graph.tensors[output].quantization
    assert quantization is not None
    model.constant(inputs[BIAS])[...] -= np.rint(quantization.scales[0] / 2 / model.scales(inputs[BIAS])).astype(
        "int32"
    )


def half_precision(model: EditedModel, operator: int) -> None:
    """From this operator on, every float weight is a half; of integers, their scales are."""
    for later in model.graph.operators[operator:]:
        constants = [index for index in later.inputs if index in model.graph.constants]
        for index in (*constants, *later.outputs):
            tensor = model.graph.tensors[index]
            if index in constants and tensor.dtype is DType.FLOAT32:
                values = model.constant(index)
                values[...] = values.astype(np.float16)
            elif tensor.quantization is not None:
                scales = model.scales(index)
                scales[...] = scales.astype(np.float16)


def not_a_number(model: EditedModel, operator: int) -> None:
    """One bias is NaN; of integers, the scale of the channel with the largest weights is."""
    inputs = model.graph.operators[operator].inputs
    bias = model.constant(inputs[BIAS])
    if bias.dtype == np.float32:
        bias.reshape(-1)[0] = np.nan
        return
    scales = model.scales(inputs[WEIGHTS])
    scales[int(np.argmax(_sums(model, operator))) if len(scales) > 1 else 0] = np.nan


def _sums(model: EditedModel, operator: int) -> Array:
    """Of each output channel, the sum of its weights."""
    one = model.graph.operators[operator]
    axis = -1 if one.name == "DEPTHWISE_CONV_2D" else 0
    weights = np.moveaxis(model.constant(one.inputs[WEIGHTS]), axis, 0).astype(np.float64)
    sums: Array = weights.reshape(len(weights), -1).sum(axis=1)
    return sums


def swapped_channels(model: EditedModel, operator: int) -> None:
    """The output channels of the largest and the smallest weights change places, with all that belongs to them."""
    one: GraphOperator = model.graph.operators[operator]
    axis = -1 if one.name == "DEPTHWISE_CONV_2D" else 0
    parts = [np.moveaxis(model.constant(one.inputs[WEIGHTS]), axis, 0), model.constant(one.inputs[BIAS])]
    sums = _sums(model, operator)
    if parts[0].dtype != np.float32:
        channels = [model.scales(index) for index in (one.inputs[WEIGHTS], one.inputs[BIAS])]
        parts += [scales for scales in channels if len(scales) > 1]
    pair = [int(np.argmin(sums)), int(np.argmax(sums))]
    for part in parts:
        part[pair] = part[pair[::-1]]


def saturated_activation(model: EditedModel, operator: int) -> None:
    """The layer's activation ends at one."""
    model.data[model.activation(operator)] = RELU_N1_TO_1


FAULTS: Mapping[str, Callable[[EditedModel, int], None]] = {
    fault.__name__: fault
    for fault in (
        stale_weights,
        other_rounding,
        half_precision,
        not_a_number,
        swapped_channels,
        saturated_activation,
    )
}
KINDS: Mapping[str, Collection[LayerFault]] = {
    "other_rounding": {LayerFault.ROUNDING, LayerFault.VALUES},
    "half_precision": {LayerFault.HALF_PRECISION},
    "not_a_number": {LayerFault.NOT_FINITE},
}
"""What elements of a faulty layer look like; of the other faults, `VALUES`. A float of 8 bits less is no half."""
SEEDED = tuple(
    (variant, fault)
    for variant in ("fp32", "int8")
    for fault in FAULTS
    # Of integers it moves fewer elements by a step than another kernel's rounding does.
    if (variant, fault) != ("int8", "half_precision")
)
"""Variant and fault: those that can be seen in a layer."""


def kinds_of(variant: str, fault: str) -> Collection[LayerFault]:
    """What elements of a layer with that fault look like; no integer is NaN."""
    if (variant, fault) == ("int8", "not_a_number"):
        return {LayerFault.VALUES}
    return KINDS.get(fault, {LayerFault.VALUES})


def weighted_operator(graph: Graph, place: int) -> tuple[int, GraphOperator]:
    """The `place`th operator that has weights, and its place among all of them."""
    return [(at, one) for at, one in enumerate(graph.operators) if one.name in FUSED][place]


def faulty(model: bytes, fault: str, operator: int) -> bytes:
    """A copy of `model` with that fault in one of its operators, by its place among them."""
    edited = EditedModel(model)
    FAULTS[fault](edited, operator)
    assert edited.data != model
    return bytes(edited.data)
