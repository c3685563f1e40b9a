"""The median of each round over time, and below it the battery's temperature on the same time axis."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmarks.compare.latency import Round, Sustained
from benchmarks.evaluation.number_format import celsius, milliseconds, plural
from benchmarks.report.page.axes import Scale, covering, x_axis, y_grid
from benchmarks.report.page.svg import colour, figure, line, mark, polyline, tag, text
from benchmarks.report.rows import ReportRow, RowGroup

WIDTH, LEFT, RIGHT = 400.0, 44.0, 12.0
TOP, PLOT, GAP, HEAT, BOTTOM = 22.0, 150.0, 30.0, 52.0, 36.0


@dataclass(frozen=True, slots=True)
class _Series:
    name: str
    index: int
    rounds: Sequence[Round]


def rounds(group: RowGroup) -> Markup | None:
    """The plot of the rows of a group that have a latency of several rounds; None where none has."""
    every = [
        _Series(row.name, index, row.latency.rounds)
        for index, row in enumerate(group.rows)
        if row.latency is not None and len(row.latency.rounds) > 1
    ]
    if not every:
        return None
    return _figure(every, f"Rounds of {group.recipe} on {group.phone.title}", None)


def sustained(one: Sustained, row: ReportRow) -> Markup:
    """The plot of one row that was measured without pauses."""
    title = f"Sustained: {row.title} on {row.phone.title}"
    return _figure([_Series(row.name, 0, one.points)], title, one.throttled_at_s)


def _figure(every: list[_Series], title: str, throttled_at_s: float | None) -> Markup:
    points = [point for one in every for point in one.rounds]
    has_heat = any(point.celsius is not None for point in points)
    height = TOP + PLOT + (GAP + HEAT if has_heat else 0) + BOTTOM
    x = Scale(0, max(point.started_s for point in points) / 60 or 1, LEFT, WIDTH - RIGHT)
    y = covering([point.median_ms for point in points], TOP + PLOT, TOP, 0.01)
    parts = [
        text(LEFT, TOP - 9, "median of a round, ms", "tick"),
        *y_grid(y, LEFT, WIDTH - RIGHT),
        *x_axis(x, LEFT, WIDTH - RIGHT, height - BOTTOM, height, "minutes since its first round"),
        *(part for one in every for part in _curve(one, x, y)),
    ]
    if throttled_at_s is not None:
        at = x(throttled_at_s / 60)
        parts += [line(at, TOP, at, TOP + PLOT, "throttled"), text(at + 5, TOP + 11, "throttles here", "name")]
    if has_heat:
        parts += _heat(every, x, TOP + PLOT + GAP)
    return figure(WIDTH, height, title, " ".join(_describe(one) for one in every), parts)


def _describe(one: _Series) -> str:
    medians = [point.median_ms for point in one.rounds]
    heat = [point.celsius for point in one.rounds if point.celsius is not None]
    temperature = f", from {celsius(heat[0])} to {celsius(heat[-1])}" if heat else ""
    ends = f"{milliseconds(medians[0])} ms at first, {milliseconds(medians[-1])} ms at last"
    return f"{one.name}: {plural(len(medians), 'round')}, median {ends}{temperature}."


def _curve(one: _Series, x: Scale, y: Scale) -> Iterator[Markup]:
    coordinates = [(x(point.started_s / 60), y(point.median_ms)) for point in one.rounds]
    yield polyline(coordinates, f"curve {colour(one.index)}")
    if len(coordinates) <= 60:
        yield from (mark(a, b, 2.6, one.index, colour(one.index)) for a, b in coordinates)


def _heat(every: list[_Series], x: Scale, top: float) -> Iterator[Markup]:
    known = [
        (point.started_s / 60, point.celsius) for one in every for point in one.rounds if point.celsius is not None
    ]
    y = covering([heat for _, heat in known], top + HEAT, top, 2.0)
    yield text(LEFT, top - 9, "battery, °C", "tick")
    yield from y_grid(y, LEFT, WIDTH - RIGHT, about=2)
    coordinates = sorted((x(minute), y(heat)) for minute, heat in known)
    yield polyline(coordinates, "curve heat")
    hot = (x(point.started_s / 60) for one in every for point in one.rounds if point.thermal_status)
    ticks = "".join(f"M{where:.1f} {top + HEAT:.1f}v-9" for where in hot)
    if ticks:
        yield tag("path", d=ticks, class_="hot")
