"""How many times as long one thing takes as another, measured in turns: the only interval of time that drift spares.

Variants are run in rounds, each in a random order of its own. Whatever drifts hits both medians of a round alike, so
that the logarithms of their ratios are nearly independent: their mean gets Student's t interval. In the simulation of
`tests/benchmarks/evaluation/test_ratio_coverage.py` it covers what it promises through drift, autocorrelation and
switching clocks, where intervals of one series (i.i.d. or block bootstrap) cover 40 to 97 %.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.stats.student import student_quantile
from benchmarks.evaluation.stats.verdicts import Interval, Speed

MARGIN = 0.02
"""A ratio this near to 1 is no difference that a user would notice."""
FEWEST_ROUNDS = 9

Logs = npt.NDArray[np.float64]


def log_ratio_interval(ours: Logs, theirs: Logs) -> tuple[Logs, Logs]:
    """Low and high of the log ratio of round medians, both (…, rounds) and positive; at least two rounds."""
    logs = np.log(ours / theirs)
    rounds = logs.shape[-1]
    half = student_quantile(rounds - 1) * logs.std(axis=-1, ddof=1) / math.sqrt(rounds)
    return logs.mean(axis=-1) - half, logs.mean(axis=-1) + half


def ratio_interval(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, Interval | None]:
    """Ours over theirs from the medians of the rounds that both took part in; no interval under 9 rounds."""
    first, second = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    ratio = math.exp(float(np.log(first / second).mean()))
    if len(first) < FEWEST_ROUNDS:
        return ratio, None
    low, high = log_ratio_interval(first, second)
    return ratio, Interval(math.exp(float(low)), math.exp(float(high)))


def welch_interval(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, Interval | None]:
    """Ours over theirs from medians of rounds that were not run in turns; Welch's interval of the log ratio.

    It holds only where neither series drifts, which the caller has to have found; no interval under 9 rounds of either.
    B. L. Welch, Biometrika 34 (1947).
    """
    logs = [np.log(np.asarray(one, np.float64)) for one in (ours, theirs)]
    centre = float(logs[0].mean() - logs[1].mean())
    if min(len(one) for one in logs) < FEWEST_ROUNDS:
        return math.exp(centre), None
    shares = [float(one.var(ddof=1)) / len(one) for one in logs]
    error = sum(shares)
    spent = sum(share**2 / (len(one) - 1) for share, one in zip(shares, logs, strict=True))
    freedom = max(1, int(error**2 / spent)) if spent else 1
    half = student_quantile(freedom) * math.sqrt(error)
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
