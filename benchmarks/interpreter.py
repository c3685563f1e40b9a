"""Desktop TensorFlow Lite, one interpreter at a time. TensorFlow is imported by the first one that is made."""

import warnings
from time import perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt

DEPRECATED = r"\s*Warning: tf.lite.Interpreter is deprecated"


class Interpreter:
    """A model, loaded and allocated: feed, invoke, scores. For one thread at a time, which may be any.

    `init_ns` is what loading and allocating took; `input` and `output` are TensorFlow Lite's details of both tensors.
    ValueError or RuntimeError, with TensorFlow Lite's own words, when it cannot load or run the model.
    """

    def __init__(self, model: bytes, threads: int = 1, xnnpack: bool = True) -> None:
        import tensorflow as tf
        from tensorflow.lite.python.interpreter import OpResolverType

        # Known: the kit stays on the last line of TensorFlow that still has it.
        warnings.filterwarnings("ignore", DEPRECATED, UserWarning)
        resolver = OpResolverType.AUTO if xnnpack else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        started = perf_counter_ns()
        self._interpreter = tf.lite.Interpreter(
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
        """Run the graph on what was fed."""
        self._interpreter.invoke()

    def scores(self) -> npt.NDArray[Any]:
        """What came out, (labels,), in the output's own type."""
        answer: npt.NDArray[Any] = np.array(self._interpreter.get_tensor(self.output["index"])[0])
        return answer
