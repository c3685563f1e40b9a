"""A part of `make stress` in every test run: the seed is fixed, so what fails here fails again."""

from pathlib import Path

from tests.benchmarks.exports import build_export
from tests.stress.attached import attached
from tests.stress.fuzz import fuzz
from tests.stress.soak import GROWTH_BYTES, PHONES, nothing_left, soak

CASES, JOBS = 20_000, 500


def test_no_broken_file_is_more_than_a_clear_error(tmp_path: Path) -> None:
    fuzzed = fuzz(CASES, seed=0, kept=tmp_path)
    assert fuzzed.faults == []
    assert fuzzed.cases.total() == CASES
    assert all(fuzzed.refused[name] < count for name, count in fuzzed.cases.items())  # some stay whole enough


def test_five_hundred_jobs_come_through_every_trouble(tmp_path: Path) -> None:
    export = build_export(tmp_path / "models")
    left: list[str] = []
    with nothing_left(left), attached(PHONES) as (phones, restart):
        soaked = soak(phones, export, tmp_path / "runs", JOBS, 0, restart)
    assert soaked.wrong == []
    assert left == []
    assert soaked.jobs >= JOBS
    assert soaked.struck.total() > 0
    assert soaked.grown_bytes < GROWTH_BYTES
