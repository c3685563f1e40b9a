"""Distances of answers, against values worked by hand and in print."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.evaluation.stats.probabilities import BLOCK, Probabilities, calibration_error, distance

P = np.array([[9 / 25, 12 / 25, 4 / 25]], np.float32)
Q = np.full((1, 3), 1 / 3, np.float32)


def test_the_divergence_is_the_textbooks() -> None:
    """S. Kullback, Information Theory and Statistics, 1959, table 2.1: 0.0852996 and 0.097455 nats."""
    assert distance(P, Q, None).kl == pytest.approx(0.0852996, abs=1e-6)
    assert distance(Q, P, None).kl == pytest.approx(0.097455, abs=1e-6)


def test_differences_are_those_worked_by_hand() -> None:
    earlier, later = np.array([[1, 0], [0.5, 0.5]], np.float32), np.array([[0.5, 0.5], [0.5, 0.5]], np.float32)
    found = distance(earlier, later, None)
    assert (found.largest, found.mean, found.rms) == pytest.approx((0.5, 0.25, math.sqrt(0.125)))
    assert found.divergence == pytest.approx([math.log(2), 0])


def test_a_zero_counts_as_half_a_step_of_its_quantisation() -> None:
    earlier, later = np.array([[0.25, 0.75]], np.float32), np.array([[0, 1]], np.float32)
    wanted = 0.25 * math.log(0.25 / (1 / 512)) + 0.75 * math.log(0.75)
    assert distance(earlier, later, 1 / 256).kl == pytest.approx(wanted, rel=1e-6)
    assert math.isfinite(distance(earlier, later, None).kl)


def test_blocks_give_the_same_result_as_the_whole() -> None:
    random = np.random.default_rng(1)
    earlier, later = (random.dirichlet(np.ones(7), 3 * BLOCK + 5).astype(np.float32) for _ in range(2))
    found, apart = distance(earlier, later, None), np.abs(earlier - later)
    assert (found.largest, found.mean) == pytest.approx((apart.max(), apart.mean()))
    assert found.rms == pytest.approx(math.sqrt(float((apart**2).mean())))
    assert found.divergence == pytest.approx((earlier * np.log(earlier / later)).sum(axis=1), abs=1e-6)


def test_equal_answers_are_no_distance_apart() -> None:
    found = distance(P, P.copy(), None)
    assert (found.largest, found.mean, found.rms, found.kl) == (0, 0, 0, 0)


def test_calibration_error_is_the_share_by_which_confidence_misses() -> None:
    sure, right = np.array([0.95, 0.95, 0.95, 0.95], np.float32), np.array([True, True, True, False])
    assert calibration_error(sure, right) == pytest.approx(0.2)
    two_bins = np.array([0.9, 0.9, 0.5, 0.5], np.float32)
    assert calibration_error(two_bins, np.array([True, True, True, True])) == pytest.approx(0.3)
    assert calibration_error(np.array([1.0, 0.0], np.float32), np.array([True, False])) == 0


def test_probabilities_as_high_as_the_accuracy_are_well_calibrated() -> None:
    random = np.random.default_rng(2)
    sure = random.uniform(0.1, 1, 50_000).astype(np.float32)
    assert calibration_error(sure, random.random(50_000) < sure) < 0.01


ANSWERS = arrays(np.float32, (3, 4), elements=st.floats(0, 1, width=32))


@given(ANSWERS, ANSWERS, st.sampled_from([None, 1 / 256]))
def test_any_answers_have_finite_distances(earlier: Probabilities, later: Probabilities, step: float | None) -> None:
    found = distance(earlier, later, step)
    assert 0 <= found.mean <= found.rms + 1e-7 <= found.largest + 2e-7 <= 1 + 2e-7
    assert np.isfinite(found.divergence).all()
    assert (found.divergence >= 0).all()
