"""How sure a comparison is. Numbers in, values out; nothing is read, printed or decided for a user here.

Sources: E. B. Wilson, "Probable inference", JASA 22 (1927); R. G. Newcombe, "Improved confidence intervals for the
difference between binomial proportions based on paired data", Statistics in Medicine 17 (1998), method 10.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

Z95 = 1.959963984540054  # the 97.5 % point of the normal distribution


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, both ends included."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an interval from {self.low} to {self.high} is none")


class Verdict(StrEnum):
    """What an interval says about a limit: wholly within it, wholly beyond it, or neither."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True, slots=True)
class Paired:
    """The same inputs answered twice: how often both were right, only the first, only the second, neither."""

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


def wilson(hits: int, count: int) -> Interval:
    """The 95 % score interval of a proportion `hits` / `count`."""
    centre = (hits + Z95**2 / 2) / (count + Z95**2)
    half = Z95 * math.sqrt(hits * (count - hits) / count + Z95**2 / 4) / (count + Z95**2)
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def paired_difference(pairs: Paired) -> Interval:
    """The 95 % interval of `pairs.difference`, a fraction; Newcombe's method 10, square-and-add of score intervals."""
    n, a, b, c, d = pairs.count, pairs.both, pairs.second, pairs.first, pairs.neither
    p, q = (a + b) / n, (a + c) / n  # the second's accuracy and the first's
    p_interval, q_interval = wilson(a + b, n), wilson(a + c, n)
    phi = _correlation(a, b, c, d)
    below = _span(p - p_interval.low, q_interval.high - q, phi)
    above = _span(p_interval.high - p, q - q_interval.low, phi)
    return Interval(p - q - below, p - q + above)


def _correlation(a: int, b: int, c: int, d: int) -> float:
    """Phi of the two answers, its numerator corrected for continuity as Newcombe does."""
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if margins == 0:
        return 0.0
    excess: float = a * d - b * c
    if excess > 0:
        excess = max(excess - (a + b + c + d) / 2, 0)
    return excess / math.sqrt(margins)


def _span(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one**2 - 2 * phi * one * other + other**2))


def judge_loss(loss: Interval, limit: float) -> Verdict:
    """Whether a loss (more is worse) stays at or below `limit`, as far as its interval tells."""
    if loss.high <= limit:
        return Verdict.PASS
    return Verdict.FAIL if loss.low > limit else Verdict.INCONCLUSIVE
