"""The desktop references: what Keras and desktop TFLite answer to the same inputs. This room imports TensorFlow.

TFLite runs as two interpreters of one thread each, on two threads: the fastest plain way to evaluate on a desktop,
because an invocation lets go of Python's lock. A large model runs as one interpreter of two threads, because each one
keeps a copy of the weights of its own. Its latency means nothing for a phone and is not reported.
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

BATCH = 200
KERAS_BATCH = 50  # more is no faster and keeps every activation of the batch in memory
INTERPRETERS = 2
LARGE_BYTES = 100_000_000

Probabilities = npt.NDArray[np.float32]


class ModelRunner(Protocol):
    """Levels, uint8 (N, height, width, channels), to probabilities, float32 (N, labels)."""

    def run(self, levels: Pixels) -> Probabilities: ...


class KerasRunner:
    """A Keras model, or the `.keras` file at a path."""

    def __init__(self, model: Any, image: ImageSpec) -> None:
        import keras

        self._model = keras.models.load_model(model, compile=False) if isinstance(model, Path) else model
        self._image = image

    def run(self, levels: Pixels) -> Probabilities:
        answers: Probabilities = self._model.predict(normalised(levels, self._image), batch_size=KERAS_BATCH, verbose=0)
        return answers


class GraphRunner:
    """A frozen TensorFlow graph of one picture, `image` to `probabilities`: the reference of models that Keras cannot
    load again. `graph` is a serialised GraphDef.
    """

    def __init__(self, graph: bytes, image: ImageSpec) -> None:
        import tensorflow as tf

        graph_def = tf.compat.v1.GraphDef.FromString(graph)
        wrapped = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph_def, name=""), [])
        self._classify = wrapped.prune("image:0", "probabilities:0")
        self._constant = tf.constant
        self._image = image

    def run(self, levels: Pixels) -> Probabilities:
        return self.classify(normalised(levels, self._image))

    def classify(self, fed: npt.NDArray[Any]) -> Probabilities:
        """Answers to pictures that are normalised already, float32 (N, height, width, channels)."""
        answers = [self._classify(self._constant(fed[index : index + 1])).numpy() for index in range(len(fed))]
        return np.concatenate(answers)


class TfliteRunner:
    """A model in desktop TFLite; integer outputs come back dequantised."""

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
        return self.answer_fed(normalised(levels, self._image, self.quantization))

    def answer_fed(self, fed: Tensor) -> Probabilities:
        """Probabilities, float32 (N, labels), for tensors in the model's own type, (N, height, width, channels)."""
        outputs = self.raw(fed)
        if outputs.dtype == np.float32:
            return outputs
        scale, zero_point = self._output["quantization"]
        dequantised: Probabilities = (outputs.astype(np.float32) - zero_point) * np.float32(scale)
        return dequantised

    def raw(self, fed: Tensor) -> npt.NDArray[Any]:
        """What comes out for such tensors, (N, labels), in the model's own type."""
        outputs = np.empty((len(fed), self._output["shape"][-1]), self._output["dtype"])
        shares = np.array_split(np.arange(len(fed)), len(self._interpreters))
        with ThreadPoolExecutor(INTERPRETERS) as pool:
            list(pool.map(lambda one, share: self._run_share(one, fed, outputs, share), self._interpreters, shares))
        return outputs

    @staticmethod
    def _run_share(
        interpreter: Interpreter, fed: Tensor, outputs: npt.NDArray[Any], share: npt.NDArray[np.intp]
    ) -> None:
        for index in share:
            interpreter.feed(fed[index : index + 1])
            interpreter.invoke()
            outputs[index] = interpreter.scores()


def reference_runner(path: Path, image: ImageSpec) -> ModelRunner:
    """What runs the reference model at `path`: its ending says whether that is Keras, TensorFlow or TensorFlow Lite."""
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
    """What every runner answers to every input, (N, labels) each; pictures are decoded once for all of them.

    `done` is told how many inputs each batch had.
    """
    answers: dict[str, list[Probabilities]] = {name: [] for name in runners}
    for levels in inputs.batches(image, BATCH):
        for name, runner in runners.items():
            answers[name].append(runner.run(levels))
        done(len(levels))
    return {name: np.concatenate(parts) for name, parts in answers.items()}
