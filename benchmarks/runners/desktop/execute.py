"""A job is run: check its files, load, run, write the binary files. The class of an error says what was at fault."""

import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from io import BufferedRandom
from pathlib import Path
from typing import Any

import numpy.typing as npt

from benchmarks.evaluation.interpreter import Interpreter
from benchmarks.formats.archive import ArchiveReader
from benchmarks.formats.arrays import Blob, Blobs
from benchmarks.formats.atomic import atomic_write, hash_of
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.errors import InputsError, ModelError
from benchmarks.formats.job import Job, Mode, ProbeJob
from benchmarks.formats.result import Acceleration, OkResult
from benchmarks.runners.desktop import machine
from benchmarks.runners.desktop.evaluate import evaluate
from benchmarks.runners.desktop.measure import JobProgress, KeepInput, measure_latency
from benchmarks.runners.desktop.prepare import preparer
from benchmarks.runners.desktop.verified import Locate, opened
from metadata.errors import ModelFileError
from metadata.resize import with_one_size


@dataclass(slots=True)
class Reached:
    """What is known of a job so far; None for what it did not reach."""

    job: Job | ProbeJob | None = None
    model_sha256: str | None = None
    inputs_sha256: str | None = None
    accelerator: Acceleration | None = None

    def found_model(self, sha256: str) -> None:
        self.model_sha256 = sha256

    def found_inputs(self, sha256: str) -> None:
        self.inputs_sha256 = sha256


def execute(
    job: Job, locate: Locate, place: Callable[[str], Path], reached: Reached, progress: JobProgress
) -> "partial[OkResult]":
    """The result of `job` with what was measured; `place` says where the binary file of a name goes.

    ModelError, InputsError, FailedInputError or StorageError; CancelledError once it is cancelled.
    """
    progress.check_cancelled()
    with opened("the model", job.model, locate, ModelError, reached.found_model) as file:
        data = file.read()
    model = Classifier.of(data)
    data = _with_one_size(data)
    prepare = preparer(job.inputs.kind, model)
    with opened("the input archive", job.inputs, locate, InputsError, reached.found_inputs) as file:
        archive = ArchiveReader(file, job.inputs.count)
        if job.input_id is not None and job.input_id not in archive.names:
            raise InputsError(f"the archive has no entry {job.input_id!r:.80}; name one that it has")
        reached.accelerator = machine.acceleration(job.accelerator, model.node_count)
        interpreters = load(job, data)
        with ExitStack() as files:
            create = partial(_create, files, place)
            inputs_file = create("fed") if job.return_fed else None
            keep = _keep(inputs_file)
            if job.input_id is None:
                measured = evaluate(interpreters, archive, prepare, keep, progress)
            else:
                name, data = job.input_id, archive.read(job.input_id)
                measured = measure_latency(interpreters[0], name, data, job.schedule, prepare, keep, progress)
            return partial(
                OkResult,
                input=model.input,
                output=model.output,
                init_ns=interpreters[0].init_ns,
                warmup_ns=measured.warmup_ns,
                inputs=len(measured.outputs),
                samples=len(measured.times),
                blobs=Blobs(
                    outputs=_blob(place("outputs"), create("outputs"), little(measured.outputs)),
                    timings=_blob(place("timings"), create("timings"), little(measured.times)),
                    fed=None if inputs_file is None else _blob(place("fed"), inputs_file),
                ),
            )


def _with_one_size(data: bytes) -> bytes:
    try:
        return with_one_size(data)
    except ModelFileError as error:
        raise ModelError(f"the model cannot be run: {error}") from error


def load(job: Job | ProbeJob, data: bytes) -> list[Interpreter]:
    """For evaluation several interpreters of one thread, at most one a core; else one of `threads` threads.

    So the same number of threads evaluates a set of inputs fastest.
    """
    many = min(job.threads, os.cpu_count() or 1) if job.mode is Mode.EVALUATE else 1
    threads = 1 if job.mode is Mode.EVALUATE else job.threads
    try:
        return [Interpreter(data, threads, job.xnnpack) for _ in range(many)]
    except (ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"TensorFlow Lite does not load the model: {reason}; convert it for this runtime") from error


def _keep(file: BufferedRandom | None) -> KeepInput:
    """Writes a model input at its place in `file`, from any thread; does nothing where there is no file."""
    lock = threading.Lock()

    def keep(index: int, tensor: npt.NDArray[Any]) -> None:
        if file is None:
            return
        with lock:
            file.seek(index * tensor.nbytes)
            file.write(little(tensor))

    return keep


def _create(files: ExitStack, place: Callable[[str], Path], name: str) -> BufferedRandom:
    return files.enter_context(atomic_write(place(name)))


def _blob(path: Path, file: BufferedRandom, data: bytes = b"") -> Blob:
    """The blob of `file`, with `data` at its end."""
    file.seek(0, os.SEEK_END)
    file.write(data)
    return Blob(path.name, *hash_of(file))


def little(array: npt.NDArray[Any]) -> bytes:
    """The array's bytes, little-endian."""
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
