"""`handset.job/1` and `/2`: one model × input archive × threads × accelerator, as `job.json` holds it. No device here.

The first measures, the second fetches a model's tensors. What is read, and what `encode` writes, is right; a JobError
says what is not.
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, cast

from msgspec import Meta, field

from benchmarks.formats.declared import Count, Declared, Line, Positive, Sha256, about, indented, read, text, write
from benchmarks.formats.errors import JobError

JOB_FORMAT, PROBE_FORMAT = "handset.job/1", "handset.job/2"
JOB_FILE = "job.json"
LARGEST_JOB_BYTES = 1 << 20
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MAX_COUNT = 100_000
MAX_THREADS = 64
MAX_RUNS = 1_000_000
DAY_S = 86_400.0
REMEDY = "write the job again"

JobId = Annotated[str, text(ID.pattern, "a letter or digit and up to 63 of A-Za-z0-9._-")]
Threads = Annotated[int, Meta(ge=1, le=MAX_THREADS, description="interpreter threads")]
Runs = Annotated[int, Meta(ge=0, le=MAX_RUNS)]
Seconds = Annotated[float, Meta(ge=0, le=DAY_S)]


class Mode(StrEnum):
    """What is done with the inputs."""

    EVALUATE = "evaluate"
    """Every input once, in the archive's order."""
    LATENCY = "latency"
    """One named input, again and again."""


class InputKind(StrEnum):
    """What the entries of an input archive are."""

    TENSORS = "tensors"
    """Raw input tensors in the model's own type, preprocessed already."""
    IMAGES = "images"
    """Encoded pictures, or `*.raw` pixels of the model's size; the runner preprocesses them."""


class Accelerator(StrEnum):
    """What a model is asked to run on."""

    CPU = "cpu"
    GPU = "gpu"
    NNAPI = "nnapi"


class JobModel(Declared, frozen=True):
    """A model as the runner finds it."""

    path: Annotated[Line, about("absolute, or relative to the job's folder")]
    sha256: Annotated[Sha256, about("the runner hashes what it maps and refuses anything else")]
    size_bytes: Positive = field(name="bytes")


class InputArchive(Declared, frozen=True):
    """A stored zip of inputs as the runner finds it."""

    path: Annotated[Line, about("absolute, or relative to the job's folder")]
    sha256: Annotated[Sha256, about("verified as the model's is")]
    size_bytes: Positive = field(name="bytes")
    kind: Annotated[
        InputKind, about("`tensors`: preprocessed already; `images`: the runner preprocesses them; see below")
    ]
    count: Annotated[int, Meta(ge=1, le=MAX_COUNT, description="how many entries the archive must have")]


class Schedule(Declared, frozen=True):
    """How often: at least so many runs and so many seconds of both; none is begun after `max_s`, of either."""

    warmup_runs: Annotated[Runs, about("before anything is timed: at least so many runs; evaluate: 0")]
    warmup_min_s: Annotated[Seconds, about("and at least so many seconds; evaluate: 0")] = field(name="warmup_min_secs")
    num_runs: Annotated[Runs, about("timed runs, at least; latency: at least 1; evaluate: 0")]
    min_s: Annotated[Seconds, about("timed seconds, at least; evaluate: 0")] = field(name="min_secs")
    max_s: Annotated[Seconds, about("no run of either phase begins after so long; evaluate: 0")] = field(
        name="max_secs"
    )

    def __post_init__(self) -> None:
        if self.max_s < max(self.warmup_min_s, self.min_s):
            least = f"{self.warmup_min_s:g} and {self.min_s:g}"
            raise ValueError(f"at most {self.max_s:g} s of warm-up and of runs are fewer than at least {least} s")


GOOGLE_SCHEDULE = Schedule(warmup_runs=1, warmup_min_s=0.5, num_runs=50, min_s=1.0, max_s=150.0)
"""The defaults of Google's benchmark tool (tensorflow/lite/tools/benchmark)."""
ONCE = Schedule(warmup_runs=0, warmup_min_s=0, num_runs=0, min_s=0, max_s=0)
"""The schedule of every evaluation."""


