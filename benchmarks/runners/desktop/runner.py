"""The entry points: a job on this computer, by itself or as a virtual phone's app.

The work has a thread of its own, so that a status comes every 2 seconds whatever the interpreter is doing.
"""

import hashlib
import posixpath
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from benchmarks.formats.errors import StorageError
from benchmarks.formats.results import SUFFIX
from benchmarks.runners.desktop.attempt import Attempt
from benchmarks.runners.desktop.measure import JobProgress
from benchmarks.runners.desktop.verified import Locate
from benchmarks.virtual_phone.runner import JobOutcome, JobRefusedError, JobRequest, Status

HEARTBEAT_S = 2.0


def run(
    folder: Path, out: Path, locate: Locate | None = None, heartbeat_s: float = HEARTBEAT_S
) -> Generator[Status, None, Path]:
    """Run the job in `folder`; yields `done` and `total` at once and every `heartbeat_s`, returns the result's path.

    `locate` finds what the job names; by default its paths are this machine's, relative ones below `folder`. Closing
    the generator ends the job before its next input, and leaves nothing of it. StorageError when `out` takes no result.
    """
    progress = JobProgress()
    attempt = Attempt(folder, out, locate or (lambda path: folder / path), progress)
    with ThreadPoolExecutor(1) as pool:
        before = _status(progress)  # the first status does not depend on how soon the other thread begins
        work = pool.submit(attempt.carry_out)
        try:
            yield before
            while wait([work], heartbeat_s).not_done:
                yield _status(progress)
        finally:
            progress.cancel()
        return work.result()


def desktop_runner(request: JobRequest, /) -> Generator[Status, None, JobOutcome]:
    """The `JobRunner` of a virtual phone: `handset_result` is the path that `run-as` reads."""
    here = request.arguments.get("job", "/")
    try:
        path = yield from run(
            request.job, request.files, lambda path: request.locate(posixpath.normpath(posixpath.join(here, path)))
        )
    except StorageError as error:
        raise JobRefusedError(str(error)) from error
    return JobOutcome(outcome_of(path, request.files), path)


def outcome_of(path: Path, files: Path) -> dict[str, str]:
    """What the instrumentation reports of the result at `path`, which lies in the app's folder `files`."""
    return {
        "handset_job": path.name.removesuffix(SUFFIX),
        "handset_result": f"{files.name}/{path.name}",
        "handset_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def _status(progress: JobProgress) -> Status:
    return {"done": str(progress.done), "total": str(progress.total)}
