"""Files that version 1.0.0 wrote are read, with the values that they had."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from benchmarks.formats.job import Job
from benchmarks.formats.result import ErrorKind, decode, encode
from benchmarks.formats.results import SUFFIX, read_result

GOLDEN = Path(__file__).parents[2] / "golden"
WRITTEN = GOLDEN / "formats" / "1.0.0"
RESULTS = sorted(WRITTEN.rglob(f"*{SUFFIX}"))
JOBS = [path for path in sorted(GOLDEN.glob("jobs/*/job.json")) if not path.parent.name.startswith("fails_job")]


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.name.removesuffix(SUFFIX))
def test_a_result_is_read_and_written_as_it_was(path: Path) -> None:
    stored = read_result(path)
    assert json.loads(encode(stored.result)) == json.loads(path.read_bytes())
    if stored.result.run is not None:
        answers = stored.probabilities()
        assert answers.dtype == np.float32
        assert np.allclose(answers.sum(axis=1), 1, atol=0.02)


def test_why_a_job_failed_is_read() -> None:
    failed = [decode(path.read_bytes(), path.name) for path in RESULTS if path.name.startswith("fails_")]
    assert [one.error and one.error.kind for one in failed] == [ErrorKind.JOB_REFUSED, ErrorKind.INPUT_FAILED]


@pytest.mark.parametrize("path", JOBS, ids=lambda path: path.parent.name)
def test_a_job_is_read_and_written_as_it_was(path: Path) -> None:
    job = Job.decode(path.read_bytes())
    assert json.loads(job.encode()) == json.loads(path.read_bytes()) == msgspec.to_builtins(job)
