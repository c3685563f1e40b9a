"""How the app of a persona ends a job: in the background, or without its native library. It wraps the job runner."""

import hashlib
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from benchmarks.formats.job import read_job
from benchmarks.formats.probe_result import failed_result
from benchmarks.formats.result import (
    UNKNOWN_DEVICE,
    UNKNOWN_STATE,
    ErrorKind,
    Failure,
    Memory,
    Result,
    RunnerInfo,
    UsedRuntime,
)
from benchmarks.formats.results import SUFFIX, decode, encode
from benchmarks.virtual_phone.runner import JobOutcome, JobRequest, Status

Work = Generator[Status, None, JobOutcome]


def in_background(work: Work) -> Work:
    """The same job, whose result says that its screen was never in front."""
    outcome = yield from work
    if outcome.result is None:
        return outcome
    result = decode(outcome.result.read_bytes(), outcome.result.name)
    states = {name: replace(getattr(result, name), in_front=False) for name in ("state_before", "state_after")}
    return _written(replace(result, **states), outcome.result, outcome)


def without_library(request: JobRequest, error: str) -> Work:
    """A job that fails because the app's native library does not load, with what Java says of it."""
    job = read_job(request.job)
    yield {"done": "0", "total": "0"}
    result = failed_result(job)(
        job=job,
        error=Failure(ErrorKind.LIBRARY_NOT_LOADED, error),
        runner=RunnerInfo("desktop", "1", None),
        virtual=True,
        device=UNKNOWN_DEVICE,
        runtime=UsedRuntime("TensorFlow Lite", "not loaded"),
        accelerator=None,
        model_sha256=None,
        inputs_sha256=None,
        memory=Memory(None),
        state_before=UNKNOWN_STATE,
        state_after=UNKNOWN_STATE,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        duration_ns=0,
    )
    request.files.mkdir(parents=True, exist_ok=True)
    path = request.files / f"{job.id}{SUFFIX}"
    return _written(result, path, JobOutcome({"handset_job": job.id, "handset_result": f"files/{path.name}"}, path))


def _written(result: Result, path: Path, outcome: JobOutcome) -> JobOutcome:
    """The outcome of `result`, which is now at `path`."""
    data = encode(result)
    path.write_bytes(data)
    return JobOutcome({**outcome.values, "handset_sha256": hashlib.sha256(data).hexdigest()}, path)
