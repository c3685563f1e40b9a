"""A part of `make stress` in every test run: the seed is fixed, so what fails here fails again."""

from pathlib import Path

import pytest

from tests.benchmarks.exports import build_export
from tests.stress.attached import attached
from tests.stress.fuzz import fuzz
from tests.stress.soak import GROWTH_BYTES, PHONES, nothing_left, soak


def test_no_broken_file_is_more_than_a_clear_error(tmp_path: Path) -> None:
    fuzzed = fuzz(1_000, seed=0, kept=tmp_path)
    assert fuzzed.faults == []
    assert 0 < fuzzed.refused.total() < fuzzed.cases.total() == 1_000


@pytest.mark.thorough
def test_no_broken_file_of_twenty_thousand_is_more_than_a_clear_error(tmp_path: Path) -> None:
    fuzzed = fuzz(20_000, seed=0, kept=tmp_path)
    assert fuzzed.faults == []
    assert fuzzed.cases.total() == 20_000
    assert all(fuzzed.refused[name] < count for name, count in fuzzed.cases.items())  # some stay whole enough


@pytest.mark.parametrize("jobs", [50, pytest.param(200, marks=pytest.mark.thorough)])
def test_jobs_come_through_every_trouble(jobs: int, tmp_path: Path) -> None:
    export = build_export(tmp_path / "models")
    left: list[str] = []
    with nothing_left(left), attached(PHONES) as (phones, restart):
        soaked = soak(phones, export, tmp_path / "runs", jobs, 0, restart)
    assert soaked.wrong == []
    assert left == []
    assert soaked.jobs >= jobs
    assert soaked.struck.total() > 0
    assert soaked.grown_bytes < GROWTH_BYTES
