"""A cost as a ratio of two things timed in one run, which holds on any machine where seconds would not."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """What was measured, and the bound that was promised: an upper one where `at_most`, else a lower one.

    Without a target it is shown beside the others and promises nothing.
    """

    name: str
    value: float
    target: float | None
    at_most: bool = False

    @property
    def ok(self) -> bool:
        """Whether the promise is kept."""
        if self.target is None:
            return True
        return self.value <= self.target if self.at_most else self.value >= self.target


def paired(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 60, calls: int = 5) -> float:
    """How many times as long `ours` takes as `theirs`: the median over rounds that time both, in turns first.

    Pairs see the same weather, so a machine that slows down halfway does not show in the ratio.
    """
    ours()
    theirs()
    ratios = []
    for turn in range(rounds):
        first, second = (ours, theirs) if turn % 2 else (theirs, ours)
        first_s, second_s = _seconds(first, calls), _seconds(second, calls)
        ratios.append(first_s / second_s if turn % 2 else second_s / first_s)
    return statistics.median(ratios)


def _seconds(work: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        work()
    return time.perf_counter() - start
