"""One series of times: when it has an interval, and what prevents one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.evaluation.stats.series import drift, effective_samples, median_rank, step, summarize, switching
from tests.benchmarks.simulated_times import SCENARIOS, Logs, drifting, noise
from tests.benchmarks.simulated_times import switching as switching_clocks


def draws(name: str, repetitions: int, samples: int) -> Logs:
    return np.exp(SCENARIOS[name](np.random.default_rng(12), (repetitions, samples)))


@pytest.mark.parametrize(
    ("count", "rank"), [(6, 1), (8, 1), (9, 2), (10, 2), (15, 4), (20, 6), (25, 8), (50, 18), (100, 40)]
)
def test_the_ranks_of_the_medians_interval_are_the_published_ones(count: int, rank: int) -> None:
    """As tabulated for the 95 % interval of the median, e.g. W. J. Conover, Practical Nonparametric Statistics, A3."""
    assert median_rank(count) == rank


def test_the_interval_of_independent_times_covers_their_median() -> None:
    truth = float(np.median(np.exp(noise(np.random.default_rng(1), (1, 1_000_000)))))
    summaries = [summarize(series) for series in draws("none", 500, 200)]
    intervals = [summary.interval for summary in summaries if summary.interval is not None]
    assert len(intervals) >= 0.98 * len(summaries)
    assert 0.93 <= np.mean([one.low <= truth <= one.high for one in intervals]) <= 0.98


def test_autocorrelated_times_have_the_effective_sample_size_of_theory() -> None:
    """Above the median, an AR(1) process of normal values correlates by 2/π·asin(rate^k) at lag k."""
    random, rate, count = np.random.default_rng(5), 0.9, 4000
    values = random.standard_normal(count)
    for at in range(1, count):
        values[at] = rate * values[at - 1] + np.sqrt(1 - rate**2) * values[at]
    time = 1 + 2 * np.sum(2 / np.pi * np.arcsin(rate ** np.arange(1, 500)))
    assert effective_samples(np.exp(0.05 * values)) == pytest.approx(count / time, rel=0.3)


@pytest.mark.parametrize("growth", [0.05, 0.25, -0.1])
def test_a_drift_is_found_with_its_size_and_leaves_no_interval(growth: float) -> None:
    summary = summarize(np.exp(drifting(growth)(np.random.default_rng(2), (1, 1000)))[0])
    assert summary.drift == pytest.approx(growth, abs=0.02)
    assert summary.interval is None


def test_chance_is_rarely_called_a_drift_a_switch_or_a_step() -> None:
    summaries = [summarize(series) for series in draws("none", 400, 300)]
    assert sum(summary.drift is not None for summary in summaries) <= 4
    assert sum(summary.switching is not None for summary in summaries) == 0
    assert sum(step(series) is not None for series in draws("none", 400, 40)) <= 10


def test_switching_clocks_are_found_with_both_their_medians_and_leave_no_interval() -> None:
    for logs in switching_clocks(np.random.default_rng(4), (50, 1000)):
        summary = summarize(np.exp(logs))
        assert summary.switching is not None
        assert summary.switching[1] / summary.switching[0] == pytest.approx(1.25, abs=0.03)
        assert summary.interval is None


@pytest.mark.parametrize("name", ["none", "25 % drift", "drift and AR 0.9", "drift and AR 0.98"])
def test_nothing_else_is_called_switching(name: str) -> None:
    assert not any(switching(series) for series in draws(name, 100, 1000))


def test_two_speeds_that_change_at_every_run_are_no_switching_clocks() -> None:
    """The jitter of a timer is bimodal too, but it does not drift: its median has an interval."""
    random = np.random.default_rng(6)
    series = np.where(random.random(500) < 0.3, 1.3, 1.0) * np.exp(0.1 * noise(random, (1, 500)))[0]
    assert switching(series) is None
    assert summarize(series).interval is not None


@pytest.mark.parametrize("at", [5, 20, 36])
def test_a_throttling_phone_is_found_where_it_throttles(at: int) -> None:
    random = np.random.default_rng(7)
    found = [step(np.exp(0.02 * random.standard_normal(40)) * np.where(np.arange(40) < at, 1, 1.15)) for _ in range(50)]
    assert sum(one is not None and abs(one - at) <= 2 for one in found) >= 47


def test_few_or_equal_times_have_a_summary_too() -> None:
    assert summarize(np.array([2.0])).interval is None
    equal = summarize(np.full(100, 3.0))
    assert (equal.effective, equal.drift, equal.switching) == (100, None, None)
    assert equal.interval is not None
    assert (equal.interval.low, equal.interval.high) == (3.0, 3.0)
    assert drift(np.ones(8)) is None
    assert step(np.ones(5)) is None


@given(st.lists(st.floats(1e-3, 1e5), min_size=1, max_size=200))
def test_a_summary_stays_within_its_series(values: list[float]) -> None:
    series = np.array(values)
    summary = summarize(series)
    assert 1 <= summary.effective <= len(values)
    if summary.interval is not None:
        assert series.min() <= summary.interval.low <= np.median(series) + 1e-9
        assert np.median(series) - 1e-9 <= summary.interval.high <= series.max()
