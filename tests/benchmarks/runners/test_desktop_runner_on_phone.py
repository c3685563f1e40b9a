"""The desktop runner as a virtual phone's app: pushed to, instrumented, read from."""

from pathlib import Path

import numpy as np

from benchmarks.formats.job import Mode
from benchmarks.formats.result import ErrorKind, Failure
from benchmarks.runners.desktop.runner import desktop_runner
from tests.benchmarks.conftest import APP, Attach, Start
from tests.benchmarks.runner_jobs import ENDLESS, failure, fetched, golden, instrumented, pushed
from tests.golden.jobs.__main__ import FOLDER, result_of


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
