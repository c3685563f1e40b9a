"""Jobs: what is written is read, and what cannot be right is refused in one line, whoever wrote it."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from benchmarks.formats.errors import JobError
from benchmarks.formats.job import (
    GOOGLE_SCHEDULE,
    LARGEST_JOB_BYTES,
    ONCE,
    Accelerator,
    InputArchive,
    InputKind,
    Job,
    JobModel,
    Mode,
    decode_job,
    read_job,
)

HASH = "0123456789abcdef" * 4
MODEL = JobModel("/data/local/tmp/handset/model.tflite", HASH, 1000)
INPUTS = InputArchive("inputs.zip", HASH, 2000, InputKind.IMAGES, 3)
EVALUATION = Job(
    id="digits-int8.1",
    mode=Mode.EVALUATE,
    round=0,
    model=MODEL,
    inputs=INPUTS,
    input_id=None,
    return_fed=True,
    threads=1,
    accelerator=Accelerator.GPU,
    xnnpack=True,
    **asdict(ONCE),
)
LATENCY = Job(
    id="latency_2",
    mode=Mode.LATENCY,
    round=7,
    model=MODEL,
    inputs=INPUTS,
    input_id="00001.png",
    return_fed=False,
    threads=4,
    accelerator=Accelerator.CPU,
    xnnpack=False,
    **asdict(GOOGLE_SCHEDULE),
)

both = pytest.mark.parametrize("job", [EVALUATION, LATENCY], ids=lambda job: job.mode)


def fields(job: Job) -> dict[str, Any]:
    """The object in `job.json`."""
    record: dict[str, Any] = msgspec.to_builtins(job)
    return record


def changed(job: Job, path: str, value: object) -> bytes:
    """`job.json` with one field, dotted, set to something else."""
    record = fields(job)
    *folders, name = path.split(".")
    place: Any = record
    for folder in folders:
        place = place[folder]
    place[name] = value
    return json.dumps(record).encode()


@both
def test_a_job_is_read_as_it_was_written(job: Job, tmp_path: Path) -> None:
    (tmp_path / "job.json").write_bytes(job.encode())
    assert read_job(tmp_path) == job
    assert decode_job(json.dumps(fields(job)).encode()) == job


def test_unknown_fields_are_ignored() -> None:
    assert decode_job(changed(LATENCY, "of_tomorrow", {"a": 1})) == LATENCY


def test_the_schedule_of_a_latency_job_is_that_of_google_s_benchmark_tool() -> None:
    record = fields(LATENCY)
    assert (record["warmup_runs"], record["warmup_min_secs"]) == (1, 0.5)
    assert (record["num_runs"], record["min_secs"], record["max_secs"]) == (50, 1.0, 150.0)


@both
def test_every_field_has_to_be_there(job: Job) -> None:
    for name in fields(job):
        record = fields(job)
        del record[name]
        with pytest.raises(JobError, match=rf"job\.json: \$\.{name} is missing, not .*; write the job again"):
            decode_job(json.dumps(record).encode())


HOSTILE: dict[str, tuple[Any, ...]] = {
    "id": ("", "a/b", "..", ".hidden", "-option", "x" * 65, "a\n", "ä", "a b", "\ud800"),
    "model.path": ("", "a\0b", "a\nb", "a\x85b", "a\u2028b", "x" * 5000, "\udcff"),
    "model.sha256": (HASH.upper(), HASH[:-1], HASH + "0", HASH[:-1] + "g", 5),
    "threads": (0, 65, -1, 1.0, 1.5, "1", True, None, 10**400, [1], float("nan")),
    "inputs.path": ("", None),
    "inputs.kind": ("pictures", None),
    "inputs.count": (0, -1, 100_001, 2.0),
    "inputs.bytes": (0, -5, 1 << 63),
    "input_id": ("", None),
    "max_secs": (float("nan"), float("inf"), 1e400, -1, 10**300, "1", 90_000, 0.9),
    "num_runs": (0, -1, 1_000_001),
    "round": (-1, 1 << 63),
    "return_fed": (0, 1, "true", None),
    "mode": ("EVALUATE", "both", 1, None, ["latency"], {}),
    "accelerator": ("tpu", "", None),
    "model": (None, [], "x", 1),
    "format": ("handset.job/2", "handset.result/1", None, 1),
}


@pytest.mark.parametrize(
    ("path", "value"),
    [(path, value) for path, values in HOSTILE.items() for value in values],
    ids=lambda value: repr(value)[:30],
)
def test_what_cannot_be_right_is_refused_in_one_line(path: str, value: object) -> None:
    with pytest.raises(JobError) as caught:
        decode_job(changed(LATENCY, path, value))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 6000
    assert str(caught.value).endswith("; write the job again")


@pytest.mark.parametrize(("path", "value"), [("input_id", "00001.png"), ("num_runs", 1), ("min_secs", 0.5)])
def test_an_evaluation_counts_no_runs(path: str, value: object) -> None:
    with pytest.raises(JobError, match="an evaluation has no input_id, and 0 runs and seconds"):
        decode_job(changed(EVALUATION, path, value))


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\xff\xfe", b"null", b"[]", b"{}", b'"job"', b"5", b'{"format": NaN}'),
        *(b"[" * 100_000, b'{"round": ' + b"9" * 5000 + b"}", b" " * (LARGEST_JOB_BYTES + 1)),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_bytes_that_are_no_job_are_refused(data: bytes) -> None:
    with pytest.raises(JobError, match="write the job again"):
        decode_job(data)


def test_a_folder_without_a_job_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"job\.json cannot be read, No such file or directory; write the job again"):
        read_job(tmp_path)


def test_a_job_made_here_is_checked_when_it_is_written_like_one_that_was_read() -> None:
    changes: tuple[dict[str, Any], ...] = ({"threads": 65}, {"id": "a/b"}, {"id": "a\n"}, {"round": -1})
    for change in (*changes, {"max_s": float("nan")}):
        with pytest.raises((JobError, ValueError)):
            replace(LATENCY, **change).encode()
    with pytest.raises(JobError, match=r"\$\.model\.bytes is 0"):
        replace(LATENCY, model=replace(MODEL, size_bytes=0)).encode()
    impossible: tuple[dict[str, Any], ...] = ({"input_id": None}, asdict(ONCE))
    for change in impossible:
        with pytest.raises(ValueError, match="a latency job needs an input_id"):
            replace(LATENCY, **change)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({*fields(LATENCY), "model.path", "model.sha256", "model.bytes", "inputs.kind", "inputs.count"})


@given(st.lists(st.tuples(st.sampled_from(FIELDS), JSON), min_size=1, max_size=3))
def test_any_json_is_a_job_or_an_error(changes: list[tuple[str, object]]) -> None:
    record = fields(LATENCY)
    for path, value in changes:
        *folders, name = path.split(".")
        place: Any = record
        for folder in folders:
            place = place[folder]
        if isinstance(place, dict):
            place[name] = value
        else:
            return
    try:
        job = decode_job(json.dumps(record).encode())
    except JobError as error:
        assert "\n" not in str(error)
    else:
        assert decode_job(job.encode()) == job


@given(st.binary(max_size=200))
def test_any_bytes_are_a_job_or_an_error(data: bytes) -> None:
    with pytest.raises(JobError):
        decode_job(data)
