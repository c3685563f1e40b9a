"""What one mode of a job gives, and the one run that both modes are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.interpreter import Interpreter
from benchmarks.formats.errors import FailedInputError
from benchmarks.runners.desktop.prepare import Fed

Times = tuple[int, int, int]
"""Nanoseconds of decode, preprocess and invoke."""

Keep = Callable[[int, npt.NDArray[Any]], None]
"""Takes an input's index and the tensor that was fed, from any thread."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Raw outputs, (inputs, labels) in the model's type; stages, int64 (samples, 3); the warm-ups' invoke times."""

    outputs: npt.NDArray[Any]
    times: npt.NDArray[np.int64]
    warmup_ns: tuple[int, ...]


def run_once(interpreter: Interpreter, name: str, fed: Fed) -> Times:
    """One invocation, timed without the copies around it; FailedInputError when the interpreter refuses."""
    interpreter.feed(fed.tensor[np.newaxis])
    started = perf_counter_ns()
    try:
        interpreter.invoke()
    except RuntimeError as error:
        raise FailedInputError(f"{name} cannot be run: {' '.join(str(error).split())}; run it alone") from error
    return fed.decode_ns, fed.preprocess_ns, perf_counter_ns() - started
