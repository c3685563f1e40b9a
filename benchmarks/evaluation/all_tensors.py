"""Every tensor of a model that a runtime hands out, on this computer. LiteRT is imported when a model is opened.

`ProbedModel` runs copies of the model whose outputs are its intermediate tensors; `IsolatedOperators` computes each
operator alone, from inputs that came from somewhere else: what it gets wrong is then its own error, and not one that
it was handed.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy.typing as npt

from benchmarks.evaluation.interpreter import Interpreter
from metadata.graph import read_graph
from metadata.probes import IsolatedModel, groups, probed, with_outputs

Values: TypeAlias = Mapping[int, npt.NDArray[Any]]
"""Arrays as stored, batch axis included, by index of the tensor."""


class ReadWhenAsked(Mapping[int, npt.NDArray[Any]]):
    """Values of which each is read whenever it is asked for: all tensors of a model are many megabytes."""

    def __init__(self, reads: Mapping[int, Callable[[], npt.NDArray[Any]]]) -> None:
        self._reads = reads

    def __getitem__(self, index: int) -> npt.NDArray[Any]:
        return self._reads[index]()

    def __iter__(self) -> Iterator[int]:
        return iter(self._reads)

    def __len__(self) -> int:
        return len(self._reads)


def _outputs(interpreter: Interpreter, outputs: tuple[int, ...]) -> dict[int, Callable[[], npt.NDArray[Any]]]:
    """Reads what an interpreter holds after it ran; valid until it runs again."""
    return {index: partial(interpreter.value, place) for place, index in enumerate(outputs)}


class ProbedModel:
    """A model that shows its tensors. ValueError or RuntimeError, as of `Interpreter`, where a copy does not run."""

    def __init__(self, model: bytes, threads: int = 1, xnnpack: bool = True) -> None:
        self.graph = read_graph(model)
        found = probed(self.graph)
        self.hidden = found.hidden
        copies = [with_outputs(model, group) for group in groups(self.graph, found.tensors)]
        self._parts = [(Interpreter(copy, threads, xnnpack), outputs) for copy, outputs in copies]

    def run(self, model_input: npt.NDArray[Any]) -> Values:
        """The model's input and its tensors for one input, batch axis included, until it runs again."""
        for interpreter, _ in self._parts:
            interpreter.feed(model_input)
            interpreter.invoke()
        reads: dict[int, Callable[[], npt.NDArray[Any]]] = {self.graph.inputs[0]: lambda: model_input}
        for part in self._parts:
            reads |= _outputs(*part)
        return ReadWhenAsked(reads)


class IsolatedOperators:
    """A model's operators, each computed from given inputs."""

    def __init__(self, model: IsolatedModel, threads: int = 1, xnnpack: bool = True) -> None:
        self._isolated = model
        self._interpreter = Interpreter(model.data, threads, xnnpack)

    def run(self, given: Values) -> Values:
        """What each operator computes from the tensors of `given`, until it runs again.

        KeyError where one that is read is not there.
        """
        self._interpreter.feed(*(given[index] for index in self._isolated.inputs))
        self._interpreter.invoke()
        return ReadWhenAsked(_outputs(self._interpreter, self._isolated.outputs))
