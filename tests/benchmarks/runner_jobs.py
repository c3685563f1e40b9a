"""Golden jobs for the desktop runner, changed and run."""

import hashlib
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.job import JOB_FILE, Job, Schedule, read_job
from benchmarks.result import Failure
from benchmarks.results import StoredResult, read_result
from benchmarks.virtual_phone.runner import Status
from tests.golden.jobs.__main__ import FOLDER, MODELS
from tests.golden.jobs.cases import stored

ENDLESS = Schedule(warmup_runs=0, warmup_min_s=0, num_runs=1, min_s=3600, max_s=7200)


def finished(work: Generator[Status, None, Path]) -> StoredResult:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return read_result(end.value)


def written(folder: Path, job: Job) -> Path:
    """A folder for `job`, whose relative paths then lead from a golden one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / JOB_FILE).write_bytes(job.encode())
    return folder


def golden(name: str, **changes: Any) -> tuple[Job, Any]:
    """A golden job with some fields changed, and where its files are."""
    return replace(read_job(FOLDER / name), **changes), lambda path: FOLDER / name / path


def with_inputs(folder: Path, name: str, entries: Mapping[str, bytes]) -> Path:
    """The folder of a golden job that runs other entries."""
    archive = stored(entries)
    folder.mkdir()
    (folder / "inputs.zip").write_bytes(archive)
    job, _ = golden(name)
    inputs = replace(
        job.inputs, sha256=hashlib.sha256(archive).hexdigest(), size_bytes=len(archive), count=len(entries)
    )
    model = replace(job.model, path=str(MODELS / Path(job.model.path).name))
    return written(folder, replace(job, inputs=inputs, model=model))


def failure(stored_result: StoredResult) -> Failure:
    assert stored_result.result.error is not None
    return stored_result.result.error
