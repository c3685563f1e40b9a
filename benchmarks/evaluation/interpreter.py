"""Models on this computer, one interpreter at a time: LiteRT, the small package of what phones run too.

It is TensorFlow Lite under its new name, and nothing here imports TensorFlow.
"""

from importlib.metadata import version
from time import perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt

RUNTIME, PACKAGE = "litert", "ai-edge-litert"


class Interpreter:
    """A loaded model with allocated tensors; call `feed`, `invoke`, then `scores`, on one thread at a time.

    `init_ns` is the time of loading and allocating; `inputs` and `outputs` are TensorFlow Lite's details of the
    tensors, `input` and `output` the first of each.
    ValueError or RuntimeError, with TensorFlow Lite's message, when it cannot load or run the model.
    """

    def __init__(self, model: bytes, threads: int = 1, xnnpack: bool = True) -> None:
        self._interpreter, self.init_ns = loaded(model, xnnpack, num_threads=threads)
        self.inputs = tuple(self._interpreter.get_input_details())
        self.outputs = tuple(self._interpreter.get_output_details())
        self.input, self.output = self.inputs[0], self.outputs[0]

    def feed(self, *tensors: npt.NDArray[Any]) -> None:
        """Set the inputs, batch axis included."""
        for source, tensor in zip(self.inputs, tensors, strict=True):
            self._interpreter.set_tensor(source["index"], tensor)

    def invoke(self) -> None:
        """Run the graph on the input that `feed` set."""
        self._interpreter.invoke()

    def scores(self) -> npt.NDArray[Any]:
        """A copy of the output, (outputs,), in its own type."""
        scores: npt.NDArray[Any] = np.array(self._interpreter.get_tensor(self.output["index"])).reshape(-1)
        return scores

    def value(self, place: int) -> npt.NDArray[Any]:
        """A copy of one output, by its place among them, in its own type and shape."""
        value: npt.NDArray[Any] = self._interpreter.get_tensor(self.outputs[place]["index"])
        return value


def loaded(model: bytes, xnnpack: bool, **options: Any) -> tuple[Any, int]:
    """LiteRT's own interpreter with allocated tensors, and the nanoseconds that they took; errors as above."""
    from ai_edge_litert import interpreter as litert

    resolvers = litert.OpResolverType
    resolver = resolvers.AUTO if xnnpack else resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    started = perf_counter_ns()
    interpreter = litert.Interpreter(model_content=model, experimental_op_resolver_type=resolver, **options)
    interpreter.allocate_tensors()
    return interpreter, perf_counter_ns() - started


def runtime() -> tuple[str, str]:
    """Name and version of the interpreter, as results and references carry them."""
    return RUNTIME, version(PACKAGE)
