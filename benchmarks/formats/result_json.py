"""A `Result` as the bytes of its `result.json`, and back. Text only: the binary files are checked in `results`.

Whoever wrote the bytes may have been killed, may be older, or may lie: whatever does not fit is a ResultError.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from benchmarks.formats.errors import JobError, ResultError
from benchmarks.formats.fields import Fields
from benchmarks.formats.job import MAX_COUNT, Accelerator, Job
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

RESULT_FORMAT = "handset.result/1"
END = "handset.end"
REMEDY = "run the job again"
LARGEST_RESULT_BYTES = 256 << 20
MAX_SIDE = 1 << 16
MAX_SAMPLES = 1 << 27
FLOAT32_MAX = 3.4028234663852886e38


def encode(result: Result) -> bytes:
    """The whole of `result.json`."""
    return (json.dumps(_to_json(result), indent=1) + "\n").encode()


def decode(data: bytes, name: str) -> Result:
    """The result that `encode` wrote; ResultError, which calls it `name`, for anything else."""
    if len(data) > LARGEST_RESULT_BYTES:
        raise ResultError(f"{name} has {len(data)} bytes, more than {LARGEST_RESULT_BYTES}; {REMEDY}")
    fields = Fields.parse(data, name, ResultError, REMEDY)
    fields.format(RESULT_FORMAT)
    if fields.record.get("end") != END:
        raise ResultError(f"{name} has no end marker, its runner did not finish; {REMEDY}")
    result = _result(fields)
    if (result.run is None) is (result.error is None) or fields.text("status") != _status(result):
        raise ResultError(f"{name} is neither ok nor failed, or both; {REMEDY}")
    return result


def _status(result: Result) -> str:
    return "ok" if result.error is None else "failed"


def _to_json(result: Result) -> dict[str, Any]:
    run = result.run
    blobs = None if run is None else {name: _blob_json(getattr(run, name)) for name in ("outputs", "timings", "fed")}
    return {
        "format": RESULT_FORMAT,
        "job": result.job and result.job.to_json(),
        "status": _status(result),
        "error": result.error and asdict(result.error),
        "runner": asdict(result.runner),
        "virtual": result.virtual,
        "device": asdict(result.device),
        "runtime": asdict(result.runtime),
        "accelerator": result.accelerator and asdict(result.accelerator),
        "model_sha256": result.model_sha256,
        "inputs_sha256": result.inputs_sha256,
        "input": run and asdict(run.input),
        "output": run and asdict(run.output),
        "init_ns": run and run.init_ns,
        "warmup_ns": run and run.warmup_ns,
        "memory": {"peak_bytes": result.peak_bytes},
        "state_before": asdict(result.state_before),
        "state_after": asdict(result.state_after),
        "started_at": result.started_at,
        "duration_ns": result.duration_ns,
        "inputs": run and run.inputs,
        "samples": run and run.samples,
        "blobs": blobs,
        "end": END,
    }


def _blob_json(blob: Blob | None) -> dict[str, Any] | None:
    return None if blob is None else {"path": blob.path, "sha256": blob.sha256, "bytes": blob.size_bytes}


def _result(fields: Fields) -> Result:
    memory = fields.child("memory")
    return Result(
        job=fields.optional("job", lambda name: _job(fields.child(name))),
        error=fields.optional("error", lambda name: _failure(fields.child(name))),
        runner=_runner(fields.child("runner")),
        virtual=fields.flag("virtual"),
        device=_device(fields.child("device")),
        runtime=_runtime(fields.child("runtime")),
        accelerator=fields.optional("accelerator", lambda name: _acceleration(fields.child(name))),
        model_sha256=fields.optional("model_sha256", fields.sha256),
        inputs_sha256=fields.optional("inputs_sha256", fields.sha256),
        peak_bytes=memory.optional("peak_bytes", memory.integer),
        state_before=_state(fields.child("state_before")),
        state_after=_state(fields.child("state_after")),
        started_at=_moment(fields, "started_at"),
        duration_ns=fields.integer("duration_ns"),
        run=fields.optional("blobs", lambda name: _run(fields, fields.child(name))),
    )


def _job(fields: Fields) -> Job:
    try:
        return Job.from_json(fields.record)
    except JobError as error:
        raise ResultError(f"{fields.what} is none ({error}); {REMEDY}") from error


def _failure(fields: Fields) -> Failure:
    return Failure(fields.choice("kind", ErrorKind), fields.text("message"))


def _runner(fields: Fields) -> RunnerInfo:
    return RunnerInfo(fields.text("name"), fields.text("version"), fields.optional("debuggable", fields.flag))


def _runtime(fields: Fields) -> UsedRuntime:
    return UsedRuntime(fields.text("name"), fields.text("version"))


def _device(fields: Fields) -> Device:
    return Device(
        manufacturer=fields.optional("manufacturer", fields.text),
        model=fields.optional("model", fields.text),
        soc=fields.optional("soc", fields.text),
        android=fields.optional("android", fields.text),
        sdk=fields.optional("sdk", fields.integer),
        abi=fields.optional("abi", fields.text),
        fingerprint=fields.optional("fingerprint", fields.text),
    )


def _acceleration(fields: Fields) -> Acceleration:
    return Acceleration(
        asked=fields.choice("asked", Accelerator),
        obtained=fields.choice("obtained", Accelerator),
        delegated_nodes=fields.optional("delegated_nodes", fields.integer),
        total_nodes=fields.optional("total_nodes", fields.integer),
        reason=fields.optional("reason", fields.text),
    )


def _state(fields: Fields) -> State:
    return State(
        battery_percent=fields.optional("battery_percent", lambda name: fields.number(name, 0, 100)),
        battery_celsius=fields.optional("battery_celsius", lambda name: fields.number(name, -273.15, 1000)),
        thermal_status=fields.optional("thermal_status", lambda name: fields.integer(name, 0, 6)),
    )


def _moment(fields: Fields, name: str) -> str:
    text = fields.text(name)
    try:
        utc = datetime.fromisoformat(text).utcoffset()
    except ValueError:
        utc = None
    if utc is None or utc:
        fields.refuse(name, "a UTC time in ISO 8601")
    return text


def _run(fields: Fields, blobs: Fields) -> Run:
    return Run(
        input=_tensor(fields.child("input"), 3),
        output=_tensor(fields.child("output"), 1),
        init_ns=fields.integer("init_ns"),
        warmup_ns=fields.integers("warmup_ns"),
        inputs=fields.integer("inputs", 1, MAX_COUNT),
        samples=fields.integer("samples", 1, MAX_SAMPLES),
        outputs=_blob(blobs.child("outputs")),
        timings=_blob(blobs.child("timings")),
        fed=blobs.optional("fed", lambda name: _blob(blobs.child(name))),
    )


def _tensor(fields: Fields, rank: int) -> TensorInfo:
    dtype, shape = fields.choice("dtype", TensorType), fields.integers("shape", 1, MAX_SIDE)
    scale = fields.optional("scale", lambda name: fields.number(name, 0, FLOAT32_MAX))
    zero_point = fields.optional("zero_point", lambda name: fields.integer(name, -128, 255))
    if len(shape) != rank:
        fields.refuse("shape", f"{rank} sizes")
    if (
        (dtype is TensorType.FLOAT32) is not (scale is None)
        or (scale is None) is not (zero_point is None)
        or scale == 0
    ):
        fields.refuse("scale", "with zero_point what its dtype needs: null for float32, numbers for integers")
    return TensorInfo(dtype, shape, scale, zero_point)


def _blob(fields: Fields) -> Blob:
    path = fields.text("path")
    if path.startswith(".") or any(character in path for character in "/\\:"):
        fields.refuse("path", "the bare name of a file beside the result")
    return Blob(path, fields.sha256("sha256"), fields.integer("bytes", 1))
