"""Linear scales with round ticks, and the axes of a plot."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from benchmarks.report.page.svg import line, text

ALL_PERCENT = 100.000001
"""Ticks of shares end at 100 %, which a sum of floats may pass by a little."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`low` is drawn at the coordinate `start`, `high` at `end`; `start` may be above or below `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The coordinate of `value`; a value beyond an end is drawn at that end."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def ticks(self, about: int = 4) -> tuple[float, ...]:
        """Round numbers within the scale, approximately `about`, at least two."""
        step = self._step(about)
        first, last = self._ends(step)
        return tuple(index * step for index in range(first, last + 1))

    def label(self, value: float, about: int = 4) -> str:
        """The label of a tick, with the decimals that its step needs."""
        decimals = max(0, -math.floor(math.log10(self._step(about)) + 1e-9))
        return f"{value + 0.0:.{decimals}f}".replace("-", "−")

    def _step(self, about: int) -> float:
        """The largest of 1, 2 or 5 times a power of ten that gives at least `about` - 1 ticks, and two."""
        power = 10.0 ** math.floor(math.log10((self.high - self.low) / about))
        for factor in (10, 5, 2, 1, 0.5):
            first, last = self._ends(factor * power)
            if last - first + 1 >= max(about - 1, 2):
                return factor * power
        return 0.2 * power

    def _ends(self, step: float) -> tuple[int, int]:
        return math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)


def covering(values: Iterable[float], start: float, end: float, least: float, margin: float = 0.08) -> Scale:
    """A scale that covers all `values`, and at least a range of `least`, with a margin at both ends."""
    known = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    short = max(least - (high - low), 0.0) / 2
    low, high = low - short, high + short
    return Scale(low - (high - low) * margin, high + (high - low) * margin, start, end)


def y_grid(y: Scale, left: float, right: float, about: int = 4, highest: float = math.inf) -> Iterator[Markup]:
    """A horizontal line and a label for each tick up to `highest`."""
    for value in y.ticks(about):
        if value <= highest:
            yield line(left, y(value), right, y(value), "grid")
            yield text(left - 6, y(value) + 3.5, y.label(value, about), "tick", "end")


def x_axis(x: Scale, left: float, right: float, top: float, height: float, name: str) -> Iterator[Markup]:
    """A line at `top` with labelled ticks from 0 on, and the axis' name at the lower edge of a plot of `height`."""
    for value in x.ticks(5):
        if value >= 0:
            yield line(x(value), top, x(value), top + 4, "axis")
            yield text(x(value), top + 17, x.label(value, 5), "tick", "middle")
    yield line(left, top, right, top, "axis")
    yield text((left + right) / 2, height - 4, name, "tick", "middle")
