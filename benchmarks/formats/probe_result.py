"""`handset.result/2`: all tensors that a model put out for a few inputs, as `result.json` holds it.

`results` has the numbers.
"""

import math
from collections.abc import Callable
from typing import Annotated, Literal

from msgspec import Meta

from benchmarks.formats.arrays import FLOAT32_MAX, Blob
from benchmarks.formats.declared import Count, Declared, Sha256, Text, about
from benchmarks.formats.job import MAX_COUNT, Job, ProbeJob
from benchmarks.formats.result import Acceleration, FailedResult, Failure, Result
from metadata.graph import ITEM_BYTES
from metadata.probes import MAX_BYTES
from metadata.tensors import DType

RESULT_FORMAT = "handset.result/2"
MAX_RANK = 8
Side = Annotated[int, Meta(ge=1, le=MAX_BYTES)]


class GivenTensor(Declared, frozen=True, kw_only=True):
    """A tensor that the runtime gave, as it calls it."""

    name: Text
    dtype: DType
    shape: Annotated[tuple[Side, ...], Meta(min_length=1, max_length=MAX_RANK, description="with the batch axis")]
    scale: Annotated[
        Annotated[float, Meta(gt=0, le=FLOAT32_MAX)] | None, about("null where it has no single scale: plain numbers")
    ]
    zero_point: Annotated[int, Meta(ge=-(1 << 31), lt=1 << 31)] | None

    def __post_init__(self) -> None:
        if self.dtype not in ITEM_BYTES:
            raise ValueError(f"tensor {self.name!r:.80} is {self.dtype}, which no runtime hands out")
        if (self.scale is None) is not (self.zero_point is None):
            raise ValueError(f"tensor {self.name!r:.80} has scale {self.scale} and zero_point {self.zero_point}")

    @property
    def size_bytes(self) -> int:
        """What its values take for one input."""
        return math.prod(self.shape) * ITEM_BYTES[self.dtype]


class ProbeBlobs(Declared, frozen=True):
    """The binary file of a probe that ended well."""

    values: Annotated[Blob, about("raw, little-endian: for each input in the archive's order, each of `tensors`")]


class ProbeResult(Result, frozen=True, kw_only=True):
    """What every result of a probe says."""

    format: Literal["handset.result/2"] = "handset.result/2"
    job: Annotated[ProbeJob | None, about("the job, as it was read")]


class OkProbe(ProbeResult, frozen=True, kw_only=True, tag="ok"):
    """The tensors of a probe that ended well; `blobs.values` has the numbers."""

    job: ProbeJob
    error: None = None
    accelerator: Acceleration
    model_sha256: Sha256
    inputs_sha256: Sha256
    init_ns: Annotated[Count, about("load, delegate and allocate")]
    inputs: Annotated[int, Meta(ge=1, le=MAX_COUNT, description="how many; the job's count")]
    tensors: Annotated[tuple[GivenTensor, ...], Meta(min_length=1, description="all outputs, in the model's order")]
    blobs: ProbeBlobs
    end: Literal["handset.end"] = "handset.end"

    @property
    def files(self) -> tuple[Blob, ...]:
        """Its binary files."""
        return (self.blobs.values,)


class FailedProbe(ProbeResult, frozen=True, kw_only=True, tag="failed"):
    """Why a probe failed; everything that would have been measured is null."""

    error: Failure
    blobs: None = None
    end: Literal["handset.end"] = "handset.end"


def failed_result(job: Job | ProbeJob | None) -> Callable[..., Result]:
    """The kind of result of this job where it fails; that of a job that could not be read is of version 1."""
    return FailedProbe if isinstance(job, ProbeJob) else FailedResult
