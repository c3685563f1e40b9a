"""A model's tensors as a runtime gave them, against this computer: what adds up, and what each layer does by itself.

Differences add up from layer to layer, so the tensors alone do not say where they come from. Each operator is therefore
also computed here from the very tensors that the runtime gave it. XNNPACK's kernels and TensorFlow Lite's builtin ones
differ, and a runtime may use either for any operator: a layer is held against the nearer of the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from benchmarks.evaluation.all_tensors import IsolatedOperators, ProbedModel, Values
from benchmarks.explain.difference import Difference, real_values
from metadata.preprocess import Tensor
from metadata.tensors import Tensor as GraphTensor

KERNELS = {"xnnpack": True, "builtin": False}


@dataclass(frozen=True, slots=True)
class ComparedLayer:
    """One tensor and the operator that computes it.

    `adding_up` is against the same model on this computer, `own` against its operator computed here from the tensors
    that it was given, by `kernels`. `from_float` is against the fp32 model on this computer, None where that has no
    tensor of this name and shape.
    """

    index: int
    name: str
    operator: str
    tensor: GraphTensor = field(repr=False)
    adding_up: Difference
    own: Difference
    kernels: str
    from_float: Difference | None


class LayerComparison:
    """Compares inputs one after the other, so that the tensors of one input are in memory at a time.

    `missing` says of each tensor that cannot be compared why, by index.
    """

    def __init__(self, model: bytes, fp32: bytes | None = None) -> None:
        self._here = ProbedModel(model)
        self._alone = {name: IsolatedOperators(model, xnnpack=xnnpack) for name, xnnpack in KERNELS.items()}
        self._float = None if fp32 is None else ProbedModel(fp32)
        self.graph = self._here.graph
        self.missing: dict[int, str] = dict(self._here.hidden)
        self._floats = {} if self._float is None else _same_names(self._here, self._float)
        operators = {index: one.name for one in self.graph.computing for index in one.outputs}
        self._operators = {index: name for index, name in operators.items() if index not in self.missing}
        self._adding_up = {index: self._difference(index) for index in self._operators}
        self._own = {name: {index: self._difference(index) for index in self._operators} for name in KERNELS}
        self._from_float = {index: self._difference(index) for index in self._floats}

    def add(self, seen: Values, float_input: Tensor | None = None) -> None:
        """Compare the tensors of one input, by index; the model's input is among them.

        `float_input` is the same input for the fp32 model, with its batch axis. A tensor that is not there, or is of
        another shape or type, is `missing` from then on.
        """
        here = self._here.run(seen[self.graph.inputs[0]])
        given = {index: seen[index] if self._fits(index, seen, here) else here[index] for index in here}
        for index in self._operators:
            if index not in self.missing:
                self._adding_up[index].add(given[index], here[index], self.graph.tensors[index].quantization)
        for name, operators in self._alone.items():
            for index, alone in operators.run(given).items():
                if index not in self.missing:
                    self._own[name][index].add(given[index], alone, self.graph.tensors[index].quantization)
        if self._float is not None and float_input is not None:
            floats = self._float.run(float_input)
            for index, other in self._floats.items():
                if index not in self.missing:
                    real = real_values(given[index], self.graph.tensors[index].quantization)
                    self._from_float[index].add(real, floats[other], None)

    def layers(self) -> tuple[ComparedLayer, ...]:
        """The layers that were seen on every input, in the order of computation."""
        return tuple(self._layer(index) for index in self._operators if index not in self.missing)

    def _layer(self, index: int) -> ComparedLayer:
        own = {name: differences[index] for name, differences in self._own.items()}
        kernels = min(own, key=lambda name: (own[name].not_finite, own[name].squares))
        tensor = self.graph.tensors[index]
        return ComparedLayer(
            index=index,
            name=tensor.name,
            operator=self._operators[index],
            tensor=tensor,
            adding_up=self._adding_up[index],
            own=own[kernels],
            kernels=kernels,
            from_float=self._from_float.get(index),
        )

    def _difference(self, index: int) -> Difference:
        quantization = self.graph.tensors[index].quantization
        return Difference(None if quantization is None else quantization.scales[0])

    def _fits(self, index: int, seen: Values, here: Values) -> bool:
        """Whether a tensor was given as this computer has it; where not, why is noted."""
        if index not in seen:
            self.missing[index] = "the runtime did not give it"
            return False
        got, wanted = seen[index], here[index]
        if (got.shape, got.dtype) != (wanted.shape, wanted.dtype):
            self.missing[index] = f"{got.dtype} {got.shape} instead of {wanted.dtype} {wanted.shape}"
            return False
        return True


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
