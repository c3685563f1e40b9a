"""Sample results: one evaluation, one latency job, one failure."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.formats.job import ONCE, Accelerator, InputArchive, InputKind, Job, JobModel, Mode, Schedule
from benchmarks.formats.result import (
    Acceleration,
    Blob,
    Device,
    ErrorKind,
    Failure,
    Result,
    Run,
    RunnerInfo,
    State,
    TensorInfo,
    TensorType,
    UsedRuntime,
)

MODEL = JobModel("model.tflite", "a" * 64, 1000)
INPUTS = InputArchive("inputs.zip", "b" * 64, 2000, InputKind.IMAGES, 3)
EVALUATION = Job("job-1", Mode.EVALUATE, MODEL, INPUTS, ONCE, return_fed=True)
LATENCY = Job("job-1", Mode.LATENCY, MODEL, INPUTS, Schedule(2, 0, 4, 0, 10), "a.png")
OUTPUTS = np.array([[0, 128, 255, 1], [3, 4, 5, 6], [250, 1, 1, 1]], np.uint8)
TIMES = np.arange(9, dtype="<i8").reshape(3, 3)
FED = np.arange(3 * 2 * 2 * 3, dtype="<f4").reshape(3, 2, 2, 3)


def put(folder: Path, name: str, array: npt.NDArray[Any]) -> Blob:
    data = array.tobytes()
    (folder / name).write_bytes(data)
    return Blob(name, hashlib.sha256(data).hexdigest(), len(data))


def evaluation(folder: Path) -> Result:
    """A result that fits `EVALUATION`, its binary files in `folder`."""
    run = Run(
        input=TensorInfo(TensorType.FLOAT32, (2, 2, 3), None, None),
        output=TensorInfo(TensorType.UINT8, (4,), 1 / 256, 0),
        init_ns=5,
        warmup_ns=(),
        inputs=3,
        samples=3,
        outputs=put(folder, "job-1.outputs.bin", OUTPUTS),
        timings=put(folder, "job-1.timings.bin", TIMES),
        fed=put(folder, "job-1.fed.bin", FED),
    )
    return Result(
        job=EVALUATION,
        error=None,
        runner=RunnerInfo("android", "1", True),
        virtual=False,
        device=Device("Maker", "Phone 3", None, "14", 34, "arm64-v8a", "maker/phone"),
        runtime=UsedRuntime("tensorflow-lite", "2.16.1"),
        accelerator=Acceleration(Accelerator.CPU, Accelerator.CPU, 0, 9, None),
        model_sha256=MODEL.sha256,
        inputs_sha256=INPUTS.sha256,
        peak_bytes=1 << 28,
        state_before=State(80, 31.5, 0),
        state_after=State(79.5, 33, 1),
        started_at="2025-01-02T03:04:05Z",
        duration_ns=1_000_000,
        run=run,
    )


def latency(folder: Path, samples: int = 4, duration_s: float = 1) -> Result:
    """A result that fits `LATENCY`."""
    times = np.ones((samples, 3), "<i8")
    result = evaluation(folder)
    assert result.run is not None
    run = replace(
        result.run,
        warmup_ns=(9, 8),
        inputs=1,
        samples=samples,
        outputs=put(folder, "job-1.outputs.bin", OUTPUTS[:1]),
        timings=put(folder, "job-1.timings.bin", times),
        fed=None,
    )
    return replace(result, job=LATENCY, run=run, duration_ns=int(duration_s * 1e9))


def failed() -> Result:
    return Result(
        job=None,
        error=Failure(ErrorKind.JOB_REFUSED, "job.json: threads is 0"),
        runner=RunnerInfo("android", "1", False),
        virtual=False,
        device=Device(),
        runtime=UsedRuntime("tensorflow-lite", "2.16.1"),
        accelerator=None,
        model_sha256=None,
        inputs_sha256=None,
        peak_bytes=None,
        state_before=State(),
        state_after=State(),
        started_at="2025-01-02T03:04:05+00:00",
        duration_ns=0,
        run=None,
    )


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "job-1.result.json"
    path.write_bytes(data)
    return path
