"""A model's tensors as a runtime gave them, against this computer: what adds up, and what each layer does by itself.

Differences add up from layer to layer, so the tensors alone do not say where they come from. Each operator is therefore
also computed here from the very tensors that the runtime gave it. XNNPACK's kernels and TensorFlow Lite's builtin ones
differ, and a runtime may use either for any operator: a layer is held against the nearer of the two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.all_tensors import IsolatedOperators, ProbedModel, Values
from benchmarks.explain.difference import Difference, real_values
from benchmarks.explain.faulty_layer import fault_of
from benchmarks.formats.layers_file import LayerFault
from metadata.preprocess import Tensor
from metadata.probes import isolated
from metadata.tensors import Tensor as GraphTensor

Array: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class ComparedLayer:
    """One tensor and the operator that computes it.

    `adding_up` is against the same model on this computer, `own` against its operator computed here from the tensors
    that it was given, by whichever kernels are nearer. `from_float` is against the fp32 model on this computer, None
    where that has no tensor of this name and shape. `is_dynamic`: the operator quantises its input while it runs.
    """

    index: int
    name: str
    operator: str
    tensor: GraphTensor = field(repr=False)
    adding_up: Difference
    own: Difference
    from_float: Difference | None
    is_dynamic: bool

    @property
    def fault(self) -> LayerFault | None:
        """What the layer does wrong by itself; None where nothing."""
        return fault_of(self.own, self.is_dynamic)


class LayerComparison:
    """Compares inputs one after the other, so that the tensors of one input are in memory at a time.

    `missing` says of each tensor that cannot be compared why, by index.
    """

    def __init__(self, model: bytes, fp32: bytes | None = None) -> None:
        self._here = ProbedModel(model)
        self._isolated = isolated(model)
        self._xnnpack = IsolatedOperators(self._isolated)
        self._float = None if fp32 is None else ProbedModel(fp32)
        self.graph = self._here.graph
        self.missing: dict[int, str] = dict(self._here.hidden)
        self._floats = {} if self._float is None else _same_names(self._here, self._float)
        operators = {index: one for one in self.graph.computing for index in one.outputs}
        self._operators = {index: one for index, one in operators.items() if index not in self.missing}
        self._adding_up = {index: self._difference(index) for index in self._operators}
        self._own = {index: self._difference(index) for index in self._operators}
        self._from_float = {index: self._difference(index) for index in self._floats}

    def add(self, seen: Values, float_input: Tensor | None = None) -> None:
        """Compare the tensors of one input, by index; the model's input is among them.

        `float_input` is the same input for the fp32 model, with its batch axis. A tensor that is not there, or is of
        another shape or type, is `missing` from then on.
        """
        here = self._here.run(seen[self.graph.inputs[0]])
        given = {index: seen[index] if self._fits(index, seen) else here[index] for index in here}
        xnnpack, builtin = self._xnnpack.run(given), None
        for index in self._operators:
            if index not in self.missing:
                quantization = self.graph.tensors[index].quantization
                self._adding_up[index].add(given[index], here[index], quantization)
                expected = xnnpack[index]
                if not is_same(given[index], expected):
                    builtin = builtin or self._builtin.run(given)
                    expected = nearest(given[index], [expected, builtin[index]])
                self._own[index].add(given[index], expected, quantization)
        if self._float is not None and float_input is not None:
            floats = self._float.run(float_input)
            for index, other in self._floats.items():
                if index not in self.missing:
                    real = real_values(given[index], self.graph.tensors[index].quantization)
                    self._from_float[index].add(real, floats[other], None)

    @cached_property
    def _builtin(self) -> IsolatedOperators:
        """Loaded when they are needed first: they are as large as all tensors of one input, twice."""
        return IsolatedOperators(self._isolated, xnnpack=False)

    def layers(self) -> tuple[ComparedLayer, ...]:
        """The layers that were seen on every input, in the order of computation."""
        return tuple(self._layer(index) for index in self._operators if index not in self.missing)

    def _layer(self, index: int) -> ComparedLayer:
        tensor = self.graph.tensors[index]
        return ComparedLayer(
            index=index,
            name=tensor.name,
            operator=self._operators[index].name,
            tensor=tensor,
            adding_up=self._adding_up[index],
            own=self._own[index],
            from_float=self._from_float.get(index),
            is_dynamic=self.graph.is_dynamic(self._operators[index]),
        )

    def _difference(self, index: int) -> Difference:
        quantization = self.graph.tensors[index].quantization
        return Difference(None if quantization is None else quantization.scales[0])

    def _fits(self, index: int, seen: Values) -> bool:
        """Whether a tensor was given as this computer has it; where not, why is noted."""
        if index not in seen:
            self.missing[index] = "the runtime did not give it"
            return False
        got, wanted = seen[index], self.graph.tensors[index]
        if got.shape != wanted.shape or str(got.dtype) != wanted.dtype:
            self.missing[index] = f"{got.dtype} {got.shape} instead of {wanted.dtype} {wanted.shape}"
            return False
        return True


def is_same(got: Array, other: Array) -> bool:
    """Whether both are the same, NaN included."""
    return np.array_equal(got, other) or np.array_equal(got, other, equal_nan=True)


def nearest(got: Array, others: Sequence[Array]) -> Array:
    """Of arrays of one shape and type the one that is nearest to `got`: NaN where it has NaN, before all."""

    def distance(other: Array) -> tuple[int, float]:
        both = np.isfinite(got) & np.isfinite(other)
        apart = got[both].astype(np.float64) - other[both]
        return int(np.count_nonzero(np.isfinite(got) != np.isfinite(other))), float(np.vdot(apart, apart))

    return min(others, key=distance)


def _same_names(model: ProbedModel, other: ProbedModel) -> Mapping[int, int]:
    """By index of a tensor of `model`, that of the tensor of `other` that has its name and shape."""
    names = {tensor.name: index for index, tensor in enumerate(other.graph.tensors) if tensor.name}
    pairs = {index: names.get(tensor.name) for index, tensor in enumerate(model.graph.tensors)}
    return {
        index: there
        for index, there in pairs.items()
        if there is not None and there not in other.graph.constants and index not in model.graph.constants
        if np.array_equal(model.graph.tensors[index].shape, other.graph.tensors[there].shape)
    }
