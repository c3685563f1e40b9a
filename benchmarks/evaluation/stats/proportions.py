"""Shares of inputs, and the difference of two shares of the same inputs.

Sources: E. B. Wilson, "Probable inference", JASA 22 (1927); R. G. Newcombe, "Improved confidence intervals for the
difference between binomial proportions based on paired data", Statistics in Medicine 17 (1998), method 10; Q. McNemar,
Psychometrika 12 (1947), in its exact form.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.stats.verdicts import Interval

Z95 = 1.959963984540054  # the 97.5 % point of the normal distribution


@dataclass(frozen=True, slots=True)
class Paired:
    """Two answers to each input: how many times both were correct, only the first, only the second, neither."""

    both: int
    first: int
    second: int
    neither: int

    @property
    def count(self) -> int:
        return self.both + self.first + self.second + self.neither

    @property
    def difference(self) -> float:
        """Accuracy of the second minus that of the first, as a fraction."""
        return (self.second - self.first) / self.count


def paired(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> Paired:
    """The counts of `Paired`, from whether each answer was correct, both bool (inputs,)."""
    return Paired(
        both=int((first & second).sum()),
        first=int((first & ~second).sum()),
        second=int((~first & second).sum()),
        neither=int((~first & ~second).sum()),
    )


def mcnemar(pairs: Paired) -> float:
    """McNemar's p-value: the chance of differences as uneven as these if both are equally good. Two-sided, exact."""
    count, fewer = pairs.first + pairs.second, min(pairs.first, pairs.second)
    if 2 * fewer >= count:
        return 1.0
    most = math.lgamma(count + 1) - math.lgamma(fewer + 1) - math.lgamma(count - fewer + 1) - count * math.log(2)
    term = tail = math.exp(most)
    for hits in range(fewer, 0, -1):
        term *= hits / (count - hits + 1)
        tail += term
    return min(1.0, 2 * tail)


def wilson(hits: float, count: float) -> Interval:
    """The 95 % score interval of a proportion `hits` / `count`, which need not be whole numbers."""
    centre = (hits + Z95**2 / 2) / (count + Z95**2)
    half = Z95 * math.sqrt(hits * (count - hits) / count + Z95**2 / 4) / (count + Z95**2)
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def paired_difference(pairs: Paired, inputs: int | None = None) -> Interval:
    """The 95 % interval of `pairs.difference`, a fraction; Newcombe's method 10, square-and-add of score intervals.

    With `inputs`, the interval that so many inputs would have if they were answered as these.
    """
    n = pairs.count if inputs is None else inputs
    counts = (pairs.both, pairs.second, pairs.first, pairs.neither)
    a, b, c, d = (count * n / pairs.count for count in counts)
    p, q = (a + b) / n, (a + c) / n  # the second's accuracy and the first's
    p_interval, q_interval = wilson(a + b, n), wilson(a + c, n)
    phi = _correlation(a, b, c, d)
    below = _span(p - p_interval.low, q_interval.high - q, phi)
    above = _span(p_interval.high - p, q - q_interval.low, phi)
    return Interval(p - q - below, p - q + above)


def _correlation(a: float, b: float, c: float, d: float) -> float:
    """Phi of the two answers, its numerator corrected for continuity as Newcombe does."""
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if margins == 0:
        return 0.0
    excess = a * d - b * c
    if excess > 0:
        excess = max(excess - (a + b + c + d) / 2, 0)
    return excess / math.sqrt(margins)


def _span(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one**2 - 2 * phi * one * other + other**2))
