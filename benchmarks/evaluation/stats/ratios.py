"""Ratios of times, with intervals that hold when the phone's speed drifts during the run.

Variants are run in rounds, each in a random order. A drift changes both medians of a round equally, so that the
logarithms of their ratios are nearly independent, and their mean has Student's t interval. In the simulation of
`tests/benchmarks/evaluation/test_ratio_coverage.py` it keeps its 95 % under drift, autocorrelation and switching
clocks, where intervals of one series (i.i.d. or block bootstrap) cover 40 to 97 %.

Student's t is computed exactly, for whole degrees of freedom: Abramowitz and Stegun, Handbook (1964), 26.7.
"""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.stats.verdicts import Interval, Speed

MARGIN = 0.02
"""A user does not notice a ratio as close to 1 as this."""
FEWEST_ROUNDS = 9

Logs = npt.NDArray[np.float64]


def student_within(t: float, freedom: int) -> float:
    """The chance that |T| ≤ t ≥ 0 with `freedom` ≥ 1 degrees; 26.7.3 where they are odd, 26.7.4 where even."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for step in range(2 + odd, freedom - 1, 2):
        term *= cosine**2 * (step - 1) / step
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


@cache
def student_quantile(freedom: int) -> float:
    """The 97.5 % point of t: half a 95 % interval in standard errors."""
    low, high = 0.0, 16.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if student_within(middle, freedom) < 0.95 else (low, middle)
    return high


def log_ratio_interval(times: Logs, base_times: Logs) -> tuple[Logs, Logs]:
    """Low and high of the 95 % interval of the log ratio, (…); the round medians are (…, rounds ≥ 2), above 0."""
    logs = np.log(times / base_times)
    rounds = logs.shape[-1]
    half = student_quantile(rounds - 1) * logs.std(axis=-1, ddof=1) / math.sqrt(rounds)
    return logs.mean(axis=-1) - half, logs.mean(axis=-1) + half


def ratio_interval(times: Sequence[float], base_times: Sequence[float]) -> tuple[float, Interval | None]:
    """`times` over `base_times`, the medians of the same rounds, with a 95 % interval; None under 9 rounds."""
    first, second = np.asarray(times, np.float64), np.asarray(base_times, np.float64)
    ratio = math.exp(float(np.log(first / second).mean()))
    if len(first) < FEWEST_ROUNDS:
        return ratio, None
    low, high = log_ratio_interval(first, second)
    return ratio, Interval(math.exp(float(low)), math.exp(float(high)))


def welch_interval(times: Sequence[float], base_times: Sequence[float]) -> tuple[float, Interval | None]:
    """`times` over `base_times`, the medians of different rounds, with Welch's interval; None under 9 rounds of either.

    It holds only where neither series drifts: the caller checks that. B. L. Welch, Biometrika 34 (1947).
    """
    logs = [np.log(np.asarray(series, np.float64)) for series in (times, base_times)]
    centre = float(logs[0].mean() - logs[1].mean())
    if min(map(len, logs)) < FEWEST_ROUNDS:
        return math.exp(centre), None
    variances = [float(series.var(ddof=1)) / len(series) for series in logs]
    variance = sum(variances)
    weighted = sum(part**2 / (len(series) - 1) for part, series in zip(variances, logs, strict=True))
    freedom = max(1, int(variance**2 / weighted)) if weighted else 1
    half = student_quantile(freedom) * math.sqrt(variance)
    return math.exp(centre), Interval(math.exp(centre - half), math.exp(centre + half))


def judge_ratio(interval: Interval | None, margin: float = MARGIN) -> Speed:
    """FASTER or SLOWER when the whole interval lies beyond the margin, NO_CHANGE when it lies wholly within."""
    if interval is None:
        return Speed.INCONCLUSIVE
    if interval.high < 1 - margin:
        return Speed.FASTER
    if interval.low > 1 + margin:
        return Speed.SLOWER
    within = interval.low >= 1 - margin and interval.high <= 1 + margin
    return Speed.NO_CHANGE if within else Speed.INCONCLUSIVE
