"""The interval of a ratio keeps its 95 % coverage with drift, autocorrelation and switching clocks.

2000 repetitions of 20 rounds of 10 runs, for each of six scenarios.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.evaluation.stats import Interval, Speed, judge_ratio, ratio_interval, welch_interval
from benchmarks.evaluation.stats.ratios import log_ratio_interval
from tests.benchmarks.simulated_times import SCENARIOS, Logs, noise

REPETITIONS, ROUNDS, RUNS = 2000, 20, 10


def rounds_in_turns(name: str) -> tuple[Logs, Logs]:
    """Round medians of two equally fast variants, (repetitions, rounds), in random order within every round."""
    random = np.random.default_rng(11)
    logs = SCENARIOS[name](random, (REPETITIONS, ROUNDS * 2 * RUNS)).reshape(REPETITIONS, ROUNDS, 2, RUNS)
    medians = np.exp(np.median(logs, axis=3))
    swapped = random.random((REPETITIONS, ROUNDS)) < 0.5
    return tuple(np.where(swapped, medians[..., one], medians[..., 1 - one]) for one in (0, 1))  # type: ignore[return-value]


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_interval_covers_the_true_ratio_and_finds_a_tenth(name: str) -> None:
    ours, theirs = rounds_in_turns(name)
    low, high = log_ratio_interval(ours, theirs)
    assert 0.93 <= ((low <= 0) & (high >= 0)).mean() <= 0.98
    assert (high < math.log(0.98)).mean() <= 0.01
    faster_low, faster_high = log_ratio_interval(0.9 * ours, theirs)
    verdicts = [
        judge_ratio(Interval(math.exp(one), math.exp(other)))
        for one, other in zip(faster_low, faster_high, strict=True)
    ]
    assert verdicts.count(Speed.FASTER) / REPETITIONS >= 0.95


def test_under_nine_rounds_there_is_no_interval_and_no_verdict() -> None:
    ratio, interval = ratio_interval([1.0] * 8, [2.0] * 8)
    assert (ratio, interval, judge_ratio(interval)) == (0.5, None, Speed.INCONCLUSIVE)
    assert ratio_interval([1.0] * 9, [2.0] * 9)[1] == Interval(0.5, 0.5)
    assert welch_interval([1.0] * 8, [2.0] * 20)[1] is None


@pytest.mark.parametrize(
    ("low", "high", "speed"),
    [
        (0.90, 0.979, Speed.FASTER),
        (0.90, 0.98, Speed.INCONCLUSIVE),
        (0.98, 1.02, Speed.NO_CHANGE),
        (0.97, 1.0, Speed.INCONCLUSIVE),
        (1.021, 1.3, Speed.SLOWER),
        (0.5, 2.0, Speed.INCONCLUSIVE),
    ],
)
def test_a_speed_is_said_when_the_whole_interval_lies_beyond_the_margin(low: float, high: float, speed: Speed) -> None:
    assert judge_ratio(Interval(low, high)) is speed


def test_welchs_interval_covers_what_it_promises_where_nothing_drifts() -> None:
    random = np.random.default_rng(3)
    ours, theirs = np.exp(noise(random, (REPETITIONS, 20))), np.exp(3 * noise(random, (REPETITIONS, 10)))
    covered = 0
    for one, other in zip(ours, theirs, strict=True):
        _, interval = welch_interval(list(one), list(other))
        covered += interval is not None and interval.low <= 1 <= interval.high
    assert 0.93 <= covered / REPETITIONS <= 0.98


TIMES = st.lists(st.floats(0.01, 1000), min_size=9, max_size=30)


@given(TIMES, TIMES)
def test_an_interval_holds_its_ratio_and_turns_round_when_the_two_are_exchanged(
    ours: list[float], theirs: list[float]
) -> None:
    count = min(len(ours), len(theirs))
    ratio, interval = ratio_interval(ours[:count], theirs[:count])
    back, mirrored = ratio_interval(theirs[:count], ours[:count])
    assert interval is not None
    assert mirrored is not None
    assert interval.low <= ratio * (1 + 1e-9)
    assert ratio <= interval.high * (1 + 1e-9)
    assert (back, mirrored.low, mirrored.high) == pytest.approx((1 / ratio, 1 / interval.high, 1 / interval.low))
