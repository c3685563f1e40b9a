"""What both modes of a job share, and latency: one input again and again.

The phases of a latency job are those of Google's benchmark tool (tensorflow/lite/tools/benchmark). Every run begins at
the entry's bytes, so that a picture's decoding and preprocessing are measured as an app meets them.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.interpreter import Interpreter
from benchmarks.formats.errors import FailedInputError
from benchmarks.formats.fit import NS
from benchmarks.formats.job import Schedule
from benchmarks.runners.desktop.prepare import ModelInput, Prepare

Times = tuple[int, int, int]
"""Nanoseconds of decode, preprocess and invoke."""

KeepInput = Callable[[int, npt.NDArray[Any]], None]
"""Takes an input's index and the tensor that the model was given, from any thread."""


class CancelledError(Exception):
    """Nobody wants the result any more."""


class JobProgress:
    """`done` of `total` inputs or runs: the working thread writes them, any thread may read them, or cancel the job."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """End the job before its next step."""
        self._cancelled.set()

    def check_cancelled(self) -> None:
        """CancelledError once the job is cancelled; called before everything that takes time."""
        if self._cancelled.is_set():
            raise CancelledError


@dataclass(frozen=True, slots=True)
class Measured:
    """Raw outputs, (inputs, labels) in the model's type; stages, int64 (samples, 3); the warm-ups' invoke times."""

    outputs: npt.NDArray[Any]
    times: npt.NDArray[np.int64]
    warmup_ns: tuple[int, ...]


def run_once(interpreter: Interpreter, name: str, model_input: ModelInput) -> Times:
    """One invocation, timed without the copies around it; FailedInputError when the interpreter refuses."""
    interpreter.feed(model_input.tensor[np.newaxis])
    started = perf_counter_ns()
    try:
        interpreter.invoke()
    except RuntimeError as error:
        raise FailedInputError(f"{name} cannot be run: {' '.join(str(error).split())}; run it alone") from error
    return model_input.decode_ns, model_input.preprocess_ns, perf_counter_ns() - started


def measure_latency(
    interpreter: Interpreter,
    name: str,
    data: bytes,
    schedule: Schedule,
    prepare: Prepare,
    keep: KeepInput,
    progress: JobProgress,
) -> Measured:
    """The last run's raw output, every timed run's stages, and every warm-up's invoke time."""
    progress.total = schedule.num_runs

    def once() -> Times:
        progress.check_cancelled()
        model_input = prepare(name, data)
        keep(0, model_input.tensor)
        return run_once(interpreter, name, model_input)

    warmups = list(_phase(once, schedule.warmup_runs, schedule.warmup_min_s, schedule.max_s))
    samples: list[Times] = []
    for times in _phase(once, schedule.num_runs, schedule.min_s, schedule.max_s):
        samples.append(times)
        progress.done = min(len(samples), schedule.num_runs)
    warmup_ns = tuple(invoke_ns for _, _, invoke_ns in warmups)
    return Measured(interpreter.scores()[np.newaxis], np.array(samples, np.int64), warmup_ns)


def _phase(once: Callable[[], Times], runs: int, min_s: float, max_s: float) -> Iterator[Times]:
    """At least so many runs and so long; none begins after `max_s`."""
    started, count = perf_counter_ns(), 0
    while (now := perf_counter_ns() - started) <= max_s * NS and (count < runs or now < min_s * NS):
        count += 1
        yield once()
