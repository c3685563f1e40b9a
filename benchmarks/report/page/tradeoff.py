"""What a variant costs against its worth: latency or size across, accuracy up, size as area, the front joined."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmarks.evaluation.number_format import milliseconds, percent, size
from benchmarks.report.lines import Group, Line
from benchmarks.report.page.scale import Scale, covering
from benchmarks.report.page.series import colour, series
from benchmarks.report.page.svg import figure, line, mark, polyline, text
from benchmarks.report.page.waterfall import is_labelled

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 400.0, 262.0, 44.0, 18.0, 26.0, 38.0
SMALLEST, LARGEST = 4.0, 13.0


@dataclass(frozen=True, slots=True)
class Spot:
    """One row: `cost` in ms or MB, `worth` in percent, `bytes_` of its file."""

    name: str
    index: int
    cost: float
    worth: float
    bytes_: int


def front(spots: Sequence[Spot]) -> tuple[Spot, ...]:
    """The spots that no other beats: none is as cheap, as good and as small, and better in one of them."""
    return tuple(spot for spot in spots if not any(_beats(other, spot) for other in spots))


def _beats(one: Spot, other: Spot) -> bool:
    no_worse = one.cost <= other.cost and one.worth >= other.worth and one.bytes_ <= other.bytes_
    return no_worse and (one.cost, one.worth, one.bytes_) != (other.cost, other.worth, other.bytes_)


def tradeoff(group: Group) -> Markup | None:
    """The figure of a group; None where fewer than two rows have both a cost and a worth."""
    is_timed = any(row.latency is not None for row in group.lines)
    spots = _spots(group, is_timed)
    if len(spots) < 2:
        return None
    worth = "accuracy" if is_labelled(group.lines[0]) else "agreement with Keras"
    cost = "median latency, ms" if is_timed else "size, MB"
    x = covering([spot.cost for spot in spots], LEFT, WIDTH - RIGHT, 0.01, 0.16)
    y = covering([spot.worth for spot in spots], HEIGHT - BOTTOM, TOP, 1.0, 0.2)
    best = front(spots)
    parts = [*_axes(x, y, cost, f"{worth}, %{'; area is size' if is_timed else ''}"), *_front(best, x, y)]
    parts += _marks(spots, best, x, y)
    title = f"{worth.capitalize()} against {'latency and size' if is_timed else 'size'}: {group.recipe}"
    told = "; ".join(_told(spot, is_timed, spot in best) for spot in spots)
    return figure(WIDTH, HEIGHT, f"{title} on {group.phone.title}", f"{told}.", parts)


def _spots(group: Group, is_timed: bool) -> list[Spot]:
    found = []
    for row in group.lines:
        worth, cost = _worth(row), _cost(row, is_timed)
        if worth is not None and cost is not None:
            found.append(Spot(row.name, series(group, row), cost, worth * 100, row.model.size_bytes))
    return found


def _worth(row: Line) -> float | None:
    return None if row.last is None else row.last.accuracy if is_labelled(row) else row.last.agreement


def _cost(row: Line, is_timed: bool) -> float | None:
    if not is_timed:
        return row.model.size_bytes / 1e6
    return None if row.latency is None else row.latency.p50_ms


def _told(spot: Spot, is_timed: bool, is_best: bool) -> str:
    time = f"{milliseconds(spot.cost)} ms, " if is_timed else ""
    said = f"{spot.name} {time}{size(spot.bytes_)}, {percent(spot.worth / 100)}"
    return f"{said}, on the Pareto front" if is_best else said


def _axes(x: Scale, y: Scale, cost: str, worth: str) -> Iterator[Markup]:
    yield text(LEFT, TOP - 12, worth, "tick")
    for value in y.ticks():
        if value <= 100.000001:
            yield line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid")
            yield text(LEFT - 6, y(value) + 3.5, y.label(value), "tick", "end")
    for value in x.ticks(5):
        if value >= 0:
            yield line(x(value), HEIGHT - BOTTOM, x(value), HEIGHT - BOTTOM + 4, "axis")
            yield text(x(value), HEIGHT - BOTTOM + 17, x.label(value, 5), "tick", "middle")
    yield line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "axis")
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, cost, "tick", "middle")


def _front(best: Sequence[Spot], x: Scale, y: Scale) -> Iterator[Markup]:
    """Steps from the cheapest to the best, through the spots that are on the front by cost and worth alone."""
    highest = -math.inf
    steps: list[tuple[float, float]] = []
    for spot in sorted(best, key=lambda one: (one.cost, -one.worth)):
        if spot.worth > highest:
            if steps:
                steps.append((x(spot.cost), y(highest)))
            steps.append((x(spot.cost), y(spot.worth)))
            highest = spot.worth
    if len(steps) > 1:
        yield polyline(steps, "front")


def _marks(spots: Sequence[Spot], best: Sequence[Spot], x: Scale, y: Scale) -> Iterator[Markup]:
    most = max(spot.bytes_ for spot in spots)
    taken: list[tuple[float, float]] = []
    for spot in sorted(spots, key=lambda one: -one.bytes_):
        radius = max(LARGEST * math.sqrt(spot.bytes_ / most), SMALLEST)
        kind = "spot" if spot in best else "spot beaten"
        yield mark(x(spot.cost), y(spot.worth), radius, spot.index, f"{kind} {colour(spot.index)}")
    for spot in sorted(spots, key=lambda one: -one.worth):
        away = max(LARGEST * math.sqrt(spot.bytes_ / most), SMALLEST) * 1.3 + 4
        is_left = x(spot.cost) > WIDTH * 0.72
        across, down = x(spot.cost) + (-away if is_left else away), y(spot.worth) + 4
        while any(abs(down - other) < 13 and abs(across - place) < 90 for place, other in taken):
            down += 13
        taken.append((across, down))
        yield text(across, down, spot.name, "name", "end" if is_left else "start")
