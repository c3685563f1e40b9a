"""Statistics of one series of times: autocorrelation, drift, switching clocks, throttling. Arrays in, values out.

An interval holds for this run only: another run may find the phone warmer, or its clock slower. It is computed for the
number of independent values in the series, and there is none where the series drifts or switches between two speeds.
"""

import math
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.stats.ratios import MARGIN, student_within
from benchmarks.evaluation.stats.verdicts import Interval

CHANCE = 0.01
"""A drift or a step is reported when chance alone makes one as large less often than this."""
BLOCKS = 30
FEWEST_BLOCKS = 9
FEWEST_INDEPENDENT = 6
"""The lowest and the highest of 5 values enclose the median in 93.75 % only, not in 95 %."""
SMALL = 30
"""Fewer values are too few to find two clocks in."""
APART = 4.0
LEAST_SHARE = 0.1
EITHER_SIDE = 3
"""A step has at least so many values before and after it."""
SHUFFLES = 4000

Series = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """The statistics of one series.

    `effective`: the number of independent values, for its median. `drift`: its growth from begin to end as a share,
    None where it may be chance. `switching`: the medians of two clocks between which it switches, None where it does
    not. `interval`: of the median, for this run only; None with drift or switching, or with too few values.
    """

    effective: float
    drift: float | None
    switching: tuple[float, float] | None
    interval: Interval | None


def summarize(series: Series) -> SeriesSummary:
    """The statistics of at least one positive value, in the order in which they were measured."""
    effective, growth, clocks = effective_samples(series), drift(series), switching(series)
    is_steady = growth is None and clocks is None
    return SeriesSummary(effective, growth, clocks, median_interval(series, effective) if is_steady else None)


