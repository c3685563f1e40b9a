"""Run a job in a process of its own, which prints its progress and its outcome as JSON, a line each.

The process gets the folders of the job and of the app with `--job` and `--files`, and with `--locate` the files that
the job names: those that the phone lets the app read, and no others.
"""

import contextlib
import json
import posixpath
import subprocess
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from benchmarks.console.places import ROOT
from benchmarks.formats.job import JOB_FILE
from benchmarks.virtual_phone.runner import JobOutcome, JobRefusedError, JobRequest, Status

PATIENCE_S = 10.0
LOG_SHOWN = 500
FILES_OF_A_JOB = ("model", "inputs")


def run(
    command: Sequence[str], request: JobRequest, environment: Mapping[str, str] | None = None
) -> Generator[Status, None, JobOutcome]:
    """A virtual phone's `JobRunner` but for its command. Closing it kills the process, as a phone kills an app."""
    arguments = ["--job", str(request.job), "--files", str(request.files), *_places(request)]
    with (
        TemporaryFile("w+", encoding="utf-8") as log,
        subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=log, encoding="utf-8", env=environment, cwd=ROOT
        ) as process,
    ):
        try:
            outcome = yield from _statuses(process)
            with contextlib.suppress(subprocess.TimeoutExpired):  # its outcome is known
                process.wait(PATIENCE_S)
        finally:
            process.kill()
        if outcome is None:
            log.seek(0)
            raise JobRefusedError(f"the runner ended without a result: {' '.join(log.read().split())[:LOG_SHOWN]}")
    return JobOutcome(outcome, request.files / posixpath.basename(outcome["handset_result"]))


def _places(request: JobRequest) -> list[str]:
    """Where the files that the job names lie on this machine; nowhere when the phone does not let the app read them."""
    here, options = request.arguments.get("job", "/"), ["--locate", "="]
    for path in _named(request.job / JOB_FILE):
        try:
            place = str(request.locate(posixpath.normpath(posixpath.join(here, path))))
        except OSError:
            place = ""
        options += ["--locate", f"{path}={place}"]
    return options


def _named(job: Path) -> list[str]:
    """The paths in `job.json`; none of one that cannot be read, which the runner will refuse by itself."""
    try:
        record: Any = json.loads(job.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    parts = [record.get(name) for name in FILES_OF_A_JOB] if isinstance(record, Mapping) else []
    paths = [part.get("path") for part in parts if isinstance(part, Mapping)]
    return [path for path in paths if isinstance(path, str) and path.isprintable()]


def _statuses(process: "subprocess.Popen[str]") -> Generator[Status, None, dict[str, str] | None]:
    """Every status that the process prints; its outcome, None when it ended without one."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    for line in process.stdout:
        record = json.loads(line)
        if "outcome" in record:
            return {name: str(value) for name, value in record["outcome"].items()}
        yield {name: str(value) for name, value in record["status"].items()}
    return None
