"""Small plots for the cells of a table: a ratio with its interval, a share as a bar."""

from markupsafe import Markup

from benchmarks.compare.latency import Ratio
from benchmarks.evaluation.number_format import ratio as number
from benchmarks.evaluation.number_format import span
from benchmarks.evaluation.stats import MARGIN
from benchmarks.report.page.scale import Scale
from benchmarks.report.page.svg import figure, line, rect, tag

WIDTH, HEIGHT = 170.0, 22.0


def ratio_bar(one: Ratio, farthest: float) -> Markup:
    """A ratio on a scale from 1 / `farthest` to `farthest`, with the band of no change around 1."""
    x = Scale(1 - farthest, 1 + farthest, 4, WIDTH - 4)
    middle = HEIGHT / 2
    parts = [rect(x(1 - MARGIN), 2, x(1 + MARGIN) - x(1 - MARGIN), HEIGHT - 4, "band")]
    parts.append(line(x(1), 0, x(1), HEIGHT, "axis"))
    if one.interval is not None:
        parts.append(line(x(one.interval.low), middle, x(one.interval.high), middle, "whisker"))
    parts.append(tag("circle", cx=x(one.ratio), cy=middle, r=4, class_=f"ratio {one.verdict.lower()}"))
    said = f"{number(one.ratio)}, {span(one.interval, number)}"
    return figure(WIDTH, HEIGHT, f"Ratio {said}", f"{one.verdict}.", parts)


def farthest(ratios: tuple[Ratio, ...]) -> float:
    """How far from 1 a table's ratios reach, at least a tenth."""
    ends = [one.ratio for one in ratios]
    ends += [end for one in ratios if one.interval is not None for end in (one.interval.low, one.interval.high)]
    return max([0.1, *(abs(end - 1) for end in ends)]) * 1.05


def share_bar(share: float, said: str) -> Markup:
    """0 to 1 as a bar."""
    parts = [rect(0, 0, 100, 8, "rail"), rect(0, 0, 100 * min(max(share, 0.0), 1.0), 8, "share")]
    return figure(100, 8, said, f"{share:.0%}", parts)
