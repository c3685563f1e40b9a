"""Latency of each variant: all timed inferences, their median with its interval, 5th and 95th percentile."""

from collections.abc import Iterator

from markupsafe import Markup

from benchmarks.compare.latency import Latency
from benchmarks.evaluation.number_format import milliseconds, span
from benchmarks.report.page.axes import Scale, covering
from benchmarks.report.page.svg import colour, dots, figure, line, rect, text
from benchmarks.report.rows import RowGroup

WIDTH, STRIP, TOP, BOTTOM, LEFT, RIGHT = 400.0, 54.0, 6.0, 36.0, 12.0, 16.0
GOLDEN = 0.6180339887498949
"""The fractional parts of its multiples fill [0, 1) evenly: they spread the dots without random numbers."""
SPREAD = 20.0
FARTHEST = 1.3
"""Samples beyond so many times the highest 95th percentile are counted and not drawn."""


def latency_plot(group: RowGroup) -> Markup | None:
    """The plot of the rows of a group that have a latency; None where none has one."""
    timed = [(row, row.latency) for row in group.rows if row.latency is not None]
    if not timed:
        return None
    height = TOP + STRIP * len(timed) + BOTTOM
    edge = FARTHEST * max(latency.p95_ms for _, latency in timed)
    shown = [value for _, latency in timed for value in (*latency.points_ms, latency.p95_ms) if value <= edge]
    x = covering(shown, LEFT, WIDTH - RIGHT, 0.01, 0.04)
    description = "; ".join(f"{row.name} {_describe(latency)}" for row, latency in timed)
    parts = list(_axis(x, height))
    for index, (row, latency) in enumerate(timed):
        parts += _strip(latency, row.name, colour(group.rows.index(row)), TOP + STRIP * index, x, edge)
    title = f"Latency of {group.recipe} on {group.phone.title}"
    return figure(WIDTH, height, title, f"Milliseconds of one inference: {description}.", parts)


def _describe(latency: Latency) -> str:
    interval = "" if latency.interval_ms is None else f" ({span(latency.interval_ms, milliseconds)})"
    return (
        f"median {milliseconds(latency.p50_ms)}{interval}, 5th to 95th percentile {milliseconds(latency.p5_ms)}"
        f" to {milliseconds(latency.p95_ms)}, {latency.samples} runs"
    )


def _axis(x: Scale, height: float) -> Iterator[Markup]:
    for value in x.ticks(5):
        yield line(x(value), TOP, x(value), height - BOTTOM + 4, "grid")
        yield text(x(value), height - BOTTOM + 17, x.label(value, 5), "tick", "middle")
    yield text((LEFT + WIDTH - RIGHT) / 2, height - 4, "milliseconds of one inference", "tick", "middle")


def _strip(latency: Latency, name: str, series_class: str, top: float, x: Scale, edge: float) -> Iterator[Markup]:
    middle = top + 34
    within = [(index, value) for index, value in enumerate(latency.points_ms) if value <= edge]
    beyond = len(latency.points_ms) - len(within)
    yield text(LEFT, top + 14, name, "name")
    not_drawn = f" · {beyond} beyond {milliseconds(edge)} ms" if beyond else ""
    yield text(WIDTH - RIGHT, top + 14, f"{milliseconds(latency.p50_ms)} ms{not_drawn}", "value", "end")
    points = ((x(value), middle + (index * GOLDEN % 1 - 0.5) * SPREAD) for index, value in within)
    yield dots(points, series_class)
    yield rect(x(latency.p5_ms), middle - 1.5, x(latency.p95_ms) - x(latency.p5_ms), 3, "most")
    if latency.interval_ms is not None:
        low, high = x(latency.interval_ms.low), x(latency.interval_ms.high)
        yield rect(low, middle - 7, max(high - low, 1), 14, "interval")
    yield line(x(latency.p50_ms), middle - 11, x(latency.p50_ms), middle + 11, "median")
