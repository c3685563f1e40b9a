"""The desktop runner: the golden jobs ask what it answers, this asks how it behaves, alone and on a virtual phone."""

import errno
import hashlib
import json
import os
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.desktop_runner.execute import load
from benchmarks.desktop_runner.runner import desktop_runner, run
from benchmarks.errors import StorageError
from benchmarks.job import JOB_FILE, Job, Mode, Schedule, read_job
from benchmarks.link.phone import AdbPhone
from benchmarks.result import ErrorKind, Failure
from benchmarks.results import StoredResult, read_result
from benchmarks.virtual_phone.runner import JobRefusedError, JobRequest, Status
from tests.benchmarks.conftest import APP, Attach, Start
from tests.golden.jobs.__main__ import FOLDER, MODELS, result_of
from tests.golden.jobs.cases import pictures, stored

ENDLESS = Schedule(warmup_runs=0, warmup_min_s=0, num_runs=1, min_s=3600, max_s=7200)
PHONE_JOBS = "/data/local/tmp/handset/jobs"


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


def test_two_threads_answer_as_one_does_in_the_archive_s_order(tmp_path: Path) -> None:
    job, locate = golden("images_fp32", threads=2)
    two = finished(run(written(tmp_path / "job", job), tmp_path / "out", locate))
    one = result_of(FOLDER / "images_fp32", tmp_path / "one")
    assert np.allclose(two.outputs(), one.outputs(), atol=1e-6)
    assert np.array_equal(two.fed(), one.fed())  # type: ignore[arg-type]  # both return them


def test_threads_are_interpreters_for_an_evaluation_and_their_threads_for_latency() -> None:
    data = (MODELS / "colour_fp32.tflite").read_bytes()
    evaluation, _ = golden("images_fp32", threads=64)
    latency, _ = golden("latency_tensors", threads=64)
    assert len(load(evaluation, data)) == os.cpu_count()
    assert len(load(latency, data)) == 1


def test_a_picture_s_stages_are_timed_apart(tmp_path: Path) -> None:
    timings = result_of(FOLDER / "images_fp32", tmp_path / "images").timings()
    assert all((stage > 0).all() for stage in timings)
    timings = result_of(FOLDER / "raw_digits_fp32", tmp_path / "raw").timings()
    assert not timings.decode_ns.any()
    assert (timings.preprocess_ns > 0).all()
    timings = result_of(FOLDER / "tensors_fp32", tmp_path / "tensors").timings()
    assert not timings.decode_ns.any()
    assert not timings.preprocess_ns.any()


def test_a_result_says_what_ran_where(tmp_path: Path) -> None:
    result = result_of(FOLDER / "images_int8", tmp_path).result
    assert (result.runner.name, result.runtime.name, result.virtual) == ("desktop", "tensorflow-lite", True)
    assert result.run is not None
    assert result.run.init_ns > 0
    assert result.peak_bytes is not None
    assert 1 << 26 < result.peak_bytes < 1 << 40
    assert result.device.android is None
    assert result.state_before.battery_percent is None


def test_warm_ups_and_samples_last_as_long_as_the_job_asks(tmp_path: Path) -> None:
    schedule = Schedule(warmup_runs=3, warmup_min_s=0.02, num_runs=4, min_s=0.05, max_s=5)
    job, locate = golden("latency_tensors", schedule=schedule, threads=1)
    load(job, locate(job.model.path).read_bytes())  # so that importing TensorFlow is no part of the duration
    stored_result = finished(run(written(tmp_path / "job", job), tmp_path / "out", locate))
    assert len(stored_result.run.warmup_ns) >= 3
    assert stored_result.run.samples >= 4
    assert stored_result.result.duration_ns > 70_000_000


def test_no_run_begins_after_the_time_limit(tmp_path: Path) -> None:
    schedule = Schedule(warmup_runs=1_000_000, warmup_min_s=0, num_runs=1_000_000, min_s=0, max_s=0.05)
    job, locate = golden("latency_image", schedule=schedule)
    stored_result = finished(run(written(tmp_path / "job", job), tmp_path / "out", locate))
    assert 1 <= stored_result.run.samples < 1_000_000
    assert 1 <= len(stored_result.run.warmup_ns) < 1_000_000


def test_of_several_broken_inputs_the_first_is_named(tmp_path: Path) -> None:
    whole = pictures()["palette_alpha.png"]
    entries = {f"{index}.png": whole if index < 5 else b"broken" for index in range(20)}
    folder = with_inputs(tmp_path / "job", "images_fp32", entries)
    assert failure(finished(run(folder, tmp_path / "out"))) == Failure(
        ErrorKind.INPUT_FAILED,
        "5.png: no picture, JPEG, PNG, WEBP, GIF, BMP are read here; convert it or leave it out",
    )


def test_a_pixel_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    error = failure(result_of(FOLDER / "fails_picture_bomb", tmp_path))
    assert error.message == "bomb.png: 20000x20000, more than 200000000 pixels; scale it down"


