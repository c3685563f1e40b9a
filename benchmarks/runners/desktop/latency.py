"""One input again and again, phase by phase as Google's benchmark tool does it (tensorflow/lite/tools/benchmark).

Every run begins at the entry's bytes, so that a picture's decoding and preprocessing are measured as an app meets them.
"""

from collections.abc import Callable, Iterator
from time import perf_counter_ns

import numpy as np

from benchmarks.evaluation.interpreter import Interpreter
from benchmarks.formats.fit import NS
from benchmarks.formats.job import Schedule
from benchmarks.runners.desktop.measured import Keep, Measured, Times, run_once
from benchmarks.runners.desktop.prepare import Prepare
from benchmarks.runners.desktop.watch import Watch


def measure(
    interpreter: Interpreter, name: str, data: bytes, schedule: Schedule, prepare: Prepare, keep: Keep, watch: Watch
) -> Measured:
    """The last run's raw output, every timed run's stages, and every warm-up's invoke time."""
    watch.total = schedule.num_runs

    def once() -> Times:
        watch.step()
        fed = prepare(name, data)
        keep(0, fed.tensor)
        return run_once(interpreter, name, fed)

    warmups = list(_phase(once, schedule.warmup_runs, schedule.warmup_min_s, schedule.max_s))
    samples: list[Times] = []
    for times in _phase(once, schedule.num_runs, schedule.min_s, schedule.max_s):
        samples.append(times)
        watch.done = min(len(samples), schedule.num_runs)
    warmup_ns = tuple(invoke_ns for _, _, invoke_ns in warmups)
    return Measured(interpreter.scores()[np.newaxis], np.array(samples, np.int64), warmup_ns)


def _phase(once: Callable[[], Times], runs: int, min_s: float, max_s: float) -> Iterator[Times]:
    """At least so many runs and so long; none begins after `max_s`."""
    started, count = perf_counter_ns(), 0
    while (now := perf_counter_ns() - started) <= max_s * NS and (count < runs or now < min_s * NS):
        count += 1
        yield once()
