"""The app's own job runner on the JVM, started by a virtual phone; JUnit holds every golden job, this the seam."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.formats.result import ErrorKind
from benchmarks.formats.results import encode, read_result
from benchmarks.runners import kotlin as room
from benchmarks.runners.kotlin import KotlinRunnerError, build, kotlin_runner, missing
from benchmarks.virtual_phone.runner import JobOutcome, JobRefusedError, JobRequest
from tests.benchmarks.conftest import Attach, Start
from tests.benchmarks.runner_jobs import ENDLESS, as_expected, failure, golden, probe_as_expected, written
from tests.golden.jobs.__main__ import FOLDER

pytestmark = pytest.mark.thorough

LACK = missing()
needs_java = pytest.mark.skipif(LACK is not None, reason=str(LACK))


@pytest.fixture(scope="session", autouse=True)
def jar() -> None:
    """Built once, before any phone waits for it."""
    if LACK is None:
        build()


def carried_out(request: JobRequest) -> JobOutcome:
    work = kotlin_runner(request)
    while True:
        try:
            next(work)
        except StopIteration as end:
            outcome: JobOutcome = end.value
            return outcome


@needs_java
@pytest.mark.parametrize("name", ["tensors_fp32", "tensors_fp16", "tensors_int8", "images_int8", "latency_image"])
def test_a_virtual_phone_runs_the_app_s_own_runner_as_the_desktop_runs_the_job(
    name: str, start: Start, attach: Attach, tmp_path: Path
) -> None:
    phone = attach(start(runner=kotlin_runner))
    job, theirs, ours = as_expected(phone, name, tmp_path)
    assert np.array_equal(theirs.outputs().argmax(axis=1), ours.outputs().argmax(axis=1))
    assert (theirs.fed() is None) == (not job.return_fed)
    if job.return_fed:
        assert np.array_equal(theirs.fed(), ours.fed())  # type: ignore[arg-type]  # both return them
    assert (theirs.result.runner.name, theirs.result.virtual) == ("kotlin-jvm", True)
    assert theirs.result.run is not None
    assert theirs.result.run.init_ns > 0
    assert theirs.result.job is not None
    assert theirs.result.job == replace(job, model=theirs.result.job.model)
    assert json.loads(theirs.path.read_bytes()) == json.loads(encode(theirs.result))  # the same fields, and no others


@needs_java
@pytest.mark.parametrize("name", ["probe_fp32", "probe_int8", "probe_types"])
def test_a_virtual_phone_s_own_runner_gives_the_tensors_that_a_golden_probe_expects(
    name: str, start: Start, attach: Attach, tmp_path: Path
) -> None:
    theirs = probe_as_expected(attach(start(runner=kotlin_runner)), name, tmp_path)
    assert theirs.result.runner.name == "kotlin-jvm"
    assert theirs.probe.init_ns > 0
    assert json.loads(theirs.path.read_bytes()) == json.loads(encode(theirs.result))  # the same fields, and no others


@needs_java
def test_the_runner_sees_no_file_that_the_phone_does_not_show_the_app(tmp_path: Path) -> None:
    folder = FOLDER / "images_fp32"

    def hidden(path: str) -> Path:
        if path.endswith("inputs.zip"):
            raise PermissionError(13, "Permission denied", path)
        return folder / "../../models/colour_fp32.tflite"

    outcome = carried_out(JobRequest(folder, tmp_path, {"job": "/data/local/tmp/job"}, hidden))
    assert outcome.result is not None
    error = failure(read_result(outcome.result, outcome.values["handset_sha256"]))
    assert error.kind is ErrorKind.INPUTS_REFUSED
    assert error.message == "the input archive inputs.zip is no file that is there; push it again"


@needs_java
def test_a_job_that_is_no_job_has_a_result_too(tmp_path: Path) -> None:
    (tmp_path / "job-7").mkdir()
    (tmp_path / "job-7" / "job.json").write_bytes(b"[")
    outcome = carried_out(JobRequest(tmp_path / "job-7", tmp_path / "files", {}, Path))
    assert outcome.values["handset_result"] == "files/job-7.result.json"
    assert outcome.result is not None
    assert failure(read_result(outcome.result)).kind is ErrorKind.JOB_REFUSED


@needs_java
def test_an_app_that_is_killed_leaves_no_result_and_the_next_one_sweeps(tmp_path: Path) -> None:
    job, locate = golden("latency_tensors", schedule=ENDLESS)
    work = kotlin_runner(JobRequest(written(tmp_path / "job", job), tmp_path / "out", {"job": ""}, locate))
    while next(work)["total"] == "0":  # until the model is loaded
        pass
    work.close()
    assert list((tmp_path / "out").glob("*.json")) == []
    assert list((tmp_path / "out").glob(".*.part")) != []
    again = JobRequest(
        FOLDER / "tensors_fp32", tmp_path / "out", {"job": ""}, lambda path: FOLDER / "tensors_fp32" / path
    )
    assert carried_out(again).values["handset_job"] == "tensors_fp32"
    assert list((tmp_path / "out").glob(".*.part")) == []


@needs_java
def test_no_place_for_a_result_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(JobRefusedError, match="the runner ended without a result: "):
        carried_out(JobRequest(FOLDER / "images_fp32", tmp_path / "file", {"job": "/"}, Path))


def test_a_machine_without_java_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(KotlinRunnerError, match="java is not on the path, and JAVA_HOME is not set; install a JDK 17"):
        build()
    with pytest.raises(JobRefusedError, match="java is not on the path"):
        carried_out(JobRequest(tmp_path, tmp_path, {}, Path))


@needs_java
def test_a_runner_whose_sources_are_newer_is_built_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stale = tmp_path / "old.jar"
    stale.write_bytes(b"")
    os.utime(stale, (0, 0))
    monkeypatch.setattr(room, "JAR", stale)
    monkeypatch.setattr(room, "PROJECT", tmp_path)
    monkeypatch.setattr(room, "_sources", lambda: iter([Path(__file__)]))
    with pytest.raises(KotlinRunnerError, match="Maven cannot build"):
        build()
