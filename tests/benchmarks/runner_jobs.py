"""Golden jobs for runners: changed, run on this machine, and sent to a virtual phone and back."""

import hashlib
import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import asdict, replace

from benchmarks.adb.phone import AdbPhone
from benchmarks.formats.job import JOB_FILE, Job, ProbeJob, Schedule, read_job
from benchmarks.formats.probe_result import GivenTensor
from benchmarks.formats.result import Failure
from benchmarks.formats.results import StoredResult, read_result
from benchmarks.virtual_phone.runner import Status
from tests.benchmarks.conftest import APP
from tests.golden.jobs.__main__ import FOLDER, MODELS, result_of
from tests.golden.jobs.cases import stored

PHONE_JOBS = "/data/local/tmp/handset/jobs"
ENDLESS = Schedule(warmup_runs=0, warmup_min_s=0, num_runs=1, min_s=3600, max_s=7200)


def finished(work: Generator[Status, None, Path]) -> StoredResult:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return read_result(end.value)


def written(folder: Path, job: Job | ProbeJob) -> Path:
    """A folder for `job`, whose relative paths then lead from a golden one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / JOB_FILE).write_bytes(job.encode())
    return folder


def golden(name: str, **changes: Any) -> tuple[Job, Any]:
    """A golden job with some fields changed, a `schedule` among them, and where its files are."""
    changes |= asdict(changes.pop("schedule")) if "schedule" in changes else {}
    job = read_job(FOLDER / name)
    assert isinstance(job, Job)
    return replace(job, **changes), lambda path: FOLDER / name / path


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


def as_expected(phone: AdbPhone, name: str, folder: Path) -> tuple[Job, StoredResult, StoredResult]:
    """A golden job, its result on the phone, and this machine's: outputs no further apart than the job allows."""
    job, locate = golden(name)
    theirs = fetched(phone, instrumented(phone, pushed(phone, job, locate)), folder)
    ours = result_of(FOLDER / name, folder / "desktop")
    tolerance = json.loads((FOLDER / name / "expected.json").read_bytes())["tolerance"]
    difference = np.abs(theirs.outputs().astype(np.float64) - ours.outputs().astype(np.float64))
    assert difference.max() <= tolerance
    return job, theirs, ours


Values = Sequence[npt.NDArray[Any]]
"""The tensors that a probe gives for one input."""


def probe_as_expected(phone: AdbPhone, name: str, folder: Path) -> StoredResult:
    """A golden probe's result on the phone: this machine's tensors, no further apart than the job allows."""
    job = read_job(FOLDER / name)
    theirs = fetched(phone, instrumented(phone, pushed(phone, job, lambda path: FOLDER / name / path)), folder)
    ours = result_of(FOLDER / name, folder / "desktop")
    assert theirs.probe.tensors == ours.probe.tensors
    tolerance = json.loads((FOLDER / name / "expected.json").read_bytes())["tolerance"]
    assert tensors_off(theirs.values(), ours.values()) <= tolerance
    assert theirs.result.virtual
    return theirs


def tensors_off(got: Iterable[Values], wanted: Iterable[Values]) -> float:
    """How far tensors are apart at most: integers in steps, floats as a share of their tensor's largest value."""
    return max(_off(*pair) for values in zip(got, wanted, strict=True) for pair in zip(*values, strict=True))


def _off(got: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> float:
    assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
    unit = (float(np.abs(wanted).max()) or 1.0) if wanted.dtype.kind == "f" else 1.0
    return float(np.abs(got.astype(np.float64) - wanted.astype(np.float64)).max()) / unit


def golden_values(folder: Path, tensors: Iterable[GivenTensor]) -> list[Values]:
    """The tensors in a golden probe's file of values, input by input."""
    row = np.dtype([(str(at), f"<{np.dtype(one.dtype).str[1:]}", one.shape) for at, one in enumerate(tensors)])
    return [tuple(values[name] for name in row.names or ()) for values in np.fromfile(folder / "expected.bin", row)]


def failure(stored_result: StoredResult) -> Failure:
    assert stored_result.result.error is not None
    return stored_result.result.error


def pushed(phone: AdbPhone, job: Job | ProbeJob, locate: Any) -> str:
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
