"""What runs a job on a virtual phone: the interface between `am instrument` and a real interpreter."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Status = Mapping[str, str]
"""What an app reports while it works; printed as one INSTRUMENTATION_STATUS block."""


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What an instrumentation is started with."""

    job: Path
    """The job's folder on this machine."""
    files: Path
    """The app's private `filesDir` on this machine, where the result goes."""
    arguments: Mapping[str, str]
    """Everything given with `-e`, `job` included."""
    locate: Callable[[str], Path]
    """Where a path of the phone that the app may read lies on this machine; OSError with the phone's reason."""


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How a job ended: what INSTRUMENTATION_RESULT prints, and the result file."""

    values: Mapping[str, str]
    result: Path | None


class JobRefusedError(Exception):
    """The runner cannot take this job; the message says why, in one line."""


class JobRunner(Protocol):
    """Runs one job as the app would: yields status blocks, writes the result file last, returns the outcome.

    The phone stops asking for more when the app is killed; the generator is then closed. JobRefusedError is the only
    error for a bad job; any other is a bug and keeps its traceback.
    """

    def __call__(self, request: JobRequest, /) -> Generator[Status, None, JobOutcome]: ...


def no_runner(_request: JobRequest, /) -> Generator[Status, None, JobOutcome]:
    """Refuse every job: a phone without a runner makes up no result."""
    raise JobRefusedError("this virtual phone was started without a job runner; start it with one to run models")
    yield {}  # makes this a generator, as every runner is
