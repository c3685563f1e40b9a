"""Results on disk: read one and prove it whole, then its numbers as arrays. No TensorFlow, no device here.

Exit codes and log lines are not evidence. A result counts when its end marker is there, its hash is the one that was
reported, every binary file has its size and hash, and the counts fit the job; until then there is no number.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.formats import fit
from benchmarks.formats.arrays import Blob
from benchmarks.formats.declared import indented, read, write
from benchmarks.formats.errors import ResultError
from benchmarks.formats.job import Job, ProbeJob
from benchmarks.formats.probe_result import RESULT_FORMAT as PROBE_FORMAT
from benchmarks.formats.probe_result import FailedProbe, GivenTensor, OkProbe, ProbeResult
from benchmarks.formats.result import FailedResult, OkResult, Result
from metadata.probabilities import probabilities

SUFFIX = ".result.json"
END = "handset.end"
REMEDY = "run the job again"
LARGEST_RESULT_BYTES = 256 << 20
TIMED_STAGES = 3


class Timings(NamedTuple):
    """Nanoseconds of every timed run, int64 (samples,) each; 0 where a stage does not exist."""

    decode_ns: npt.NDArray[np.int64]
    preprocess_ns: npt.NDArray[np.int64]
    invoke_ns: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result that `read_result` found whole, at `path`. Of a failed one, only `result` can be had.

    The binary files are read again, and verified again, whenever they are asked for.
    """

    path: Path
    result: Result

    @property
    def run(self) -> OkResult:
        """What was measured; ResultError with the job's own error when it failed."""
        if not isinstance(self.result, OkResult):
            raise self._failed()
        return self.result

    @property
    def probe(self) -> OkProbe:
        """The tensors of a probe; ResultError with the job's own error when it failed."""
        if not isinstance(self.result, OkProbe):
            raise self._failed()
        return self.result

    def _failed(self) -> ResultError:
        failure = self.result.error
        why = "it is the result of another kind of job" if failure is None else f"{failure.kind}: {failure.message}"
        return ResultError(f"{self.path.name}: {why}; {REMEDY}")

    def outputs(self) -> npt.NDArray[Any]:
        """Raw outputs, (inputs, outputs) in the output's own type."""
        return self._array(self.run.blobs.outputs, self.run.output.dtype).reshape(self.run.inputs, -1)

    def probabilities(self) -> npt.NDArray[np.float32]:
        """The probability of each label, float32 (inputs, labels); of one output, both labels' probabilities."""
        return probabilities(self.outputs(), self.run.output.scale, self.run.output.zero_point)

    def timings(self) -> Timings:
        """How long each stage of each timed run took."""
        rows = self._array(self.run.blobs.timings, "int64").reshape(self.run.samples, TIMED_STAGES)
        return Timings(*(np.ascontiguousarray(rows[:, stage]) for stage in range(TIMED_STAGES)))

    def fed(self) -> npt.NDArray[Any] | None:
        """The tensors that the model was fed, (inputs, height, width, channels); None where nobody asked for them."""
        if self.run.blobs.fed is None:
            return None
        return self._array(self.run.blobs.fed, self.run.input.dtype).reshape(self.run.inputs, *self.run.input.shape)

    def values(self) -> Iterator["StoredTensors"]:
        """A probe's tensors, input by input, each in the order of `probe.tensors`."""
        blob, tensors = self.probe.blobs.values, self.probe.tensors
        _require_whole(self, blob)
        whole = sum(tensor.size_bytes for tensor in tensors)
        for number in range(self.probe.inputs):
            yield StoredTensors(self.path.parent / blob.path, number * whole, tensors)

    def _array(self, blob: Blob, dtype: str) -> npt.NDArray[Any]:
        try:
            data = (self.path.parent / blob.path).read_bytes()
        except OSError as error:
            raise ResultError(f"{blob.path} cannot be read, {error.strerror}; {REMEDY}") from error
        if hashlib.sha256(data).hexdigest() != blob.sha256:
            raise ResultError(f"{blob.path} has changed since it was written; {REMEDY}")
        return np.frombuffer(data, _little(dtype))


