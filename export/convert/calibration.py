"""The range of every tensor of a float model on sample pictures: what int8 and 16-bit activations take scales from.

The pictures run once through LiteRT interpreters that keep every tensor. Of each tensor the smallest and the largest
value are read, one tensor at a time, and nothing else is kept. TensorFlow's own calibrator is several times slower,
notes the sum of a residual addition as the range of the convolution before it (tensorflow/tensorflow issue 127842), and
ends the process at a recurrent layer (issue 87468).

XNNPACK halves the time. It could hide a tensor that it does not compute, so its first answer is held against that of
the plain kernels, and they do the work where the two differ.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.desktop import INTERPRETERS, LARGE_BYTES
from benchmarks.evaluation.interpreter import loaded
from export.errors import CalibrationError
from metadata.card import ImageSpec
from metadata.preprocess import Pixels, normalised
from metadata.ranges import float_tensors

SAME = 0.01  # of a tensor's largest value: kernels differ by millionths, a tensor that is not written by all of it
KEPT_TENSORS = r"\s*Warning: Enabling `experimental_preserve_all_tensors`"


@dataclass(frozen=True, slots=True)
class Range:
    """A tensor's smallest and largest value over all samples; `name` is the layer's, as the converter calls it."""

    name: str
    low: float
    high: float


Ranges = Mapping[int, Range]
"""By the tensor's index in the float model's first graph, in the order of its operators."""
Done = Callable[[int], None]
"""Is told how many more samples are done."""


def measure(model: bytes, samples: Pixels, image: ImageSpec, done: Done) -> Ranges:
    """The ranges of the float `model` on `samples`; `done` is called with 1 after each, on several threads.

    CalibrationError names the first layer that gives NaN or an infinite value. RuntimeError or ValueError, with
    LiteRT's message, where it cannot run the model.
    """
    tensors = float_tensors(model)
    observers = _observers(model, list(tensors), normalised(samples[-1:], image))
    left = iter(range(len(samples)))

    def share(observer: _Observer) -> None:
        for index in left:
            observer.observe(normalised(samples[index : index + 1], image))
            done(1)

    with ThreadPoolExecutor(len(observers)) as pool:
        list(pool.map(share, observers))
    low = np.minimum.reduce([observer.low for observer in observers])
    high = np.maximum.reduce([observer.high for observer in observers])
    ranges = {
        index: Range(name.split(";")[0], float(low[at]), float(high[at]))
        for at, (index, name) in enumerate(tensors.items())
        if not low[at] > high[at]  # as it is of a tensor without values
    }
    _refuse_what_is_no_number(ranges.values())
    return ranges


def _refuse_what_is_no_number(ranges: Iterable[Range]) -> None:
    for one in ranges:
        # The largest float32 stands for infinity where an activation has cut it off.
        if not max(-one.low, one.high) < np.finfo(np.float32).max:
            what = "NaN" if np.isnan(one.low) else "infinite values"
            raise CalibrationError(
                f"{one.name} gives {what} on the samples for calibration; correct the model's weights or the samples, "
                "or make only variants that need none: --variants fp32,fp16,dynamic"
            )


def _observers(model: bytes, tensors: list[int], picture: npt.NDArray[Any]) -> "list[_Observer]":
    """Interpreters that have run one picture; two of one thread, or one of two for a model that is large."""
    count = INTERPRETERS if len(model) < LARGE_BYTES else 1
    threads = INTERPRETERS // count
    plain = [_Observer(model, tensors, threads, xnnpack=False)]
    plain[0].observe(picture)
    fast = [_Observer(model, tensors, threads, xnnpack=True)]
    fast[0].observe(picture)
    xnnpack = fast[0].agrees_with(plain[0])
    return (fast if xnnpack else plain) + [_Observer(model, tensors, threads, xnnpack) for _ in range(count - 1)]


class _Observer:
    """An interpreter that keeps every tensor, and the smallest and largest value of each so far."""

    def __init__(self, model: bytes, tensors: list[int], threads: int, xnnpack: bool) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", KEPT_TENSORS, UserWarning)
            self._interpreter, _ = loaded(model, xnnpack, num_threads=threads, experimental_preserve_all_tensors=True)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._tensors = tensors
        self.low: npt.NDArray[np.float32] = np.full(len(tensors), np.inf, np.float32)
        self.high: npt.NDArray[np.float32] = np.full(len(tensors), -np.inf, np.float32)

    def observe(self, picture: npt.NDArray[Any]) -> None:
        """Run a normalised picture."""
        self._interpreter.set_tensor(self._input, picture)
        self._interpreter.invoke()
        for at, index in enumerate(self._tensors):
            # A view of the interpreter's memory, which must be gone before the next run.
            values = self._values(index)
            if values.size:
                self.low[at] = np.minimum(self.low[at], values.min())
                self.high[at] = np.maximum(self.high[at], values.max())
            del values

    def _values(self, index: int) -> npt.NDArray[np.float32]:
        """The tensor's memory; nothing where it was not computed, as can be if no operator reads it."""
        try:
            values: npt.NDArray[np.float32] = self._interpreter.tensor(index)()
        except ValueError:
            return np.empty(0, np.float32)
        return values

    def agrees_with(self, exact: "_Observer") -> bool:
        """Whether all ranges are those of `exact`, apart from how kernels round."""
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.maximum(np.abs(self.low - exact.low), np.abs(self.high - exact.high))
            size = np.maximum(np.abs(exact.low), np.abs(exact.high))
            return not bool((apart > SAME * size).any())