class Job(Schedule, frozen=True, kw_only=True, tag_field="format", tag=JOB_FORMAT):
    """One job; its schedule's fields are among its own."""

    id: Annotated[JobId, about("unique; names the result")]
    mode: Annotated[Mode, about("`evaluate`: every input once, in the archive's order; `latency`: one again and again")]
    round: Annotated[Count, about("the host's order of jobs: variants are interleaved in rounds")]
    model: Annotated[JobModel, about("the model on the phone")]
    inputs: Annotated[InputArchive, about("a stored zip on the phone")]
    input_id: Annotated[Line | None, about("`latency`: the entry to run; `evaluate`: null")]
    return_fed: Annotated[bool, about("also return the tensors that the model was fed")]
    threads: Threads
    accelerator: Annotated[Accelerator, about("asked for")]
    xnnpack: Annotated[bool, about("whether the CPU may use XNNPACK")]

    def __post_init__(self) -> None:
        is_scheduled = any(getattr(self, name) for name in Schedule.__struct_fields__)
        if self.mode is Mode.EVALUATE and (self.input_id is not None or is_scheduled):
            raise ValueError(f"job {self.id}: an evaluation has no input_id, and 0 runs and seconds")
        if self.mode is Mode.LATENCY and (self.input_id is None or self.num_runs < 1 or self.max_s <= 0):
            raise ValueError(f"job {self.id}: a latency job needs an input_id, at least 1 run, and max_secs above 0")
        super().__post_init__()

    @property
    def schedule(self) -> Schedule:
        """How often its model is run."""
        return Schedule(**{name: getattr(self, name) for name in Schedule.__struct_fields__})

    def encode(self) -> bytes:
        """The whole of `job.json`; JobError when no phone could run the job."""
        return indented(write(self, JOB_FILE, JobError, REMEDY))


class ProbeJob(Declared, frozen=True, kw_only=True, tag_field="format", tag=PROBE_FORMAT):
    """A job that fetches all outputs of a model for every input, in the archive's order, from one interpreter.

    The model is a copy that puts out its intermediate tensors too; `metadata.probes` makes it.
    """

    id: Annotated[JobId, about("unique; names the result")]
    mode: Literal["probe"] = "probe"
    model: Annotated[JobModel, about("the model on the phone")]
    inputs: Annotated[InputArchive, about("a stored zip of tensors on the phone")]
    threads: Threads
    accelerator: Annotated[Accelerator, about("asked for")]
    xnnpack: Annotated[bool, about("whether the CPU may use XNNPACK")]

    def __post_init__(self) -> None:
        if self.inputs.kind is not InputKind.TENSORS:
            raise ValueError(f"job {self.id}: a probe takes tensors, not {self.inputs.kind}")

    def encode(self) -> bytes:
        """The whole of `job.json`; JobError when no phone could run the job."""
        return indented(write(self, JOB_FILE, JobError, REMEDY))


def is_id(text: str) -> bool:
    """Whether `text` can be a job's id, and so the start of a file's name: never a path, an option or hidden."""
    return ID.fullmatch(text) is not None


def decode_job(data: bytes) -> Job | ProbeJob:
    """The job in the bytes of a `job.json`; JobError for anything else."""
    if len(data) > LARGEST_JOB_BYTES:
        raise JobError(f"{JOB_FILE} has {len(data)} bytes, more than {LARGEST_JOB_BYTES}; {REMEDY}")
    return read(data, cast("type[Job | ProbeJob]", Job | ProbeJob), JOB_FILE, JobError, REMEDY)


def read_job(folder: Path) -> Job | ProbeJob:
    """The job in `folder`; JobError when there is none that can be read."""
    path = folder / JOB_FILE
    try:
        with path.open("rb") as file:
            return decode_job(file.read(LARGEST_JOB_BYTES + 1))
    except OSError as error:
        raise JobError(f"{path} cannot be read, {error.strerror}; {REMEDY}") from error