@dataclass(frozen=True, slots=True)
class StoredTensors(Sequence[npt.NDArray[Any]]):
    """What a probe gave for one input, batch axis included; `start` is where that begins in the file.

    A tensor is read whenever it is asked for: all of a model's are many megabytes.
    """

    path: Path
    start: int
    tensors: tuple[GivenTensor, ...]

    def __len__(self) -> int:
        return len(self.tensors)

    def __getitem__(self, place: int) -> npt.NDArray[Any]:  # type: ignore[override]  # nobody asks for a slice
        tensor = self.tensors[place]
        dtype, count = _little(str(tensor.dtype)), math.prod(tensor.shape)
        offset = self.start + sum(one.size_bytes for one in self.tensors[:place])
        return np.fromfile(self.path, dtype, count, offset=offset).reshape(tensor.shape)


def _little(dtype: str) -> np.dtype[Any]:
    return np.dtype(dtype).newbyteorder("<")


class _Ending(msgspec.Struct):
    """What says of a result which kind it is, and that it is whole."""

    format: object = None
    end: object = None


def encode(result: Result) -> bytes:
    """The whole of `result.json`; no field is ever left out."""
    data = write(result, "the result", ResultError, REMEDY)
    kind = OkProbe if isinstance(result, ProbeResult) else OkResult
    every = dict.fromkeys(kind.__struct_encode_fields__)
    return indented(msgspec.json.encode(every | msgspec.json.decode(data)))


def decode(data: bytes, name: str) -> Result:
    """The result that `encode` wrote; ResultError, which calls it `name`, for anything else."""
    if len(data) > LARGEST_RESULT_BYTES:
        raise ResultError(f"{name} has {len(data)} bytes, more than {LARGEST_RESULT_BYTES}; {REMEDY}")
    ending = read(data, _Ending, name, ResultError, REMEDY)
    if ending.end != END:
        raise ResultError(f"{name} has no end marker, its runner did not finish; {REMEDY}")
    kinds = OkProbe | FailedProbe if ending.format == PROBE_FORMAT else OkResult | FailedResult
    return read(data, cast("type[Result]", kinds), name, ResultError, REMEDY)


def read_result(path: Path, expected_sha256: str | None = None, job: Job | ProbeJob | None = None) -> StoredResult:
    """The result at `path`, proved whole.

    `expected_sha256` is the hash that the runner reported, `job` the job that was asked for. ResultError, one line,
    for anything that is not what docs/formats.md says; a job that failed is a result like any other.
    """
    data = _read(path)
    if expected_sha256 is not None and hashlib.sha256(data).hexdigest() != expected_sha256:
        raise ResultError(f"{path.name} is not the file that its runner reported; {REMEDY}")
    result = decode(data, path.name)
    if job is not None and result.job is not None and result.job != job:
        raise ResultError(f"{path.name} is of another job than {job.id}; {REMEDY}")
    stored = StoredResult(path, result)
    if isinstance(result, OkResult | OkProbe):
        misfit = fit.inconsistency(result)
        if misfit is not None:
            raise ResultError(f"{path.name}: {misfit}; {REMEDY}")
        _verify(stored)
    return stored


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_RESULT_BYTES + 1)
    except OSError as error:
        raise ResultError(f"{path} cannot be read, {error.strerror}; {REMEDY}") from error


def _verify(stored: StoredResult) -> None:
    for blob in stored.result.files:
        _require_whole(stored, blob)
    if stored.result.run is not None and any((stage < 0).any() for stage in stored.timings()):
        raise ResultError(f"{stored.path.name}: {stored.run.blobs.timings.path} holds negative times; {REMEDY}")


def _require_whole(stored: StoredResult, blob: Blob) -> None:
    if problem := _problem(stored.path.parent / blob.path, blob):
        raise ResultError(f"{stored.path.name}: {blob.path} {problem}; {REMEDY}")


def _problem(path: Path, blob: Blob) -> str | None:
    """What is wrong with a binary file, read block by block; None when nothing is."""
    try:
        size_bytes = path.stat().st_size
        if size_bytes != blob.size_bytes:
            return f"has {size_bytes} bytes instead of {blob.size_bytes}"
        with path.open("rb") as file:
            return None if hashlib.file_digest(file, "sha256").hexdigest() == blob.sha256 else "has another sha256"
    except OSError as error:
        return f"cannot be read, {error.strerror}"