def test_the_work_is_reported_while_it_lasts_and_from_the_first_moment(tmp_path: Path) -> None:
    schedule = Schedule(warmup_runs=0, warmup_min_s=0, num_runs=1000, min_s=0.1, max_s=5)
    job, locate = golden("latency_tensors", schedule=schedule)
    blocks = list(run(written(tmp_path / "job", job), tmp_path / "out", locate, heartbeat_s=0.001))
    assert blocks[0] == {"done": "0", "total": "0"}
    done = [int(block["done"]) for block in blocks]
    assert done == sorted(done)
    assert {block["total"] for block in blocks} == {"0", "1000"}


@pytest.mark.parametrize("steps", [1, 30])
def test_a_job_that_is_closed_leaves_nothing(steps: int, tmp_path: Path) -> None:
    job, locate = golden("latency_image", schedule=ENDLESS)
    work = run(written(tmp_path / "job", job), tmp_path / "out", locate, heartbeat_s=0.01)
    for _ in range(steps):
        next(work)
    work.close()
    assert list((tmp_path / "out").iterdir()) == []


def test_a_bug_keeps_its_traceback_and_leaves_nothing(tmp_path: Path) -> None:
    def broken(path: str) -> Path:
        raise ZeroDivisionError(path)

    with pytest.raises(ZeroDivisionError):
        finished(run(FOLDER / "images_fp32", tmp_path, broken))
    assert list(tmp_path.iterdir()) == []


def test_no_memory_is_the_job_s_own_failure(tmp_path: Path) -> None:
    def exhausted(_path: str) -> Path:
        raise MemoryError

    error = failure(finished(run(FOLDER / "images_fp32", tmp_path, exhausted)))
    assert error == Failure(ErrorKind.OUT_OF_MEMORY, "MemoryError")


def test_a_path_that_the_app_may_not_read_is_said_in_the_phone_s_words(tmp_path: Path) -> None:
    def forbidden(path: str) -> Path:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    result = finished(run(FOLDER / "images_fp32", tmp_path, forbidden)).result
    message = "the model ../../models/colour_fp32.tflite cannot be read, Permission denied; push it again"
    assert result.error == Failure(ErrorKind.MODEL_REFUSED, message)
    assert result.model_sha256 is None


def test_what_is_not_a_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    error = failure(finished(run(FOLDER / "images_fp32", tmp_path / "out", lambda _path: tmp_path / "pipe")))
    assert "is not a file; push it again" in error.message


def test_another_model_than_named_is_refused_with_the_hash_it_has(tmp_path: Path) -> None:
    result = result_of(FOLDER / "fails_model_hash", tmp_path).result
    data = (MODELS / "colour_fp32.tflite").read_bytes()
    assert result.model_sha256 == hashlib.sha256(data).hexdigest()
    assert result.error is not None
    assert f"the model has sha256 {result.model_sha256}, its job says {'0' * 64}" in result.error.message


def test_a_model_that_the_interpreter_refuses_is_the_model_s_fault(tmp_path: Path) -> None:
    """A whole file to every reader, with a version of SOFTMAX that no runtime knows."""
    data = of_tomorrow((MODELS / "bare_fp32.tflite").read_bytes())
    (tmp_path / "model.tflite").write_bytes(data)
    job, locate = golden("tensors_fp32")
    model = replace(job.model, sha256=hashlib.sha256(data).hexdigest(), path="model.tflite", size_bytes=len(data))
    folder = written(tmp_path / "job", replace(job, model=model))
    places = {"model.tflite": tmp_path / "model.tflite", "inputs.zip": locate("inputs.zip")}
    error = failure(finished(run(folder, tmp_path / "out", places.__getitem__)))
    assert error.kind is ErrorKind.MODEL_REFUSED
    assert error.message.startswith("TensorFlow Lite does not load the model: ")


def of_tomorrow(model: bytes) -> bytes:
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    parsed = flatbuffer_utils.convert_bytearray_to_object(bytearray(model))
    for code in parsed.operatorCodes:
        if code.builtinCode == schema.BuiltinOperator.SOFTMAX:
            code.version = 99
    return bytes(flatbuffer_utils.convert_object_to_bytearray(parsed))


@pytest.mark.parametrize(("name", "id"), [("job-7", "job-7"), ("job 7", "unreadable")])
def test_a_job_that_cannot_be_read_fails_under_the_name_of_its_folder(name: str, id: str, tmp_path: Path) -> None:  # noqa: A002 - what it is
    (tmp_path / name).mkdir()
    stored_result = finished(run(tmp_path / name, tmp_path / "out"))
    assert stored_result.path.name == f"{id}.result.json"
    assert stored_result.result.job is None
    assert failure(stored_result).kind is ErrorKind.JOB_REFUSED


def test_no_place_for_a_result_is_an_error_and_on_a_phone_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match=r"file cannot be written, File exists; free some space"):
        finished(run(FOLDER / "images_fp32", tmp_path / "file"))
    request = JobRequest(FOLDER / "images_fp32", tmp_path / "file", {"job": "/"}, Path)
    with pytest.raises(JobRefusedError, match="cannot be written"):
        list(desktop_runner(request))


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
