"""From numbers to places: a linear scale with round ticks. Pure arithmetic of drawing."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """`low` is drawn at `start`, `high` at `end`; either way round."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where `value` is drawn; beyond an end, at that end."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def ticks(self, about: int = 4) -> tuple[float, ...]:
        """Round numbers within the scale, roughly `about` of them, two at least."""
        step = self._step(about)
        first, last = self._ends(step)
        return tuple(index * step for index in range(first, last + 1))

    def label(self, value: float, about: int = 4) -> str:
        """A tick in as many decimals as its neighbours need."""
        decimals = max(0, -math.floor(math.log10(self._step(about)) + 1e-9))
        return f"{value + 0.0:.{decimals}f}".replace("-", "−")

    def _step(self, about: int) -> float:
        """The largest of 1, 2 or 5 times a power of ten that gives nearly as many ticks."""
        power = 10.0 ** math.floor(math.log10((self.high - self.low) / about))
        for factor in (10, 5, 2, 1, 0.5):
            first, last = self._ends(factor * power)
            if last - first + 1 >= max(about - 1, 2):
                return factor * power
        return 0.2 * power

    def _ends(self, step: float) -> tuple[int, int]:
        return math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)


def covering(values: Iterable[float], start: float, end: float, least: float, margin: float = 0.08) -> Scale:
    """A scale over all `values` that spans at least `least`, with a margin at both ends."""
    known = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    short = max(least - (high - low), 0.0) / 2
    low, high = low - short, high + short
    return Scale(low - (high - low) * margin, high + (high - low) * margin, start, end)
