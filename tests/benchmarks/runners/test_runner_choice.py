"""Which runner a name means on this machine."""

import platform

import pytest

from benchmarks.runners.arm64 import environment
from benchmarks.runners.choice import RunnerName, job_runner
from benchmarks.runners.desktop.runner import desktop_runner


@pytest.mark.parametrize("processor", ["arm64", "aarch64"])
def test_a_machine_that_is_arm64_runs_arm64_jobs_itself(processor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS calls it arm64, Linux aarch64."""
    monkeypatch.setattr(platform, "machine", lambda: processor)
    monkeypatch.setattr(environment, "prepare", lambda _say: pytest.fail("nothing is to be emulated"))
    assert job_runner(RunnerName.ARM64) is desktop_runner
