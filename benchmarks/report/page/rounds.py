"""Time series: the median of each round against time, and the phone's temperature below on the same axis."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmarks.compare.latency import Round, Sustained
from benchmarks.evaluation.number_format import celsius, milliseconds, plural
from benchmarks.report.lines import Group, Line
from benchmarks.report.page.scale import Scale, covering
from benchmarks.report.page.series import colour, series
from benchmarks.report.page.svg import figure, line, mark, polyline, tag, text

WIDTH, LEFT, RIGHT = 400.0, 44.0, 12.0
TOP, PLOT, GAP, HEAT, BOTTOM = 22.0, 150.0, 30.0, 52.0, 36.0


@dataclass(frozen=True, slots=True)
class _Series:
    name: str
    index: int
    rounds: Sequence[Round]


def rounds(group: Group) -> Markup | None:
    """The figure of all rows of a group that ran in more than one round on a phone; None where none did."""
    every = [
        _Series(row.name, series(group, row), row.latency.rounds)
        for row in group.lines
        if row.latency is not None and len(row.latency.rounds) > 1
    ]
    if not every:
        return None
    return _figure(every, f"Rounds of {group.recipe} on {group.phone.title}", None)


def sustained(one: Sustained, row: Line) -> Markup:
    """The figure of one row that ran back to back."""
    title = f"Sustained: {row.title} on {row.phone.title}"
    return _figure([_Series(row.name, 0, one.points)], title, one.throttled_at_s)


def _figure(every: list[_Series], title: str, throttled_at_s: float | None) -> Markup:
    points = [point for one in every for point in one.rounds]
    warm = any(point.celsius is not None for point in points)
    height = TOP + PLOT + (GAP + HEAT if warm else 0) + BOTTOM
    x = Scale(0, max(point.started_s for point in points) / 60 or 1, LEFT, WIDTH - RIGHT)
    y = covering([point.median_ms for point in points], TOP + PLOT, TOP, 0.01)
    parts = [*_axes(x, y, height), *(part for one in every for part in _curve(one, x, y))]
    if throttled_at_s is not None:
        at = x(throttled_at_s / 60)
        parts += [line(at, TOP, at, TOP + PLOT, "throttled"), text(at + 5, TOP + 11, "throttles here", "name")]
    if warm:
        parts += _heat(every, x, TOP + PLOT + GAP)
    return figure(WIDTH, height, title, " ".join(_told(one) for one in every), parts)


def _told(one: _Series) -> str:
    medians = [point.median_ms for point in one.rounds]
    heat = [point.celsius for point in one.rounds if point.celsius is not None]
    warmth = f", from {celsius(heat[0])} to {celsius(heat[-1])}" if heat else ""
    ends = f"{milliseconds(medians[0])} ms at first, {milliseconds(medians[-1])} ms at last"
    return f"{one.name}: {plural(len(medians), 'round')}, median {ends}{warmth}."


def _axes(x: Scale, y: Scale, height: float) -> Iterator[Markup]:
    yield text(LEFT, TOP - 9, "median of a round, ms", "tick")
    for value in y.ticks():
        yield line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid")
        yield text(LEFT - 6, y(value) + 3.5, y.label(value), "tick", "end")
    for value in x.ticks(5):
        yield line(x(value), height - BOTTOM, x(value), height - BOTTOM + 4, "axis")
        yield text(x(value), height - BOTTOM + 17, x.label(value, 5), "tick", "middle")
    yield line(LEFT, height - BOTTOM, WIDTH - RIGHT, height - BOTTOM, "axis")
    yield text((LEFT + WIDTH - RIGHT) / 2, height - 4, "minutes since its first round", "tick", "middle")


def _curve(one: _Series, x: Scale, y: Scale) -> Iterator[Markup]:
    places = [(x(point.started_s / 60), y(point.median_ms)) for point in one.rounds]
    yield polyline(places, f"curve {colour(one.index)}")
    if len(places) <= 60:
        yield from (mark(a, b, 2.6, one.index, colour(one.index)) for a, b in places)


def _heat(every: list[_Series], x: Scale, top: float) -> Iterator[Markup]:
    known = [
        (point.started_s / 60, point.celsius) for one in every for point in one.rounds if point.celsius is not None
    ]
    y = covering([heat for _, heat in known], top + HEAT, top, 2.0)
    yield text(LEFT, top - 9, "battery, °C", "tick")
    for value in y.ticks(2):
        yield line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid")
        yield text(LEFT - 6, y(value) + 3.5, y.label(value, 2), "tick", "end")
    places = sorted((x(minute), y(heat)) for minute, heat in known)
    yield polyline(places, "curve heat")
    hot = (x(point.started_s / 60) for one in every for point in one.rounds if point.thermal_status)
    ticks = "".join(f"M{where:.1f} {top + HEAT:.1f}v-9" for where in hot)
    if ticks:
        yield tag("path", d=ticks, class_="hot")
