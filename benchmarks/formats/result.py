"""A result: what a job gave, raw. Pure values; `result_json` has their JSON, `results` their files.

docs/formats.md has `handset.result/1` field by field. A failed job has a result too: `run` is None and `error` says
why. Nothing is summarised here.
"""

from dataclasses import dataclass
from enum import StrEnum

from benchmarks.formats.job import Accelerator, Job


class ErrorKind(StrEnum):
    """Why a job failed."""

    JOB_REFUSED = "job-refused"
    MODEL_REFUSED = "model-refused"
    INPUTS_REFUSED = "inputs-refused"
    INPUT_FAILED = "input-failed"
    ACCELERATOR_FAILED = "accelerator-failed"
    OUT_OF_MEMORY = "out-of-memory"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


class TensorType(StrEnum):
    """Element types of a classifier's input and output."""

    FLOAT32 = "float32"
    UINT8 = "uint8"
    INT8 = "int8"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no run, in one line."""

    kind: ErrorKind
    message: str


@dataclass(frozen=True, slots=True)
class RunnerInfo:
    """Who ran the job: `android`, `kotlin-jvm` or `desktop`. `debuggable` is None where that means nothing."""

    name: str
    version: str
    debuggable: bool | None


@dataclass(frozen=True, slots=True)
class Device:
    """What the job ran on; None where not known."""

    manufacturer: str | None = None
    model: str | None = None
    soc: str | None = None
    android: str | None = None
    sdk: int | None = None
    abi: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class UsedRuntime:
    """The interpreter."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Acceleration:
    """What was asked for, what it became, and why. Nodes are those of the model's graph; None where not known."""

    asked: Accelerator
    obtained: Accelerator
    delegated_nodes: int | None
    total_nodes: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class State:
    """How the device was; None where not known. `thermal_status` is Android's 0 (none) to 6 (shutdown)."""

    battery_percent: float | None = None
    battery_celsius: float | None = None
    thermal_status: int | None = None


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """A tensor without its batch axis: (height, width, channels) or (labels,). `scale` is None for float32."""

    dtype: TensorType
    shape: tuple[int, ...]
    scale: float | None
    zero_point: int | None


@dataclass(frozen=True, slots=True)
class Blob:
    """A binary file beside the result. `path` is its bare name."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a job that ended well measured. `inputs` and `samples` count rows of outputs and of timings."""

    input: TensorInfo
    output: TensorInfo
    init_ns: int
    warmup_ns: tuple[int, ...]
    inputs: int
    samples: int
    outputs: Blob
    timings: Blob
    fed: Blob | None


@dataclass(frozen=True, slots=True)
class Result:
    """One result; either `run` or `error` is None. What a failed job did not reach is None."""

    job: Job | None
    error: Failure | None
    runner: RunnerInfo
    virtual: bool
    device: Device
    runtime: UsedRuntime
    accelerator: Acceleration | None
    model_sha256: str | None
    inputs_sha256: str | None
    peak_bytes: int | None
    state_before: State
    state_after: State
    started_at: str
    duration_ns: int
    run: Run | None
