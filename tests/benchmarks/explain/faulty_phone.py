"""A virtual phone that computes one layer of every model wrongly and does not notice: as if its runtime were broken.

Its runner is given a faulty copy of the file that lies on the phone, with a job that names this copy, so that it finds
what its job says. The result then names the job and the file that the host asked for. A probe has the operators of its
model, so the fault is in the same place of both.
"""

import posixpath
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import structs

from benchmarks.formats.job import JOB_FILE, JobModel, read_job
from benchmarks.formats.results import encode, read_result
from benchmarks.runners.desktop.runner import outcome_of
from benchmarks.virtual_phone.runner import JobOutcome, JobRequest, JobRunner, Status
from metadata.hashes import sha256_of
from tests.benchmarks.explain.faulty_models import faulty


def faulty_phone(runner: JobRunner, fault: str, operator: int) -> JobRunner:
    """`runner` with that fault in one operator of whatever it runs, by its place among all operators."""

    def run(request: JobRequest, /) -> Generator[Status, None, JobOutcome]:
        job, here = read_job(request.job), request.arguments["job"]
        path = posixpath.normpath(posixpath.join(here, job.model.path))
        with TemporaryDirectory() as folder:
            model, given = Path(folder, "model.tflite"), Path(folder, job.id)
            model.write_bytes(faulty(request.locate(path).read_bytes(), fault, operator))
            given.mkdir()
            there = JobModel(job.model.path, sha256_of(model), model.stat().st_size)
            (given / JOB_FILE).write_bytes(structs.replace(job, model=there).encode())

            def locate(asked: str) -> Path:
                return model if asked == path else request.locate(asked)

            outcome = yield from runner(replace(request, job=given, locate=locate))
        assert outcome.result is not None
        result = read_result(outcome.result).result
        outcome.result.write_bytes(encode(structs.replace(result, job=job, model_sha256=job.model.sha256)))
        return JobOutcome(outcome_of(outcome.result, request.files), outcome.result)

    return run
