"""What one series of times says about itself: drift, memory, switching clocks, throttling. Arrays in, values out.

One series is one story: the phone was that warm and its clock that fast. Its interval holds for this run at most, at
the number of independent values that the series is worth, and there is none where the series drifts or switches.
"""

import math
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.stats.ratios import MARGIN
from benchmarks.evaluation.stats.student import student_within
from benchmarks.evaluation.stats.verdicts import Interval

CHANCE = 0.01
"""A drift or a step is said when chance alone would show one as large less often."""
BLOCKS = 30
FEWEST_BLOCKS = 9
FEWEST_INDEPENDENT = 6
"""Two outermost of 5 values hold the median in 93.75 % only."""
SMALL = 30
APART = 4.0
LEAST_SHARE = 0.1
EITHER_SIDE = 3
SHUFFLES = 4000

Series = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """A series on its own. `drift` is its growth from begin to end as a share, None where chance could do as much.

    `effective` is how many independent values it is worth for its median; `switching` holds the medians of two clocks
    between which it goes to and fro; `interval` is of the median, of this run alone.
    """

    effective: float
    drift: float | None
    switching: tuple[float, float] | None
    interval: Interval | None


def summarize(series: Series) -> SeriesSummary:
    """The story of a series of at least one positive value, in the order in which it was measured."""
    effective, grown, clocks = effective_samples(series), drift(series), switching(series)
    steady = grown is None and clocks is None
    interval = median_interval(series, effective) if steady else None
    return SeriesSummary(effective, grown, clocks, interval)


def effective_samples(series: Series) -> float:
    """How many independent values the series is worth for its median, 1 to its length.

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
    """The largest k for which the k-th of `count` ≥ 6 values and the k-th from the end hold the median in 95 %."""
    logs = (math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1) for k in range(count // 2 + 1))
    tails = accumulate(math.exp(log - count * math.log(2)) for log in logs)
    return sum(1 for tail in tails if tail <= 0.025)


def drift(series: Series) -> float | None:
    """By what share the series grew from begin to end (below 0: shrank), where it did by more than 2 % and chance.

    Medians of up to 30 blocks; Theil and Sen's slope, and Spearman's rank correlation with time for what chance does.
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
    grown = slope * (count - 1) / began if began > 0 else math.inf
    return grown if 1 - student_within(t, count - 2) < CHANCE and abs(grown) > MARGIN else None


def switching(series: Series) -> tuple[float, float] | None:
    """The medians of the two clocks between which the series switches, None where it does not.

    The cut that explains most of the variance of the logarithms (N. Otsu, 1979) has to leave two groups of at least a
    tenth, apart by four times their spread (a bell is apart by 2.6, a steady climb by 3.5), and each has to stay: fewer
    changes than chance makes (A. Wald and J. Wolfowitz, 1940).
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
    if apart < APART or share < LEAST_SHARE or high[cut] - low[cut] < MARGIN or not _stays(fast):
        return None
    return float(np.median(series[fast])), float(np.median(series[~fast]))


def _stays(fast: npt.NDArray[np.bool_]) -> bool:
    """Whether equal neighbours are more frequent than chance makes them, by three standard deviations."""
    ones, count = int(fast.sum()), len(fast)
    product = 2 * ones * (count - ones)
    expected = product / count + 1
    spread = math.sqrt(product * (product - count) / (count**2 * (count - 1)))
    changes = int((fast[1:] != fast[:-1]).sum())
    return changes + 1 < expected - 3 * spread


def step(series: Series) -> int | None:
    """Where the one step lies that parts the series best: the index of the first value after it.

    None where it is no more than 2 %, or than chance: the largest standardised sum of logarithms, outliers cut off at
    four times the spread between neighbours, has to be rare among 4000 seeded shuffles of them.
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
    """About their mean, and none further from the median than four times the spread between neighbours."""
    middle = np.median(logs)
    spread = 1.4826 * float(np.median(np.abs(np.diff(logs)))) / math.sqrt(2)
    cut: Series = np.clip(logs, middle - APART * spread, middle + APART * spread) if spread else logs
    centred: Series = cut - cut.mean()
    return centred


def _ranks(values: Series) -> Series:
    """Ranks from 0, equal values sharing the middle of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Series = (ends - (counts + 1) / 2)[inverse]
    return ranks
