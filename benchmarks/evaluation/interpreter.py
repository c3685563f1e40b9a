"""Desktop TensorFlow Lite, one interpreter at a time. The first one that is made imports TensorFlow.

Without TensorFlow, LiteRT is used instead: the same interpreter as a small package, which exists for arm64 too.
"""

import warnings
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt

DEPRECATED = r"\s*Warning: tf.lite.Interpreter is deprecated"


class Interpreter:
    """A loaded model with allocated tensors; call `feed`, `invoke`, then `scores`, on one thread at a time.

    `init_ns` is the time of loading and allocating; `input` and `output` are TensorFlow Lite's details of both tensors.
    ValueError or RuntimeError, with TensorFlow Lite's message, when it cannot load or run the model.
    """

    def __init__(self, model: bytes, threads: int = 1, xnnpack: bool = True) -> None:
        library = _library()
        # The kit stays on the last TensorFlow that has this interpreter.
        warnings.filterwarnings("ignore", DEPRECATED, UserWarning)
        resolvers = library.OpResolverType
        resolver = resolvers.AUTO if xnnpack else resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        started = perf_counter_ns()
        self._interpreter = library.Interpreter(
            model_content=model, num_threads=threads, experimental_op_resolver_type=resolver
        )
        self._interpreter.allocate_tensors()
        self.init_ns = perf_counter_ns() - started
        (self.input,) = self._interpreter.get_input_details()
        (self.output,) = self._interpreter.get_output_details()

    def feed(self, tensor: npt.NDArray[Any]) -> None:
        """Set the input, batch axis included."""
        self._interpreter.set_tensor(self.input["index"], tensor)

    def invoke(self) -> None:
        """Run the graph on the input that `feed` set."""
        self._interpreter.invoke()

    def scores(self) -> npt.NDArray[Any]:
        """A copy of the output, (labels,), in its own type."""
        scores: npt.NDArray[Any] = np.array(self._interpreter.get_tensor(self.output["index"])[0])
        return scores


def runtime() -> tuple[str, str]:
    """Name and version of the installed TensorFlow Lite interpreter; RuntimeError where none is installed."""
    for name, package in (("tensorflow-lite", "tensorflow"), ("litert", "ai-edge-litert")):
        try:
            return name, version(package)
        except PackageNotFoundError:
            continue
    raise RuntimeError("neither tensorflow nor ai-edge-litert is installed; run make setup")


def _library() -> Any:
    """The module that has `Interpreter`."""
    if runtime()[0] == "litert":
        from ai_edge_litert import interpreter as litert

        return litert
    from tensorflow.lite.python import interpreter as tflite

    return tflite
