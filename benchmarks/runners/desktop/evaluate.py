"""Every input once: one thread for each interpreter, which takes the next input when it is done with one.

Numbers come back in the archive's order whichever thread ran what; a time is that of one input on one thread.
"""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np

from benchmarks.evaluation.interpreter import Interpreter
from benchmarks.formats.archive import ArchiveReader
from benchmarks.formats.errors import BenchmarkError
from benchmarks.runners.desktop.measure import JobProgress, KeepInput, Measured, run_once
from benchmarks.runners.desktop.prepare import Prepare


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

    def work(interpreter: Interpreter) -> None:
        while (entry := queue.take()) is not None:
            index, name, data = entry
            with queue.attempt(index):
                model_input = prepare(name, data)
                keep(index, model_input.tensor)
                times[index] = run_once(interpreter, name, model_input)
                outputs[index] = interpreter.scores()

    with ThreadPoolExecutor(len(interpreters)) as pool:
        for future in [pool.submit(work, interpreter) for interpreter in interpreters]:
            future.result()
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

    def take(self) -> tuple[int, str, bytes] | None:
        """(index, name, bytes) of the next input; None when there is none to run."""
        with self._lock:
            self._progress.check_cancelled()
            entry = next(self._left, None)
            if entry is None:
                return None
            index, name = entry
            self._progress.done = index
            with self.attempt(index):
                return index, name, self._archive.read(name)
            return None

    @contextmanager
    def attempt(self, index: int) -> Iterator[None]:
        """No further input is handed out once the block fails; a fault of the input itself is kept."""
        try:
            yield
        except BenchmarkError as error:
            self._left = iter(())
            self._failures[index] = error
        except BaseException:
            self._left = iter(())
            raise

    def require_success(self) -> None:
        """Raise what is wrong with the first input that failed; every one before it was run."""
        if self._failures:
            raise self._failures[min(self._failures)]
        self._progress.done = self._progress.total
