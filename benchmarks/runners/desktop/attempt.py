"""One attempt at a job, from its folder to its result on disk. Whatever is wrong with the job ends as a failed result.

The binary files come first and the result last, each in one rename; when an attempt is ended from outside, or cannot
write its result, none of them stays.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter_ns

from benchmarks.evaluation import interpreter
from benchmarks.formats.atomic import atomic_write, make_folder
from benchmarks.formats.errors import FailedInputError, InputsError, JobError, ModelError, StorageError
from benchmarks.formats.job import ProbeJob, is_id, read_job
from benchmarks.formats.mismatch import line_of
from benchmarks.formats.probe_result import failed_result
from benchmarks.formats.result import (
    UNKNOWN_STATE,
    ErrorKind,
    Failure,
    Memory,
    Result,
    RunnerInfo,
    UsedRuntime,
)
from benchmarks.formats.results import SUFFIX, encode
from benchmarks.runners.desktop import machine
from benchmarks.runners.desktop.execute import Reached, execute
from benchmarks.runners.desktop.measure import JobProgress
from benchmarks.runners.desktop.probe import probe
from benchmarks.runners.desktop.verified import Locate

RUNNER = RunnerInfo("desktop", "1", None)
UNREADABLE = "unreadable"
BLOBS = ("outputs", "timings", "fed", "values")
KINDS: dict[type[Exception], ErrorKind] = {
    JobError: ErrorKind.JOB_REFUSED,
    ModelError: ErrorKind.MODEL_REFUSED,
    InputsError: ErrorKind.INPUTS_REFUSED,
    FailedInputError: ErrorKind.INPUT_FAILED,
    StorageError: ErrorKind.INTERNAL,
    MemoryError: ErrorKind.OUT_OF_MEMORY,
}


class Attempt:
    """One job in `folder`; its result goes to `out`, which is made where it is missing."""

    def __init__(self, folder: Path, out: Path, locate: Locate, progress: JobProgress) -> None:
        self._folder, self._out, self._locate, self._progress = folder, out, locate, progress
        self._reached = Reached()

    @property
    def id(self) -> str:
        """The job's id; the name of its folder while the job is not known."""
        if self._reached.job is not None:
            return self._reached.job.id
        return self._folder.name if is_id(self._folder.name) else UNREADABLE

    def carry_out(self) -> Path:
        """The result's path. StorageError when it cannot be written, CancelledError when it was cancelled."""
        started_at, began = datetime.now(UTC), perf_counter_ns()
        make_folder(self._out)
        with ExitStack() as undo:
            undo.callback(self._delete_blobs)
            finish: Callable[..., Result]
            try:
                job = self._reached.job = read_job(self._folder)
                given = self._locate, self._place, self._reached, self._progress
                finish = probe(job, *given) if isinstance(job, ProbeJob) else execute(job, *given)
            except tuple(KINDS) as reason:
                kind = next(kind for error_type, kind in KINDS.items() if isinstance(reason, error_type))
                error = Failure(kind, line_of(str(reason)) or type(reason).__name__)
                finish = partial(failed_result(self._reached.job), error=error)
                self._delete_blobs()
            result = self._result(finish, started_at, perf_counter_ns() - began)
            path = self._out / f"{self.id}{SUFFIX}"
            with atomic_write(path) as file:
                file.write(encode(result))
            undo.pop_all()
        return path

    def _place(self, name: str) -> Path:
        return self._out / f"{self.id}.{name}.bin"

    def _delete_blobs(self) -> None:
        for name in BLOBS:
            self._place(name).unlink(missing_ok=True)

    def _result(self, finish: Callable[..., Result], started_at: datetime, duration_ns: int) -> Result:
        """What `finish` makes of everything that does not depend on how the job ended."""
        return finish(
            job=self._reached.job,
            runner=RUNNER,
            virtual=True,
            device=machine.device(),
            runtime=UsedRuntime(*interpreter.runtime()),
            accelerator=self._reached.accelerator,
            model_sha256=self._reached.model_sha256,
            inputs_sha256=self._reached.inputs_sha256,
            memory=Memory(machine.peak_bytes()),
            state_before=UNKNOWN_STATE,
            state_after=UNKNOWN_STATE,
            started_at=started_at.isoformat(timespec="seconds"),
            duration_ns=duration_ns,
        )
