"""The desktop runner as a virtual phone's app: pushed to, instrumented, read from."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.desktop_runner.runner import desktop_runner
from benchmarks.job import JOB_FILE, Job, Mode
from benchmarks.link.phone import AdbPhone
from benchmarks.result import ErrorKind, Failure
from benchmarks.results import StoredResult, read_result
from tests.benchmarks.conftest import APP, Attach, Start
from tests.benchmarks.runner_jobs import ENDLESS, failure, golden
from tests.golden.jobs.__main__ import FOLDER, result_of

PHONE_JOBS = "/data/local/tmp/handset/jobs"


def pushed(phone: AdbPhone, job: Job, locate: Any) -> str:
    """The job's folder on the phone, the model beside it and not in it."""
    folder, model = f"{PHONE_JOBS}/{job.id}", "/data/local/tmp/handset/model.tflite"
    phone.push(locate(job.model.path), model)
    phone.push(locate(job.inputs.path), f"{folder}/inputs.zip")
    phone.push(replace(job, model=replace(job.model, path=model)).encode(), f"{folder}/{JOB_FILE}")
    return folder


def instrumented(phone: AdbPhone, folder: str) -> dict[str, str]:
    """What `am instrument` reports as its result."""
    lines = list(phone.stream(["am", "instrument", "-w", "-r", "-e", "job", folder, f"{APP}/.Runner"], 60))
    results = [line.removeprefix("INSTRUMENTATION_RESULT: ") for line in lines if "_RESULT: " in line]
    assert "INSTRUMENTATION_STATUS: done=0" in lines or lines[-1] == "INSTRUMENTATION_CODE: 0"
    return dict(line.split("=", 1) for line in results)


def fetched(phone: AdbPhone, reported: Mapping[str, str], folder: Path) -> StoredResult:
    """The result with its binary files, read as the host reads them, into `folder`."""
    path = folder / Path(reported["handset_result"]).name
    path.write_bytes(phone.read(reported["handset_result"], run_as=APP))
    for blob in (json.loads(path.read_bytes())["blobs"] or {}).values():
        if blob is not None:
            (folder / blob["path"]).write_bytes(phone.read(f"files/{blob['path']}", run_as=APP))
    return read_result(path, reported["handset_sha256"])


def test_a_virtual_phone_runs_a_job_and_hands_its_result_back(start: Start, attach: Attach, tmp_path: Path) -> None:
    phone = attach(start(runner=desktop_runner))
    job, locate = golden("images_int8")
    reported = instrumented(phone, pushed(phone, job, locate))
    assert reported["handset_job"] == "images_int8"
    stored_result = fetched(phone, reported, tmp_path)
    assert np.array_equal(stored_result.outputs(), result_of(FOLDER / "images_int8", tmp_path / "here").outputs())
    assert stored_result.result.virtual


def test_a_virtual_phone_reports_a_failed_job_as_a_result(start: Start, attach: Attach, tmp_path: Path) -> None:
    phone = attach(start(runner=desktop_runner))
    job, locate = golden("images_int8")
    folder = pushed(phone, job, locate)
    phone.check(["rm", "-f", f"{folder}/inputs.zip"])
    error = failure(fetched(phone, instrumented(phone, folder), tmp_path))
    assert error == Failure(
        ErrorKind.INPUTS_REFUSED,
        "the input archive inputs.zip cannot be read, No such file or directory; push it again",
    )


def test_an_app_that_is_killed_leaves_no_result(start: Start, attach: Attach) -> None:
    virtual = start("killed-for-memory=1", runner=desktop_runner)
    phone = attach(virtual)
    job, locate = golden("latency_image", schedule=ENDLESS)
    assert job.mode is Mode.LATENCY
    assert instrumented(phone, pushed(phone, job, locate)) == {"shortMsg": "Process crashed."}
    assert list((virtual.state.sandbox.root / "data/data" / APP / "files").iterdir()) == []
