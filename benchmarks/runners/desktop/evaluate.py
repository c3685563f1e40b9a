"""Every input once: one thread for each interpreter, which takes the next inputs when it is done with its own.

Between two invocations a thread needs Python's lock, and handing it over takes longer than a small model's answer. So
inputs are handed out in blocks, and a model that answers in microseconds runs on one thread.
Numbers come back in the archive's order whichever thread ran what; a time is that of one input on one thread.
"""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np

from benchmarks.evaluation.interpreter import Interpreter
from benchmarks.formats.archive import ArchiveReader
from benchmarks.formats.errors import BenchmarkError
from benchmarks.runners.desktop.measure import JobProgress, KeepInput, Measured, run_once
from benchmarks.runners.desktop.prepare import Prepare

Block = list[tuple[int, str, bytes]]
"""(index, name, bytes) of inputs that follow each other."""
FIRST_INPUTS = 3
"""They run on one thread, and show how long an invocation takes."""
BLOCK_NS, BLOCK_BYTES = 5_000_000, 250_000
"""A block has as many inputs as are answered in this time, and ends at the one that reaches this size."""
WORTH_SHARING_NS = 25_000
"""A model whose invocation is shorter runs faster on one thread."""


def evaluate(
    interpreters: Sequence[Interpreter],
    archive: ArchiveReader,
    prepare: Prepare,
    keep: KeepInput,
    progress: JobProgress,
) -> Measured:
    """All raw outputs. Of several inputs that fail, the error of the first in the archive."""
    queue = _Queue(archive, progress)
    output, count = interpreters[0].output, len(archive.names)
    outputs = np.empty((count, output["shape"][-1]), output["dtype"])
    times = np.zeros((count, 3), np.int64)

    def run(interpreter: Interpreter, block: Block) -> None:
        for index, name, data in block:
            try:
                model_input = prepare(name, data)
                keep(index, model_input.tensor)
                times[index] = run_once(interpreter, name, model_input)
            except BenchmarkError as error:
                queue.refuse(index, error)
                return
            outputs[index] = interpreter.scores()

    def work(interpreter: Interpreter) -> None:
        try:
            while block := queue.take(at_once):
                run(interpreter, block)
        except BaseException:
            queue.stop()
            raise

    run(interpreters[0], first := queue.take(FIRST_INPUTS))
    fastest_ns = max(1, int(times[: len(first), 2].min(initial=BLOCK_NS)))
    at_once = BLOCK_NS // fastest_ns
    with ThreadPoolExecutor(len(interpreters)) as pool:
        list(pool.map(work, interpreters if fastest_ns >= WORTH_SHARING_NS else interpreters[:1]))
    queue.require_success()
    return Measured(outputs, times, ())


class _Queue:
    """The inputs in order, to whichever thread asks. Nothing is handed out after something went wrong."""

    def __init__(self, archive: ArchiveReader, progress: JobProgress) -> None:
        self._archive = archive
        self._progress = progress
        self._lock = threading.Lock()
        self._left: Iterator[tuple[int, str]] = enumerate(archive.names)
        self._failures: dict[int, BenchmarkError] = {}
        progress.total = len(archive.names)

    def take(self, most: int) -> Block:
        """At most so many of the next inputs; none when there is none to run."""
        block: Block = []
        with self._lock:
            self._progress.check_cancelled()
            size_bytes = 0
            for index, name in islice(self._left, most):
                self._progress.done = index
                try:
                    data = self._archive.read(name)
                except BenchmarkError as error:
                    self.refuse(index, error)
                    break
                block.append((index, name, data))
                size_bytes += len(data)
                if size_bytes >= BLOCK_BYTES:
                    break
        return block

    def refuse(self, index: int, error: BenchmarkError) -> None:
        """Keep what is wrong with an input, and hand out nothing more."""
        self._failures[index] = error
        self.stop()

    def stop(self) -> None:
        """Hand out nothing more."""
        self._left = iter(())

    def require_success(self) -> None:
        """Raise what is wrong with the first input that failed; every one before it was run."""
        if self._failures:
            raise self._failures[min(self._failures)]
        self._progress.done = self._progress.total
