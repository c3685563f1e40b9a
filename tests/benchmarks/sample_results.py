"""Sample results: one evaluation, one latency job, one failure."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import asdict, replace

from benchmarks.formats.arrays import Blob, Blobs, TensorInfo, TensorType
from benchmarks.formats.job import ONCE, Accelerator, InputArchive, InputKind, Job, JobModel, Mode, Schedule
from benchmarks.formats.result import (
    UNKNOWN_DEVICE,
    UNKNOWN_STATE,
    Acceleration,
    Device,
    ErrorKind,
    FailedResult,
    Failure,
    Memory,
    OkResult,
    RunnerInfo,
    State,
    UsedRuntime,
)

MODEL = JobModel("model.tflite", "a" * 64, 1000)
INPUTS = InputArchive("inputs.zip", "b" * 64, 2000, InputKind.IMAGES, 3)
EVALUATION = Job(
    id="job-1",
    mode=Mode.EVALUATE,
    round=0,
    model=MODEL,
    inputs=INPUTS,
    input_id=None,
    return_fed=True,
    threads=1,
    accelerator=Accelerator.CPU,
    xnnpack=True,
    **asdict(ONCE),
)
LATENCY = replace(EVALUATION, mode=Mode.LATENCY, input_id="a.png", return_fed=False, **asdict(Schedule(2, 0, 4, 0, 10)))
OUTPUTS = np.array([[0, 128, 255, 1], [3, 4, 5, 6], [250, 1, 1, 1]], np.uint8)
TIMES = np.arange(9, dtype="<i8").reshape(3, 3)
FED = np.arange(3 * 2 * 2 * 3, dtype="<f4").reshape(3, 2, 2, 3)


def put(folder: Path, name: str, array: npt.NDArray[Any]) -> Blob:
    data = array.tobytes()
    (folder / name).write_bytes(data)
    return Blob(name, hashlib.sha256(data).hexdigest(), len(data))


def evaluation(folder: Path) -> OkResult:
    """A result that fits `EVALUATION`, its binary files in `folder`."""
    return OkResult(
        input=TensorInfo(TensorType.FLOAT32, (2, 2, 3), None, None),
        output=TensorInfo(TensorType.UINT8, (4,), 1 / 256, 0),
        init_ns=5,
        warmup_ns=(),
        inputs=3,
        samples=3,
        blobs=Blobs(
            outputs=put(folder, "job-1.outputs.bin", OUTPUTS),
            timings=put(folder, "job-1.timings.bin", TIMES),
            fed=put(folder, "job-1.fed.bin", FED),
        ),
        job=EVALUATION,
        runner=RunnerInfo("android", "1", True),
        virtual=False,
        device=Device(
            manufacturer="Maker",
            model="Phone 3",
            soc=None,
            android="14",
            sdk=34,
            abi="arm64-v8a",
            fingerprint="maker/phone",
        ),
        runtime=UsedRuntime("tensorflow-lite", "2.16.1"),
        accelerator=Acceleration(Accelerator.CPU, Accelerator.CPU, 0, 9, None),
        model_sha256=MODEL.sha256,
        inputs_sha256=INPUTS.sha256,
        memory=Memory(1 << 28),
        state_before=State(80, 31.5, 0),
        state_after=State(79.5, 33, 1),
        started_at="2025-01-02T03:04:05Z",
        duration_ns=1_000_000,
    )


def latency(folder: Path, samples: int = 4, duration_s: float = 1) -> OkResult:
    """A result that fits `LATENCY`."""
    times = np.ones((samples, 3), "<i8")
    return replace(
        evaluation(folder),
        job=LATENCY,
        warmup_ns=(9, 8),
        inputs=1,
        samples=samples,
        blobs=Blobs(
            outputs=put(folder, "job-1.outputs.bin", OUTPUTS[:1]),
            timings=put(folder, "job-1.timings.bin", times),
            fed=None,
        ),
        duration_ns=int(duration_s * 1e9),
    )


def failed() -> FailedResult:
    return FailedResult(
        job=None,
        error=Failure(ErrorKind.JOB_REFUSED, "job.json: threads is 0"),
        runner=RunnerInfo("android", "1", False),
        virtual=False,
        device=UNKNOWN_DEVICE,
        runtime=UsedRuntime("tensorflow-lite", "2.16.1"),
        accelerator=None,
        model_sha256=None,
        inputs_sha256=None,
        memory=Memory(None),
        state_before=UNKNOWN_STATE,
        state_after=UNKNOWN_STATE,
        started_at="2025-01-02T03:04:05+00:00",
        duration_ns=0,
    )


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "job-1.result.json"
    path.write_bytes(data)
    return path
