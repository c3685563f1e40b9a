"""Results: whole, of their job, and then numbers; anything else is an error and never a number."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.formats.arrays import TensorInfo, TensorType
from benchmarks.formats.errors import ResultError
from benchmarks.formats.result import ErrorKind, OkResult
from benchmarks.formats.results import encode, read_result
from tests.benchmarks.sample_results import (
    EVALUATION,
    FED,
    LATENCY,
    OUTPUTS,
    TIMES,
    evaluation,
    failed,
    latency,
    put,
    saved,
)


def test_a_whole_result_is_read_as_it_was_written_and_gives_its_arrays(tmp_path: Path) -> None:
    result = evaluation(tmp_path)
    path = saved(tmp_path, encode(result))
    stored = read_result(path, hashlib.sha256(path.read_bytes()).hexdigest(), EVALUATION)
    assert stored.result == result
    assert np.array_equal(stored.outputs(), OUTPUTS)
    probabilities = stored.probabilities()
    assert probabilities.dtype == np.float32
    assert np.array_equal(probabilities, OUTPUTS.astype(np.float32) / 256)
    timings = stored.timings()
    assert [column.tolist() for column in timings] == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]
    fed = stored.fed()
    assert fed is not None
    assert np.array_equal(fed, FED)


def test_probabilities_of_a_float_model_are_its_outputs(tmp_path: Path) -> None:
    result, floats = evaluation(tmp_path), OUTPUTS.astype("<f4")
    blobs = replace(result.blobs, outputs=put(tmp_path, "floats.bin", floats))
    run = replace(result, output=TensorInfo(TensorType.FLOAT32, (4,), None, None), blobs=blobs)
    stored = read_result(saved(tmp_path, encode(run)))
    assert np.array_equal(stored.probabilities(), floats)


def test_a_latency_result_has_one_row_of_outputs_and_its_samples(tmp_path: Path) -> None:
    stored = read_result(saved(tmp_path, encode(latency(tmp_path))), job=LATENCY)
    assert stored.outputs().shape == (1, 4)
    assert stored.timings().invoke_ns.shape == (4,)
    assert stored.fed() is None


def test_only_the_time_limit_excuses_too_few_samples(tmp_path: Path) -> None:
    assert read_result(saved(tmp_path, encode(latency(tmp_path, samples=1, duration_s=10)))).run.samples == 1
    with pytest.raises(ResultError, match="it has 1 samples and 2 warm-ups, fewer than its job asks for"):
        read_result(saved(tmp_path, encode(latency(tmp_path, samples=1))))


def test_a_failed_result_is_a_result_without_numbers(tmp_path: Path) -> None:
    stored = read_result(saved(tmp_path, encode(failed())), job=EVALUATION)
    assert stored.result == failed()
    for numbers in (stored.outputs, stored.probabilities, stored.timings, stored.fed):
        with pytest.raises(ResultError, match=r"job-refused: job\.json: threads is 0; run the job again"):
            numbers()


NOT_IN_FRONT: dict[str | None, Callable[[OkResult], OkResult]] = {
    None: lambda r: replace(r, front_losses=0, state_before=replace(r.state_before, in_front=True, screen_on=True)),
    "the app was not in front": lambda r: replace(r, state_before=replace(r.state_before, in_front=False)),
    "the app left the front while it measured": lambda r: replace(r, front_losses=1),
    "the screen was off": lambda r: replace(r, front_losses=1, state_after=replace(r.state_after, screen_on=False)),
}


@pytest.mark.parametrize("reason", NOT_IN_FRONT)
def test_a_result_says_why_its_app_was_not_in_front(reason: str | None, tmp_path: Path) -> None:
    result = NOT_IN_FRONT[reason](evaluation(tmp_path))
    assert read_result(saved(tmp_path, encode(result))).result.not_in_front == reason
    assert evaluation(tmp_path).not_in_front is None  # not known


Change = Callable[[dict[str, Any]], object]
WRONG: dict[str, tuple[Change, str]] = {
    "no-end": (lambda r: r.pop("end"), "has no end marker, its runner did not finish"),
    "other-end": (lambda r: r.update(end="end"), "has no end marker"),
    "format": (lambda r: r.update(format="handset.result/3"), "format is 'handset.result/3'"),
    "status": (lambda r: r.update(status="failed"), r"\$\.error is None, not an object"),
    "both": (lambda r: r.update(error={"kind": "internal", "message": "x"}), r"\$\.error is \{.*\}, not null"),
    "neither": (lambda r: r.update(blobs=None), r"\$\.blobs is None, not an object"),
    "no-job": (lambda r: r.update(job=None), r"\$\.job is None, not an object"),
    "job": (lambda r: r["job"].update(threads=0), r"\$\.job\.threads is 0, not an integer from 1 to 64"),
    "model": (lambda r: r.update(model_sha256="c" * 64), "another model or other inputs"),
    "inputs": (lambda r: r.update(inputs_sha256="c" * 64), "another model or other inputs"),
    "asked": (lambda r: r["accelerator"].update(asked="gpu"), "its job asks for cpu"),
    "silent-fallback": (lambda r: r["accelerator"].update(obtained="gpu"), "obtained without a reason"),
    "nodes": (lambda r: r["accelerator"].update(delegated_nodes=10), "10 of 9 nodes"),
    "partitions": (lambda r: r["accelerator"].update(partitions=10), "9 nodes are in 10 partitions"),
    "no-partition": (lambda r: r["accelerator"].update(partitions=0), "9 nodes are in 0 partitions"),
    "few-inputs": (lambda r: r.update(inputs=2), "it has 2 inputs, its job 3"),
    "few-samples": (lambda r: r.update(samples=2), "it has 2 samples"),
    "warm-ups": (lambda r: r.update(warmup_ns=[1]), "1 warm-ups of 3 inputs"),
    "negative-warm-up": (lambda r: r.update(warmup_ns=[-1]), r"\$\.warmup_ns\[0\] is -1, not an integer from 0"),
    "labels": (lambda r: r["output"].update(shape=[5]), "its counts need 15"),
    "rank": (lambda r: r["output"].update(shape=[2, 2]), "not 1 sizes"),
    "no-scale": (lambda r: r["output"].update(scale=None), "scale is None"),
    "zero-scale": (lambda r: r["output"].update(scale=0), "scale is 0"),
    "float-scale": (lambda r: r["input"].update(scale=1.0, zero_point=0), "scale is 1.0"),
    "no-fed": (lambda r: r["blobs"].update(fed=None), "fed tensors are not there, or were not asked for"),
    "climbing": (lambda r: r["blobs"]["outputs"].update(path="../x"), "bare name of a file beside"),
    "hidden": (lambda r: r["blobs"]["outputs"].update(path=".x"), "bare name of a file beside"),
    "missing": (lambda r: r["blobs"]["outputs"].update(path="x.bin"), "x.bin cannot be read, No such file"),
    "folder": (lambda r: r["blobs"]["outputs"].update(path="a/b"), "bare name"),
    "hash": (lambda r: r["blobs"]["outputs"].update(sha256="0" * 64), "outputs.bin has another sha256"),
    "bytes": (lambda r: r["blobs"]["outputs"].update(bytes=11), "has 11 bytes, its counts need 12"),
    "one-for-all": (lambda r: r["blobs"].update(outputs=r["blobs"]["timings"]), "counts need 12"),
    "time": (lambda r: r.update(started_at="yesterday"), "started_at is 'yesterday', not a UTC time"),
    "local-time": (lambda r: r.update(started_at="2025-01-02T03:04:05+02:00"), "not a UTC time"),
    "thermal": (lambda r: r["state_after"].update(thermal_status=7), "thermal_status is 7"),
    "battery": (lambda r: r["state_after"].pop("battery_percent"), "battery_percent is missing"),
    "in-front": (lambda r: r["state_after"].update(in_front="yes"), r"in_front is 'yes'"),
    "losses": (lambda r: r.update(front_losses=-1), r"front_losses is -1"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    change, words = WRONG[name]
    record = json.loads(encode(evaluation(tmp_path)))
    change(record)
    with pytest.raises(ResultError, match=words) as caught:
        read_result(saved(tmp_path, json.dumps(record).encode()))
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("; run the job again")


def test_the_reported_hash_decides(tmp_path: Path) -> None:
    path = saved(tmp_path, encode(evaluation(tmp_path)))
    with pytest.raises(ResultError, match=r"job-1\.result\.json is not the file that its runner reported"):
        read_result(path, "0" * 64)


def test_a_result_of_another_job_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, encode(evaluation(tmp_path)))
    with pytest.raises(ResultError, match="is of another job than job-2"):
        read_result(path, job=replace(EVALUATION, id="job-2"))
    with pytest.raises(ResultError, match="is of another job than job-1"):
        read_result(path, job=replace(EVALUATION, threads=2))


def test_a_file_that_changed_since_is_noticed_before_it_is_a_number(tmp_path: Path) -> None:
    stored = read_result(saved(tmp_path, encode(evaluation(tmp_path))))
    (tmp_path / "job-1.outputs.bin").write_bytes(bytes(12))
    with pytest.raises(ResultError, match=r"job-1\.outputs\.bin has changed since it was written"):
        stored.outputs()


def test_negative_times_are_no_times(tmp_path: Path) -> None:
    result = evaluation(tmp_path)
    run = replace(result, blobs=replace(result.blobs, timings=put(tmp_path, "job-1.timings.bin", -TIMES)))
    with pytest.raises(ResultError, match="holds negative times"):
        read_result(saved(tmp_path, encode(run)))


def test_a_missing_result_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="cannot be read, No such file or directory; run the job again"):
        read_result(tmp_path / "job-1.result.json")


def test_results_are_read_without_tensorflow() -> None:
    modules = "benchmarks.formats.results, benchmarks.formats.archive, benchmarks.runners.desktop.runner"
    check = f"import sys, {modules}; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_the_page_names_every_field_of_a_result(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")
    section = page.split("## `handset.result/1`")[1]
    record = json.loads(encode(evaluation(tmp_path)))
    nested = {name for value in record.values() if isinstance(value, dict) for name in value}
    jobs = set(record["job"])
    for name in {*record, *nested} - jobs:
        assert f"`{name}`" in section or f"`blobs.{name}`" in section, name
    assert all(f"`{kind}`" in section for kind in ErrorKind)
