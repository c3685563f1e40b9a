"""Run a job as the desktop does, on the kernels that a phone has: the same runner in an emulated arm64 process.

Its answers can be compared with this computer's; its latency means nothing and is not reported.
"""

import os
from collections.abc import Generator

from benchmarks.runners import separate
from benchmarks.runners.arm64.environment import Environment
from benchmarks.virtual_phone.runner import JobOutcome, JobRequest, JobRunner, Status


def arm64_runner(environment: Environment) -> JobRunner:
    """The `JobRunner` of a virtual phone whose app runs in `environment`."""
    command = [*environment.command, "-m", "benchmarks.runners.desktop"]
    # Its own packages and this repository, nothing of this machine's Python.
    variables = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(environment.site), "PYTHONNOUSERSITE": "1"}

    def run(request: JobRequest, /) -> Generator[Status, None, JobOutcome]:
        return (yield from separate.run(command, request, variables))

    return run
