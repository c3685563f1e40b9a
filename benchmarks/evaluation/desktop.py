"""Runs models on this computer: in Keras and as TensorFlow graphs, which import TensorFlow, and in LiteRT, without.

LiteRT runs as two interpreters of one thread each, on two threads, because an invocation releases Python's lock. A
large model runs as one interpreter of two threads, because each interpreter has its own copy of the weights. The
latency here says nothing about a phone, and is not reported.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.interpreter import Interpreter
from benchmarks.formats.inputs import Inputs
from metadata.card import ImageSpec
from metadata.preprocess import Pixels, Quantization, QuantizedType, Tensor, normalised
from metadata.probabilities import probabilities

BATCH = 200
KERAS_BATCH_PIXELS = 400_000
"""Of all pictures that Keras is given at once: 7 photographs of 224 pixels a side, or all digits of a batch.

EfficientNet-Lite0 takes 1.8 times as much processor time for photographs by 50, and the first layers of VGG16 answer
with 256 bytes a pixel.
"""
INTERPRETERS = 2
LARGE_BYTES = 100_000_000

Probabilities = npt.NDArray[np.float32]


class ModelRunner(Protocol):
    """Answers pixel levels, uint8 (N, height, width, channels), with probabilities, float32 (N, labels)."""

    def run(self, levels: Pixels) -> Probabilities: ...


class KerasRunner:
    """A Keras model, or the `.keras` file at a path."""

    def __init__(self, model: Any, image: ImageSpec) -> None:
        import keras

        self._model = keras.models.load_model(model, compile=False) if isinstance(model, Path) else model
        self._image = image

    def run(self, levels: Pixels) -> Probabilities:
        return self.run_model_input(normalised(levels, self._image))

    def run_model_input(self, model_input: npt.NDArray[Any]) -> Probabilities:
        """Probabilities for normalised pictures, float32 (N, height, width, channels)."""
        size = max(1, KERAS_BATCH_PIXELS // (self._image.height * self._image.width))
        batches = (model_input[start : start + size] for start in range(0, len(model_input), size))
        # `predict` takes 40 ms for its preparations at every call, as long as a batch of 200 digits takes six times.
        return np.concatenate([self._model.predict_on_batch(batch) for batch in batches])


class GraphRunner:
    """A frozen TensorFlow graph with a batch of one, from `image` to `probabilities`; `graph` is a serialised GraphDef.

    It is the reference of a model that Keras cannot load from its saved file.
    """

    def __init__(self, graph: bytes, image: ImageSpec) -> None:
        import tensorflow as tf

        graph_def = tf.compat.v1.GraphDef.FromString(graph)
        wrapped = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph_def, name=""), [])
        self._classify = wrapped.prune("image:0", "probabilities:0")
        self._constant = tf.constant
        self._image = image

    def run(self, levels: Pixels) -> Probabilities:
        return self.run_model_input(normalised(levels, self._image))

    def run_model_input(self, model_input: npt.NDArray[Any]) -> Probabilities:
        """As of `KerasRunner`."""
        pictures = (model_input[index : index + 1] for index in range(len(model_input)))
        return np.concatenate([self._classify(self._constant(picture)).numpy() for picture in pictures])


class TfliteRunner:
    """A model in LiteRT, which takes pictures of one size; integer outputs come back dequantised."""

    def __init__(self, model: bytes, image: ImageSpec, threads: int = 1, xnnpack: bool = True) -> None:
        self._image = image
        count = INTERPRETERS if len(model) < LARGE_BYTES else 1
        threads = threads * INTERPRETERS // count
        self._interpreters = [Interpreter(model, threads, xnnpack) for _ in range(count)]
        self._input, self._output = self._interpreters[0].input, self._interpreters[0].output

    @property
    def quantization(self) -> Quantization | None:
        """How the input stores real numbers; None for a float input."""
        if self._input["dtype"] == np.float32:
            return None
        scale, zero_point = self._input["quantization"]
        return Quantization(float(scale), int(zero_point), QuantizedType(np.dtype(self._input["dtype"]).name))

    def run(self, levels: Pixels) -> Probabilities:
        return self.run_model_input(normalised(levels, self._image, self.quantization))

    def run_model_input(self, model_input: Tensor) -> Probabilities:
        """Probabilities, float32 (N, labels), for tensors of the model's input type, (N, height, width, channels)."""
        is_real = self._output["dtype"] == np.float32
        return probabilities(self.raw(model_input), *((None, None) if is_real else self._output["quantization"]))

    def raw(self, model_input: Tensor) -> npt.NDArray[Any]:
        """The outputs for such tensors, (N, outputs), in the model's output type."""
        outputs = np.empty((len(model_input), self._output["shape"][-1]), self._output["dtype"])

        def run_share(interpreter: Interpreter, share: npt.NDArray[np.intp]) -> None:
            for index in share:
                interpreter.feed(model_input[index : index + 1])
                interpreter.invoke()
                outputs[index] = interpreter.scores()

        shares = np.array_split(np.arange(len(model_input)), len(self._interpreters))
        with ThreadPoolExecutor(INTERPRETERS) as pool:
            list(pool.map(run_share, self._interpreters, shares))
        return outputs


def reference_runner(path: Path, image: ImageSpec) -> KerasRunner | GraphRunner | TfliteRunner:
    """A runner of the reference model at `path`: `.keras`, a `.pb` graph, else a `.tflite` file."""
    match path.suffix:
        case ".keras":
            return KerasRunner(path, image)
        case ".pb":
            return GraphRunner(path.read_bytes(), image)
        case _:
            return TfliteRunner(path.read_bytes(), image)


def answer(
    inputs: Inputs, image: ImageSpec, runners: Mapping[str, ModelRunner], done: Callable[[int], None]
) -> dict[str, Probabilities]:
    """The probabilities of each runner for all inputs, (N, labels) each; every picture is decoded once for all of them.

    `done` is called with the size of each batch.
    """
    answers: dict[str, list[Probabilities]] = {name: [] for name in runners}
    for levels in inputs.batches(image, BATCH):
        for name, runner in runners.items():
            answers[name].append(runner.run(levels))
        done(len(levels))
    return {name: np.concatenate(parts) for name, parts in answers.items()}
