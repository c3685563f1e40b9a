"""Intervals, and what they say about a limit. A verdict comes from the whole interval, never from its middle."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, both ends included; ValueError for one that ends before it begins, or at no number."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an interval from {self.low} to {self.high} is none")

    def scaled(self, factor: float) -> "Interval":
        """The interval of the value times `factor` ≥ 0: 100 turns a fraction into percentage points."""
        return Interval(factor * self.low, factor * self.high)


class Verdict(StrEnum):
    """What an interval says about a limit: wholly within it, wholly beyond it, or neither."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


class Speed(StrEnum):
    """What the interval of a ratio says; FASTER and SLOWER need it wholly beyond the margin."""

    FASTER = "FASTER"
    SLOWER = "SLOWER"
    NO_CHANGE = "NO_CHANGE"
    INCONCLUSIVE = "INCONCLUSIVE"


def judge_loss(loss: Interval, limit: float) -> Verdict:
    """Whether a loss (more is worse) stays at or below `limit`, as far as its interval tells."""
    if loss.high <= limit:
        return Verdict.PASS
    return Verdict.FAIL if loss.low > limit else Verdict.INCONCLUSIVE
