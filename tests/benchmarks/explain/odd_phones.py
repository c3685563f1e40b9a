"""Virtual phones whose probes do not come home as they should: an older app, other names, a job that is waited for."""

import hashlib
from collections.abc import Callable, Generator, Iterable
from threading import Event
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import structs

from benchmarks.formats.arrays import Blob
from benchmarks.formats.job import Accelerator, ProbeJob, read_job
from benchmarks.formats.probe_result import OkProbe, ProbeBlobs
from benchmarks.formats.result import ErrorKind, Failure, Result
from benchmarks.formats.results import SUFFIX, StoredResult, encode, read_result
from benchmarks.runners.desktop.runner import desktop_runner, outcome_of
from benchmarks.virtual_phone.runner import JobOutcome, JobRequest, JobRunner, Status
from tests.benchmarks.sample_results import failed

Work = Generator[Status, None, JobOutcome]


def older_app(request: JobRequest, /) -> Work:
    """The desktop's runner as it was before probes: it reads no handset.job/2, and says so in its own words."""
    job = read_job(request.job)
    if not isinstance(job, ProbeJob):
        return (yield from desktop_runner(request))
    yield {"done": "0", "total": "0"}
    refused = "job.json: $.format is 'handset.job/2', not 'handset.job/1'; write the job again"
    result = structs.replace(failed(), error=Failure(ErrorKind.JOB_REFUSED, refused), virtual=True)
    request.files.mkdir(parents=True, exist_ok=True)
    path = request.files / f"{job.id}{SUFFIX}"
    path.write_bytes(encode(result))
    return JobOutcome(outcome_of(path, request.files), path)


def changing_probes(change: Callable[[StoredResult], Result]) -> JobRunner:
    """The desktop's runner, which says something else of its probes, or puts other values beside them."""

    def run(request: JobRequest, /) -> Work:
        outcome = yield from desktop_runner(request)
        assert outcome.result is not None
        stored = read_result(outcome.result)
        if isinstance(stored.result, OkProbe):
            stored.path.write_bytes(encode(change(stored)))
        return JobOutcome(outcome_of(outcome.result, request.files), outcome.result)

    return run


def stopping_at_probe(number: int, reached: Event) -> JobRunner:
    """The desktop's runner, which never ends its `number`th probe."""
    seen: list[str] = []
    never = Event()

    def run(request: JobRequest, /) -> Work:
        job = read_job(request.job)
        if isinstance(job, ProbeJob):
            seen.append(job.id)
            if len(seen) == number:
                reached.set()
                while not never.wait(0.05):
                    yield {"done": "0", "total": "2"}
        return (yield from desktop_runner(request))

    return run


def renamed(stored: StoredResult) -> OkProbe:
    """Its third tensor has another name."""
    first, second, third, *others = stored.probe.tensors
    other = structs.replace(third, name="fused/out")
    return structs.replace(stored.probe, tensors=(first, second, other, *others))


def one_less(stored: StoredResult) -> OkProbe:
    """Its third tensor is not there."""
    kept = (value for values in stored.values() for place, value in enumerate(values) if place != 2)
    probe = stored.probe
    return structs.replace(_with_values(stored, kept), tensors=probe.tensors[:2] + probe.tensors[3:])


def no_answers(stored: StoredResult) -> OkProbe:
    """Its first tensor, which is the model's own output, is NaN."""
    values = (value * (np.nan if place == 0 else 1) for values in stored.values() for place, value in enumerate(values))
    return _with_values(stored, values)


def _with_values(stored: StoredResult, values: Iterable[npt.NDArray[Any]]) -> OkProbe:
    path = stored.path.with_name(stored.probe.blobs.values.path)
    data = b"".join(value.tobytes() for value in values)
    path.write_bytes(data)
    blob = Blob(path.name, hashlib.sha256(data).hexdigest(), len(data))
    return structs.replace(stored.probe, blobs=ProbeBlobs(blob))


def elsewhere(stored: StoredResult) -> OkProbe:
    """It says that it was computed on a GPU."""
    used = structs.replace(stored.probe.accelerator, obtained=Accelerator.GPU, reason="the copy fits")
    return structs.replace(stored.probe, accelerator=used)
