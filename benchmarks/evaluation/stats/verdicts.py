"""Intervals, and verdicts about a limit: a verdict depends on the whole interval, not only on its middle."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, both ends included; ValueError where `low` is above `high`, or one of them is not a number."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an interval from {self.low} to {self.high} is none")

    def scaled(self, factor: float) -> "Interval":
        """The interval of the value times `factor` ≥ 0: 100 turns a fraction into percentage points."""
        return Interval(factor * self.low, factor * self.high)


class Verdict(StrEnum):
    """PASS: the whole interval keeps the limit. FAIL: the whole interval is beyond it. INCONCLUSIVE: neither."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """FAIL before INCONCLUSIVE before PASS, which is the verdict of none too."""
    found = set(verdicts)
    return next((verdict for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE) if verdict in found), Verdict.PASS)


class Speed(StrEnum):
    """The verdict of a ratio of times; FASTER and SLOWER need its whole interval beyond the margin around 1."""

    FASTER = "FASTER"
    SLOWER = "SLOWER"
    NO_CHANGE = "NO_CHANGE"
    INCONCLUSIVE = "INCONCLUSIVE"


def judge_loss(loss: Interval, limit: float) -> Verdict:
    """Whether a loss (more is worse) is at most `limit`, judged by its whole interval."""
    if loss.high <= limit:
        return Verdict.PASS
    return Verdict.FAIL if loss.low > limit else Verdict.INCONCLUSIVE
