"""A probe is run: every input once, and all that the model puts out is written, tensor after tensor."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.evaluation.interpreter import Interpreter
from benchmarks.formats.archive import ArchiveReader
from benchmarks.formats.arrays import Blob
from benchmarks.formats.atomic import atomic_write, hash_of
from benchmarks.formats.errors import InputsError, ModelError
from benchmarks.formats.job import ProbeJob
from benchmarks.formats.probe_result import GivenTensor, OkProbe, ProbeBlobs
from benchmarks.runners.desktop import machine
from benchmarks.runners.desktop.execute import Reached, little, load
from benchmarks.runners.desktop.measure import JobProgress, run_once
from benchmarks.runners.desktop.prepare import tensor_input
from benchmarks.runners.desktop.verified import Locate, opened
from metadata.errors import ModelFileError
from metadata.graph import ITEM_BYTES
from metadata.reader import read_bytes
from metadata.tensors import DType


def probe(
    job: ProbeJob, locate: Locate, place: Callable[[str], Path], reached: Reached, progress: JobProgress
) -> "partial[OkProbe]":
    """The result of `job` with all tensors; arguments and errors as those of `execute`."""
    progress.check_cancelled()
    with opened("the model", job.model, locate, ModelError, reached.found_model) as file:
        data = file.read()
    with opened("the input archive", job.inputs, locate, InputsError, reached.found_inputs) as file:
        archive = ArchiveReader(file, job.inputs.count)
        reached.accelerator = machine.acceleration(job.accelerator, _node_count(data))
        (interpreter,) = load(job, data)
        dtype, shape = _input(interpreter)
        tensors = tuple(map(_given_tensor, interpreter.outputs))
        path = place("values")
        with atomic_write(path) as values:
            progress.total = job.inputs.count
            for name, entry in archive:
                progress.check_cancelled()
                run_once(interpreter, name, tensor_input(name, entry, dtype, shape))
                for number in range(len(interpreter.outputs)):
                    values.write(little(interpreter.value(number)))
                progress.done += 1
            blob = Blob(path.name, *hash_of(values))
    return partial(
        OkProbe,
        init_ns=interpreter.init_ns,
        inputs=job.inputs.count,
        tensors=tensors,
        blobs=ProbeBlobs(blob),
    )


def _node_count(data: bytes) -> int:
    try:
        return sum(operator.count for operator in read_bytes(data).file.operators)
    except ModelFileError as error:
        raise ModelError(f"the model cannot be read: {error}") from error


def _input(interpreter: Interpreter) -> tuple[str, tuple[int, ...]]:
    shape = tuple(map(int, interpreter.input["shape"]))
    if len(interpreter.inputs) != 1 or shape[:1] != (1,):
        name = interpreter.input["name"]
        raise ModelError(f"tensor {name!r} is {shape}, not 1 and 3 more sizes; make the probe again")
    return np.dtype(interpreter.input["dtype"]).name, shape[1:]


def _given_tensor(details: Mapping[str, Any]) -> GivenTensor:
    """An output as TensorFlow Lite describes it; ModelError where its values are none that a result has."""
    name, dtype = details["name"], np.dtype(details["dtype"]).name
    if dtype not in ITEM_BYTES:
        raise ModelError(f"tensor {name!r:.80} is {dtype}, which no runtime hands out; make the probe without it")
    scale, zero_point = details["quantization"]
    return GivenTensor(
        name=name,
        dtype=DType(dtype),
        shape=tuple(map(int, details["shape"])),
        scale=float(scale) or None,
        zero_point=int(zero_point) if scale else None,
    )
