"""`handset.result/1`: what a job gave, raw, as `result.json` holds it. `results` has its binary files.

A failed job has a result too, without measurements. Nothing is summarised here. Whoever wrote the bytes may have been
killed, may be older, or may lie: whatever does not fit is a ResultError.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from benchmarks.formats.arrays import Blob, Blobs, TensorInfo
from benchmarks.formats.declared import Count, Declared, Line, Positive, Sha256, about
from benchmarks.formats.job import MAX_COUNT, Accelerator, Job, ProbeJob

MAX_SAMPLES = 1 << 27
NOT_KNOWN = "null where not known"


class ErrorKind(StrEnum):
    """Why a job failed."""

    JOB_REFUSED = "job-refused"
    MODEL_REFUSED = "model-refused"
    INPUTS_REFUSED = "inputs-refused"
    INPUT_FAILED = "input-failed"
    ACCELERATOR_FAILED = "accelerator-failed"
    OUT_OF_MEMORY = "out-of-memory"
    LIBRARY_NOT_LOADED = "library-not-loaded"
    """A native library is not for this device: for pages of 4 KB, or for another processor."""
    CANCELLED = "cancelled"
    INTERNAL = "internal"


class Failure(Declared, frozen=True):
    """Why there is no run, in one line."""

    kind: ErrorKind
    message: Line


class RunnerInfo(Declared, frozen=True):
    """Who ran the job."""

    name: Annotated[Line, about("`android`, `kotlin-jvm` or `desktop`")]
    version: Line
    debuggable: Annotated[bool | None, about("of the app; null where that means nothing")]


class Device(Declared, frozen=True, kw_only=True):
    """What the job ran on; None where not known."""

    manufacturer: Line | None
    model: Line | None
    soc: Line | None
    android: Line | None
    sdk: Count | None
    abi: Annotated[Line | None, about("as Android names processors, on a desktop too: `x86_64`, `arm64-v8a`")]
    fingerprint: Line | None
    page_bytes: Annotated[Positive | None, about("size of a page of memory: 16384 needs libraries built for it")] = None


UNKNOWN_DEVICE = Device(manufacturer=None, model=None, soc=None, android=None, sdk=None, abi=None, fingerprint=None)


class UsedRuntime(Declared, frozen=True):
    """The interpreter."""

    name: Line
    version: Line


class Acceleration(Declared, frozen=True):
    """What was asked for, what it became, and why. Nodes are those of the model's graph; None where not known."""

    asked: Accelerator
    obtained: Accelerator
    delegated_nodes: Annotated[Count | None, about("that the accelerator took; 0 on the CPU, XNNPACK or not")]
    total_nodes: Count | None
    reason: Annotated[Line | None, about("why it is not what was asked; null where it is")]
    partitions: Annotated[
        Count | None, about("parts of the graph between which data changes hands; null where not known")
    ] = None


class Memory(Declared, frozen=True):
    """What the process took."""

    peak_bytes: Annotated[Count | None, about("of the process")]


class State(Declared, frozen=True):
    """How the device was; None where not known."""

    battery_percent: Annotated[float, Meta(ge=0, le=100)] | None
    battery_celsius: Annotated[float, Meta(ge=-273.15, le=1000)] | None
    thermal_status: Annotated[int, Meta(ge=0, le=6, description="Android's, 0 (none) to 6 (shutdown)")] | None
    in_front: Annotated[bool | None, about("whether the measuring screen was resumed and had the window focus")] = None
    screen_on: Annotated[bool | None, about("whether the phone was awake, with its screen on")] = None


UNKNOWN_STATE = State(None, None, None)


class Result(Declared, frozen=True, kw_only=True, tag_field="status"):
    """What every result says. What a failed job did not reach is None."""

    job: Job | ProbeJob | None
    error: Annotated[Failure | None, about("of a failed job")]
    runner: RunnerInfo
    virtual: Annotated[bool, about("of a virtual phone, whose latency is never shown as a phone's")]
    device: Annotated[Device, about(NOT_KNOWN)]
    runtime: Annotated[UsedRuntime, about("the interpreter")]
    accelerator: Acceleration | None
    model_sha256: Annotated[Sha256 | None, about("of what was really mapped, which a failed job may not have named")]
    inputs_sha256: Annotated[Sha256 | None, about("of what was really read")]
    memory: Memory
    state_before: Annotated[State, about(NOT_KNOWN)]
    state_after: Annotated[State, about(NOT_KNOWN)]
    front_losses: Annotated[Count | None, about("how often the measuring screen lost the front in between")] = None
    started_at: Annotated[Line, about("UTC, ISO 8601")]
    duration_ns: Count

    def __post_init__(self) -> None:
        try:
            utc = datetime.fromisoformat(self.started_at).utcoffset()
        except ValueError:
            utc = None
        if utc != timedelta(0):
            raise ValueError(f"started_at is {self.started_at!r:.80}, not a UTC time in ISO 8601")

    @property
    def not_in_front(self) -> str | None:
        """Why its times are not those of an app in front; None where they are, and where that is not known.

        Android runs a process that is not in front on other cores and at other clocks (OomAdjuster: an instrumentation
        without a screen in front is in the default scheduling group).
        """
        before, after = self.state_before, self.state_after
        if before.screen_on is False or after.screen_on is False:
            return "the screen was off"
        if before.in_front is False:
            return "the app was not in front"
        if self.front_losses or after.in_front is False:
            return "the app left the front while it measured"
        return None

    @property
    def files(self) -> tuple[Blob, ...]:
        """Its binary files; none of a job that failed."""
        return ()

    @property
    def run(self) -> "OkResult | None":
        """The result as one with measurements; None where the job failed."""
        return self if isinstance(self, OkResult) else None


class OkResult(Result, frozen=True, kw_only=True, tag="ok"):
    """What a job that ended well measured. `inputs` and `samples` count rows of outputs and of timings."""

    format: Literal["handset.result/1"] = "handset.result/1"
    job: Annotated[Job, about("the job, as it was read")]
    error: None = None
    accelerator: Acceleration
    model_sha256: Sha256
    inputs_sha256: Sha256
    input: TensorInfo
    output: TensorInfo
    init_ns: Annotated[Count, about("load, delegate and allocate")]
    warmup_ns: Annotated[tuple[Count, ...], about("invoke times of the warm-ups, the first one first")]
    inputs: Annotated[int, Meta(ge=1, le=MAX_COUNT, description="evaluated inputs: the job's count, or 1 for latency")]
    samples: Annotated[int, Meta(ge=1, le=MAX_SAMPLES, description="timed runs: equal to `inputs` for evaluate")]
    blobs: Blobs
    end: Literal["handset.end"] = "handset.end"

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, tensor, rank in (("input", self.input, 3), ("output", self.output, 1)):
            if len(tensor.shape) != rank:
                raise ValueError(f"{name}.shape is {list(tensor.shape)!r:.80}, not {rank} sizes")

    @property
    def files(self) -> tuple[Blob, ...]:
        """Its binary files."""
        return self.blobs.all


class FailedResult(Result, frozen=True, kw_only=True, tag="failed"):
    """Why a job failed; everything that would have been measured is null."""

    format: Literal["handset.result/1"] = "handset.result/1"
    job: Annotated[Job | None, about("null when it could not be read")]
    error: Failure
    blobs: None = None
    end: Literal["handset.end"] = "handset.end"