def effective_samples(series: Series) -> float:
    """The effective sample size of the series' median, 1 to its length.

    The length over the autocorrelation time of "above the median", summed over pairs of lags as long as they are
    positive (C. J. Geyer, "Practical Markov chain Monte Carlo", Statistical Science 7, 1992).
    """
    above = (series > np.median(series)).astype(np.float64)
    above -= above.mean()
    count = len(above)
    if not above.any():
        return float(count)
    spectrum = np.fft.rfft(above, 2 * count)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2)[:count]
    correlation = covariance / covariance[0]
    pairs = correlation[: count // 2 * 2].reshape(-1, 2).sum(axis=1)
    ended = np.flatnonzero(pairs <= 0)
    time = 2 * float(pairs[: ended[0] if len(ended) else len(pairs)].sum()) - 1
    return float(np.clip(count / max(time, 1.0), 1.0, count))


def median_interval(series: Series, effective: float) -> Interval | None:
    """The order-statistic interval of the median as if there were `effective` values; None where they are too few."""
    count = math.floor(effective)
    if count < FEWEST_INDEPENDENT:
        return None
    share = (median_rank(count) - 1) / (count - 1)
    low, high = np.quantile(series, (share, 1 - share))
    return Interval(float(low), float(high))


@cache
def median_rank(count: int) -> int:
    """The largest k for which the k-th of `count` ≥ 6 values and the k-th last enclose the median in 95 %."""
    logs = (math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1) for k in range(count // 2 + 1))
    tails = accumulate(math.exp(log - count * math.log(2)) for log in logs)
    return sum(1 for tail in tails if tail <= 0.025)


def drift(series: Series) -> float | None:
    """The share by which the series grew from begin to end (negative: shrank); None under 2 %, or if it may be chance.

    The slope is Theil and Sen's over the medians of up to 30 blocks; Spearman's rank correlation with time tests it.
    """
    blocks = np.array([np.median(part) for part in np.array_split(series, min(BLOCKS, len(series)))])
    count = len(blocks)
    if count < FEWEST_BLOCKS:
        return None
    rank = float(np.corrcoef(np.arange(count), _ranks(blocks))[0, 1]) if np.ptp(blocks) else 0.0
    t = abs(rank) * math.sqrt((count - 2) / max(1 - rank**2, 1e-12))
    first, second = np.triu_indices(count, 1)
    slope = float(np.median((blocks[second] - blocks[first]) / (second - first)))
    began = float(np.median(blocks - slope * np.arange(count)))
    growth = slope * (count - 1) / began if began > 0 else math.inf
    return growth if 1 - student_within(t, count - 2) < CHANCE and abs(growth) > MARGIN else None


def switching(series: Series) -> tuple[float, float] | None:
    """The medians of the two clocks between which the series switches, None where it does not.

    The cut that explains most of the variance of the logarithms (N. Otsu, 1979) must leave two groups of at least a
    tenth of the values, four times their spread apart (2.6 for a normal distribution, 3.5 for a steady climb), and with
    fewer changes between them than chance makes (A. Wald and J. Wolfowitz, 1940).
    """
    logs = np.log(series)
    count = len(logs)
    if count < SMALL or not np.ptp(logs):
        return None
    ordered = np.sort(logs)
    sizes = np.arange(1, count)
    sums, squares = np.cumsum(ordered), np.cumsum(ordered**2)
    low, high = sums[:-1] / sizes, (sums[-1] - sums[:-1]) / (count - sizes)
    between = sizes * (count - sizes) * (high - low) ** 2
    cut = int(between.argmax())
    within = squares[-1] - sizes[cut] * low[cut] ** 2 - (count - sizes[cut]) * high[cut] ** 2
    apart = (high[cut] - low[cut]) / math.sqrt(max(within / count, 1e-18))
    share = min(sizes[cut], count - sizes[cut]) / count
    fast = logs <= ordered[cut]
    if apart < APART or share < LEAST_SHARE or high[cut] - low[cut] < MARGIN or not _has_long_runs(fast):
        return None
    return float(np.median(series[fast])), float(np.median(series[~fast]))


def _has_long_runs(fast: npt.NDArray[np.bool_]) -> bool:
    """Whether equal neighbours are more frequent than chance makes them, by three standard deviations."""
    ones, count = int(fast.sum()), len(fast)
    product = 2 * ones * (count - ones)
    expected = product / count + 1
    spread = math.sqrt(product * (product - count) / (count**2 * (count - 1)))
    changes = int((fast[1:] != fast[:-1]).sum())
    return changes + 1 < expected - 3 * spread


def step(series: Series) -> int | None:
    """The index of the first value after the one step that divides the series best; None without a step.

    A step is larger than 2 %, and its standardised sum of logarithms is larger than in 99 % of 4000 seeded shuffles.
    Outliers are limited to four times the spread between neighbours first.
    """
    count = len(series)
    if count < 2 * EITHER_SIDE:
        return None
    places = np.arange(EITHER_SIDE, count - EITHER_SIDE + 1)
    scale = np.sqrt(places * (count - places))
    values = _without_outliers(np.log(series))
    found = np.abs(np.cumsum(values)[places - 1]) / scale
    shuffled = np.random.default_rng(0).permuted(np.tile(values, (SHUFFLES, 1)), axis=1)
    largest = (np.abs(np.cumsum(shuffled, axis=1)[:, places - 1]) / scale).max(axis=1)
    at = int(places[found.argmax()])
    ratio = float(np.median(series[at:]) / np.median(series[:at]))
    likely = float((largest >= found.max() - 1e-9).mean())
    return at if likely < CHANCE and abs(ratio - 1) > MARGIN else None


def _without_outliers(logs: Series) -> Series:
    """Centred on their mean; outliers are limited to four times the spread between neighbours, from the median."""
    middle = np.median(logs)
    spread = 1.4826 * float(np.median(np.abs(np.diff(logs)))) / math.sqrt(2)
    cut: Series = np.clip(logs, middle - APART * spread, middle + APART * spread) if spread else logs
    centred: Series = cut - cut.mean()
    return centred


def _ranks(values: Series) -> Series:
    """Ranks from 0; equal values have the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Series = (ends - (counts + 1) / 2)[inverse]
    return ranks
