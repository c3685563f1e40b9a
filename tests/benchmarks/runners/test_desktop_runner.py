"""The desktop runner: the golden jobs ask what it answers, this asks how it behaves, alone and on a virtual phone."""

import errno
import hashlib
import os
import resource
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.formats.errors import StorageError
from benchmarks.formats.job import Schedule
from benchmarks.formats.result import ErrorKind, Failure
from benchmarks.runners.desktop import machine
from benchmarks.runners.desktop.execute import load
from benchmarks.runners.desktop.runner import desktop_runner, run
from benchmarks.virtual_phone.runner import JobRefusedError, JobRequest
from tests.benchmarks.runner_jobs import ENDLESS, failure, finished, golden, with_inputs, written
from tests.golden.jobs.__main__ import FOLDER, MODELS, result_of
from tests.golden.jobs.cases import pictures

PHONE_JOBS = "/data/local/tmp/handset/jobs"


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
    assert (result.runner.name, result.runtime.name, result.virtual) == ("desktop", "litert", True)
    assert result.runtime.version == version("ai-edge-litert")
    assert result.run is not None
    assert result.run.init_ns > 0
    assert result.memory.peak_bytes is not None
    assert 1 << 26 < result.memory.peak_bytes < 1 << 40
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
    """The job lasts until it was seen at work, however busy the machine is; a minute is the end in any case."""
    schedule = Schedule(warmup_runs=0, warmup_min_s=0, num_runs=1000, min_s=60, max_s=60)
    job, locate = golden("latency_tensors", schedule=schedule)
    work = run(written(tmp_path / "job", job), tmp_path / "out", locate, heartbeat_s=0.001)
    reports: list[tuple[int, int]] = []
    for status in work:
        reports.append((int(status["done"]), int(status["total"])))
        if reports[-1][0] > 0:
            break
    work.close()
    done, total = zip(*reports, strict=True)
    assert reports[0] == (0, 0), "said before the work begins"
    assert done == tuple(sorted(done))
    assert set(total) == {0, 1000}
    assert (done[-1] > 0, total[-1]) == (True, 1000)


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


@pytest.mark.parametrize(("system", "unit_bytes"), [("linux", 1024), ("darwin", 1)])
def test_the_peak_of_memory_is_in_bytes_whatever_unit_the_system_has(
    system: str, unit_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(resource, "getrusage", lambda _who: SimpleNamespace(ru_maxrss=500_000))
    assert machine.peak_bytes() == 500_000 * unit_bytes
