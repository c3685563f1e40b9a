"""Whether a result's counts and sizes can be those of its job. Values in, a sentence or None out; no file here."""

import math

from benchmarks.formats.arrays import Blob, TensorInfo, TensorType
from benchmarks.formats.job import Job, Mode, ProbeJob
from benchmarks.formats.probe_result import OkProbe
from benchmarks.formats.result import Acceleration, OkResult

TIMED_STAGES = 3
TIME_BYTES = 8
ITEM_BYTES = {TensorType.FLOAT32: 4, TensorType.UINT8: 1, TensorType.INT8: 1}
NS = 1_000_000_000


def inconsistency(run: OkResult | OkProbe) -> str | None:
    """The first thing about an ok result that cannot be; None when it all fits."""
    if (run.model_sha256, run.inputs_sha256) != (run.job.model.sha256, run.job.inputs.sha256):
        return "it ran another model or other inputs than its job names"
    return _accelerator(run.job, run.accelerator) or (_probe(run) if isinstance(run, OkProbe) else _measured(run))


def _probe(run: OkProbe) -> str | None:
    if run.inputs != run.job.inputs.count:
        return f"it has {run.inputs} inputs, its job {run.job.inputs.count}"
    values, needed_bytes = run.blobs.values, run.inputs * sum(tensor.size_bytes for tensor in run.tensors)
    return _size(values, needed_bytes)


def _measured(run: OkResult) -> str | None:
    return _counts(run) or _sizes(run)


def _accelerator(job: Job | ProbeJob, got: Acceleration) -> str | None:
    if got.asked is not job.accelerator:
        return f"{got.asked} was asked for, but its job asks for {job.accelerator}"
    if got.obtained is not got.asked and got.reason is None:
        return f"{got.asked} was asked for and {got.obtained} obtained without a reason"
    if got.delegated_nodes is not None and got.total_nodes is not None and got.delegated_nodes > got.total_nodes:
        return f"{got.delegated_nodes} of {got.total_nodes} nodes are delegated"
    if got.partitions is not None and got.total_nodes is not None and not 1 <= got.partitions <= got.total_nodes:
        return f"{got.total_nodes} nodes are in {got.partitions} partitions"
    return None


def _counts(run: OkResult) -> str | None:
    job = run.job
    inputs = job.inputs.count if job.mode is Mode.EVALUATE else 1
    if run.inputs != inputs:
        return f"it has {run.inputs} inputs, its job {inputs}"
    if (run.blobs.fed is None) is job.return_fed:
        return "the fed tensors are not there, or were not asked for"
    if job.mode is Mode.EVALUATE:
        if run.samples != inputs or run.warmup_ns:
            return f"it has {run.samples} samples and {len(run.warmup_ns)} warm-ups of {inputs} inputs"
        return None
    # Only the time limit ends either phase early, and then that much time has passed.
    short = run.samples < job.num_runs or len(run.warmup_ns) < job.warmup_runs
    if short and run.duration_ns < job.max_s * NS:
        return f"it has {run.samples} samples and {len(run.warmup_ns)} warm-ups, fewer than its job asks for"
    return None


def _sizes(run: OkResult) -> str | None:
    expected = [
        (run.blobs.outputs, run.inputs * _bytes(run.output)),
        (run.blobs.timings, run.samples * TIMED_STAGES * TIME_BYTES),
        (run.blobs.fed, run.inputs * _bytes(run.input)),
    ]
    return next((problem for blob, size in expected if blob is not None and (problem := _size(blob, size))), None)


def _size(blob: Blob, needed_bytes: int) -> str | None:
    if blob.size_bytes == needed_bytes:
        return None
    return f"{blob.path} has {blob.size_bytes} bytes, its counts need {needed_bytes}"


def _bytes(tensor: TensorInfo) -> int:
    return math.prod(tensor.shape) * ITEM_BYTES[tensor.dtype]
