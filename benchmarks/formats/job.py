"""A job: one model × input archive × threads × accelerator × mode, as `job.json` holds it. Pure values, no device here.

docs/formats.md has `handset.job/1` field by field. A job that exists is right: whoever makes one, from JSON or not,
gets a JobError instead of a job that no phone could run.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from benchmarks.formats.errors import JobError
from benchmarks.formats.fields import INT64_MAX, LINE, SHA256, Fields

JOB_FORMAT = "handset.job/1"
JOB_FILE = "job.json"
LARGEST_JOB_BYTES = 1 << 20
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MAX_COUNT = 100_000
MAX_THREADS = 64
MAX_RUNS = 1_000_000
DAY_S = 86_400.0
REMEDY = "write the job again"


def _require(name: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise JobError(f"{name} is {value}, not from {low} to {high}; {REMEDY}")


def _require_file(name: str, path: str, sha256: str, size_bytes: int) -> None:
    if not LINE.fullmatch(path):
        raise JobError(f"{name}.path {path!r} is not a path; {REMEDY}")
    if not SHA256.fullmatch(sha256):
        raise JobError(f"{name}.sha256 {sha256!r} is not a lower-case hex sha256; {REMEDY}")
    _require(f"{name}.bytes", size_bytes, 1, INT64_MAX)


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


@dataclass(frozen=True, slots=True)
class JobModel:
    """A model as the runner finds it. `path` is absolute, or relative to the job's folder; as everywhere here."""

    path: str
    sha256: str
    size_bytes: int

    def __post_init__(self) -> None:
        _require_file("model", self.path, self.sha256, self.size_bytes)

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "sha256": self.sha256, "bytes": self.size_bytes}


@dataclass(frozen=True, slots=True)
class InputArchive:
    """A stored zip of `count` inputs as the runner finds it."""

    path: str
    sha256: str
    size_bytes: int
    kind: InputKind
    count: int

    def __post_init__(self) -> None:
        _require_file("inputs", self.path, self.sha256, self.size_bytes)
        _require("inputs.count", self.count, 1, MAX_COUNT)

    def to_json(self) -> dict[str, Any]:
        file = {"path": self.path, "sha256": self.sha256, "bytes": self.size_bytes}
        return {**file, "kind": str(self.kind), "count": self.count}


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often: at least so many runs and so many seconds of both; none is begun after `max_s`, of either.

    The defaults are those of Google's benchmark tool (tensorflow/lite/tools/benchmark).
    """

    warmup_runs: int = 1
    warmup_min_s: float = 0.5
    num_runs: int = 50
    min_s: float = 1.0
    max_s: float = 150.0

    def __post_init__(self) -> None:
        _require("warmup_runs", self.warmup_runs, 0, MAX_RUNS)
        _require("num_runs", self.num_runs, 0, MAX_RUNS)
        for name, value in (("warmup_min_secs", self.warmup_min_s), ("min_secs", self.min_s), ("max_secs", self.max_s)):
            _require(name, value, 0, DAY_S)

    def to_json(self) -> dict[str, Any]:
        return {
            "warmup_runs": self.warmup_runs,
            "warmup_min_secs": self.warmup_min_s,
            "num_runs": self.num_runs,
            "min_secs": self.min_s,
            "max_secs": self.max_s,
        }


ONCE = Schedule(warmup_runs=0, warmup_min_s=0, num_runs=0, min_s=0, max_s=0)
"""The schedule of every evaluation."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `schedule` is `ONCE` for an evaluation; `input_id` names the entry that a latency job runs."""

    id: str
    mode: Mode
    model: JobModel
    inputs: InputArchive
    schedule: Schedule
    input_id: str | None = None
    round: int = 0
    return_fed: bool = False
    threads: int = 1
    accelerator: Accelerator = Accelerator.CPU
    xnnpack: bool = True

    def __post_init__(self) -> None:
        if not is_id(self.id):
            raise JobError(f"job id {self.id!r} is not a letter or digit and up to 63 of A-Za-z0-9._-; {REMEDY}")
        _require("round", self.round, 0, INT64_MAX)
        _require("threads", self.threads, 1, MAX_THREADS)
        if self.mode is Mode.EVALUATE and (self.input_id is not None or self.schedule != ONCE):
            raise JobError(f"job {self.id}: an evaluation has no input_id, and 0 runs and seconds; {REMEDY}")
        if self.mode is Mode.LATENCY and (self.input_id is None or not self._is_timed):
            wanted = "an input_id, at least 1 run, and at most max_secs of warm-up and of runs"
            raise JobError(f"job {self.id}: a latency job needs {wanted}; {REMEDY}")

    @property
    def _is_timed(self) -> bool:
        times = self.schedule
        return times.num_runs >= 1 and 0 < times.max_s >= max(times.warmup_min_s, times.min_s)

    def to_json(self) -> dict[str, Any]:
        """The `job.json` object."""
        return {
            "format": JOB_FORMAT,
            "id": self.id,
            "mode": str(self.mode),
            "round": self.round,
            "model": self.model.to_json(),
            "inputs": self.inputs.to_json(),
            "input_id": self.input_id,
            "return_fed": self.return_fed,
            "threads": self.threads,
            "accelerator": str(self.accelerator),
            "xnnpack": self.xnnpack,
            **self.schedule.to_json(),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The job that `to_json` wrote; JobError when the record is of another format or cannot be right."""
        return cls._of(Fields.of(record, JOB_FILE, JobError, REMEDY))

    def encode(self) -> bytes:
        """The whole of `job.json`."""
        return (json.dumps(self.to_json(), indent=1) + "\n").encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The job in the bytes of a `job.json`; JobError for anything else."""
        if len(data) > LARGEST_JOB_BYTES:
            raise JobError(f"{JOB_FILE} has {len(data)} bytes, more than {LARGEST_JOB_BYTES}; {REMEDY}")
        return cls._of(Fields.parse(data, JOB_FILE, JobError, REMEDY))

    @classmethod
    def _of(cls, fields: Fields) -> Self:
        fields.format(JOB_FORMAT)
        model, inputs = fields.child("model"), fields.child("inputs")
        return cls(
            id=fields.text("id"),
            mode=fields.choice("mode", Mode),
            model=JobModel(*_file(model)),
            inputs=InputArchive(*_file(inputs), inputs.choice("kind", InputKind), inputs.integer("count")),
            schedule=Schedule(
                fields.integer("warmup_runs"),
                fields.number("warmup_min_secs", 0, DAY_S),
                fields.integer("num_runs"),
                fields.number("min_secs", 0, DAY_S),
                fields.number("max_secs", 0, DAY_S),
            ),
            input_id=fields.optional("input_id", fields.text),
            round=fields.integer("round"),
            return_fed=fields.flag("return_fed"),
            threads=fields.integer("threads"),
            accelerator=fields.choice("accelerator", Accelerator),
            xnnpack=fields.flag("xnnpack"),
        )


def is_id(text: str) -> bool:
    """Whether `text` can be a job's id, and so the start of a file's name: never a path, an option or hidden."""
    return ID.fullmatch(text) is not None


def read_job(folder: Path) -> Job:
    """The job in `folder`; JobError when there is none that can be read."""
    path = folder / JOB_FILE
    try:
        with path.open("rb") as file:
            return Job.decode(file.read(LARGEST_JOB_BYTES + 1))
    except OSError as error:
        raise JobError(f"{path} cannot be read, {error.strerror}; {REMEDY}") from error


def _file(fields: Fields) -> tuple[str, str, int]:
    return fields.text("path"), fields.sha256("sha256"), fields.integer("bytes")
