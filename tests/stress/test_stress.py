"""A part of `make stress` in every test run: the seed is fixed, so what fails here fails again."""

from pathlib import Path

from tests.stress.fuzz import fuzz

CASES = 20_000


def test_no_broken_file_is_more_than_a_clear_error(tmp_path: Path) -> None:
    fuzzed = fuzz(CASES, seed=0, kept=tmp_path)
    assert fuzzed.faults == []
    assert fuzzed.cases.total() == CASES
    assert all(fuzzed.refused[name] < count for name, count in fuzzed.cases.items())  # some stay whole enough
