import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.evaluation.stats import (
    Interval,
    Paired,
    Verdict,
    judge_loss,
    mcnemar,
    paired,
    paired_difference,
    wilson,
)
from benchmarks.evaluation.stats.ratios import student_quantile

COUNTS = st.integers(0, 500)
TABLES = st.builds(Paired, COUNTS, COUNTS, COUNTS, COUNTS).filter(lambda pairs: pairs.count > 0)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(hits: int, count: int, low: float, high: float) -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 857 to 872, table I, method 3."""
    interval = wilson(hits, count)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=6e-5)


def test_the_paired_difference_gives_the_published_interval() -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 2635 to 2650, method 10 on the table 36, 12, 2, 0."""
    interval = paired_difference(Paired(both=36, first=2, second=12, neither=0))
    assert (interval.low, interval.high) == pytest.approx((0.0569, 0.3404), abs=5e-5)


@given(st.integers(0, 2000), st.integers(1, 2000))
def test_wilson_holds_the_proportion_and_mirrors_its_complement(hits: int, count: int) -> None:
    hits = min(hits, count)
    interval, mirrored = wilson(hits, count), wilson(count - hits, count)
    assert 0 <= interval.low <= hits / count + 1e-12
    assert hits / count - 1e-12 <= interval.high <= 1
    assert (interval.low, interval.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low))


@given(TABLES)
def test_exchanging_the_two_answers_turns_the_interval_round(pairs: Paired) -> None:
    there = paired_difference(pairs)
    back = paired_difference(Paired(pairs.both, pairs.second, pairs.first, pairs.neither))
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low), abs=1e-12)


@given(TABLES)
def test_a_paired_interval_holds_its_difference_and_stays_within_plus_and_minus_one(pairs: Paired) -> None:
    interval = paired_difference(pairs)
    assert -1 - 1e-12 <= interval.low <= pairs.difference + 1e-12
    assert pairs.difference - 1e-12 <= interval.high <= 1 + 1e-12


@pytest.mark.parametrize("rates", [(0.90, 0.02, 0.01, 0.07), (0.70, 0.10, 0.10, 0.10), (0.50, 0.05, 0.15, 0.30)])
@pytest.mark.parametrize("count", [50, 200])
def test_the_paired_interval_covers_the_truth_as_often_as_it_promises(
    rates: tuple[float, float, float, float], count: int
) -> None:
    """95 % is promised, and 2000 tables show that to half a point; where few answers differ, it keeps more."""
    draw, repetitions = random.Random(7), 2000  # noqa: S311 - a simulation, not a secret
    truth = rates[2] - rates[1]
    covered = 0
    for _ in range(repetitions):
        drawn = Counter(draw.choices(range(4), rates, k=count))
        interval = paired_difference(Paired(*(drawn[cell] for cell in range(4))))
        covered += interval.low <= truth <= interval.high
    assert covered / repetitions >= 0.94
    assert covered / repetitions <= 0.975 or count * (rates[1] + rates[2]) < 10


@pytest.mark.parametrize("count", [1, 7, 200, 10_000])
@pytest.mark.parametrize("all_right", [True, False])
def test_equal_answers_leave_an_interval_about_zero_that_shrinks(count: int, all_right: bool) -> None:
    pairs = Paired(both=count if all_right else 0, first=0, second=0, neither=0 if all_right else count)
    interval = paired_difference(pairs)
    assert pairs.difference == 0
    assert interval.low == pytest.approx(-interval.high)
    assert 0 < interval.high <= 4 / (count + 4)


def test_no_discordant_pairs_among_many_leave_almost_no_doubt() -> None:
    interval = paired_difference(Paired(both=9936, first=0, second=0, neither=64))
    assert -0.001 < interval.low < 0 < interval.high < 0.001


def test_opposite_answers_everywhere_are_a_difference_of_one() -> None:
    interval = paired_difference(Paired(both=0, first=0, second=1, neither=0))
    assert interval.high == pytest.approx(1)
    assert -0.2 < interval.low < 1


@pytest.mark.parametrize(
    ("loss", "verdict"),
    [
        (Interval(-0.2, 0.3), Verdict.PASS),
        (Interval(0.5, 0.5), Verdict.PASS),
        (Interval(0.4, 0.6), Verdict.INCONCLUSIVE),
        (Interval(0.5, 0.6), Verdict.INCONCLUSIVE),
        (Interval(0.51, 0.9), Verdict.FAIL),
    ],
)
def test_a_loss_fails_only_when_its_whole_interval_lies_beyond_the_limit(loss: Interval, verdict: Verdict) -> None:
    assert judge_loss(loss, limit=0.5) is verdict


@pytest.mark.parametrize(
    ("freedom", "point"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (8, 2.306), (9, 2.262), (19, 2.093), (29, 2.045), (60, 2.0), (120, 1.98)],
)
def test_students_quantiles_are_the_published_ones(freedom: int, point: float) -> None:
    """Student, as tabulated in every handbook: two-sided 95 %."""
    assert student_quantile(freedom) == pytest.approx(point, abs=5e-4)


@given(COUNTS, COUNTS)
def test_mcnemar_is_the_exact_binomial_to_the_last_digits(lost: int, gained: int) -> None:
    count = lost + gained
    tail = sum(math.comb(count, k) for k in range(min(lost, gained) + 1))
    assert mcnemar(Paired(3, lost, gained, 4)) == pytest.approx(min(1, 2 * tail / 2**count), rel=1e-9)


def test_mcnemar_of_a_hundred_thousand_inputs_is_a_chance_too() -> None:
    assert mcnemar(Paired(0, 50_000, 50_000, 0)) == 1
    assert mcnemar(Paired(0, 100_000, 0, 0)) == 0
    assert mcnemar(Paired(0, 50_300, 49_700, 0)) == pytest.approx(0.0582, abs=5e-4)


def test_pairs_are_counted_from_what_was_right() -> None:
    first, second = np.array([1, 1, 1, 0, 0, 0], bool), np.array([1, 1, 0, 1, 0, 0], bool)
    assert paired(first, second) == Paired(both=2, first=1, second=1, neither=2)
