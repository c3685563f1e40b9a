"""Accuracy or agreement of each variant against its latency or size, with the Pareto front; the area shows the size."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmarks.evaluation.number_format import milliseconds, percent, size
from benchmarks.report.page.axes import ALL_PERCENT, Scale, covering, x_axis, y_grid
from benchmarks.report.page.svg import colour, figure, mark, polyline, text
from benchmarks.report.rows import ReportRow, RowGroup

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 400.0, 262.0, 44.0, 18.0, 26.0, 38.0
SMALLEST, LARGEST = 4.0, 13.0


@dataclass(frozen=True, slots=True)
class TradeoffPoint:
    """One row: its `index` in the group, `cost` in ms or MB, `quality` in percent, and the size of its file."""

    name: str
    index: int
    cost: float
    quality: float
    size_bytes: int


def front(points: Sequence[TradeoffPoint]) -> tuple[TradeoffPoint, ...]:
    """The Pareto front: the points that no other point dominates."""
    return tuple(point for point in points if not any(_dominates(other, point) for other in points))


def _dominates(one: TradeoffPoint, other: TradeoffPoint) -> bool:
    """Whether `one` is at least as cheap, as good and as small, and better in one of them."""
    no_worse = one.cost <= other.cost and one.quality >= other.quality and one.size_bytes <= other.size_bytes
    return no_worse and (one.cost, one.quality, one.size_bytes) != (other.cost, other.quality, other.size_bytes)


def tradeoff(group: RowGroup) -> Markup | None:
    """The plot of a group; None where fewer than two rows have both a cost and a quality."""
    is_timed = any(row.latency is not None for row in group.rows)
    points = _points(group, is_timed)
    if len(points) < 2:
        return None
    quality = "accuracy" if group.rows[0].is_labelled else "agreement with Keras"
    cost = "median latency, ms" if is_timed else "size, MB"
    x = covering([point.cost for point in points], LEFT, WIDTH - RIGHT, 0.01, 0.16)
    y = covering([point.quality for point in points], HEIGHT - BOTTOM, TOP, 1.0, 0.2)
    best = front(points)
    parts = [
        text(LEFT, TOP - 12, f"{quality}, %{'; area is size' if is_timed else ''}", "tick"),
        *y_grid(y, LEFT, WIDTH - RIGHT, highest=ALL_PERCENT),
        *x_axis(x, LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM, HEIGHT, cost),
        *_front(best, x, y),
        *_marks(points, best, x, y),
        *_names(points, x, y),
    ]
    title = f"{quality.capitalize()} against {'latency and size' if is_timed else 'size'}: {group.recipe}"
    description = "; ".join(_describe(point, is_timed, point in best) for point in points)
    return figure(WIDTH, HEIGHT, f"{title} on {group.phone.title}", f"{description}.", parts)


def _points(group: RowGroup, is_timed: bool) -> list[TradeoffPoint]:
    points = []
    for index, row in enumerate(group.rows):
        quality, cost = _quality(row), _cost(row, is_timed)
        if quality is not None and cost is not None:
            points.append(TradeoffPoint(row.name, index, cost, quality * 100, row.model.size_bytes))
    return points


def _quality(row: ReportRow) -> float | None:
    return row.agreement if row.last is None or not row.is_labelled else row.last.accuracy


def _cost(row: ReportRow, is_timed: bool) -> float | None:
    if not is_timed:
        return row.model.size_bytes / 1e6
    return None if row.latency is None else row.latency.p50_ms


def _describe(point: TradeoffPoint, is_timed: bool, is_best: bool) -> str:
    time = f"{milliseconds(point.cost)} ms, " if is_timed else ""
    front = ", on the Pareto front" if is_best else ""
    return f"{point.name} {time}{size(point.size_bytes)}, {percent(point.quality / 100)}{front}"


def _front(best: Sequence[TradeoffPoint], x: Scale, y: Scale) -> Iterator[Markup]:
    """Steps from the cheapest to the best point, through those that are on the front by cost and quality alone."""
    highest = -math.inf
    steps: list[tuple[float, float]] = []
    for point in sorted(best, key=lambda one: (one.cost, -one.quality)):
        if point.quality > highest:
            if steps:
                steps.append((x(point.cost), y(highest)))
            steps.append((x(point.cost), y(point.quality)))
            highest = point.quality
    if len(steps) > 1:
        yield polyline(steps, "front")


def _radius(point: TradeoffPoint, points: Sequence[TradeoffPoint]) -> float:
    return max(LARGEST * math.sqrt(point.size_bytes / max(one.size_bytes for one in points)), SMALLEST)


def _marks(points: Sequence[TradeoffPoint], best: Sequence[TradeoffPoint], x: Scale, y: Scale) -> Iterator[Markup]:
    for point in sorted(points, key=lambda one: -one.size_bytes):
        kind = "point" if point in best else "point dominated"
        class_ = f"{kind} {colour(point.index)}"
        yield mark(x(point.cost), y(point.quality), _radius(point, points), point.index, class_)


def _names(points: Sequence[TradeoffPoint], x: Scale, y: Scale) -> Iterator[Markup]:
    """Each name beside its point, moved down where it would overlap another."""
    taken: list[tuple[float, float]] = []
    for point in sorted(points, key=lambda one: -one.quality):
        distance = _radius(point, points) * 1.3 + 4
        is_left = x(point.cost) > WIDTH * 0.72
        name_x, name_y = x(point.cost) + (-distance if is_left else distance), y(point.quality) + 4
        while any(abs(name_y - other_y) < 13 and abs(name_x - other_x) < 90 for other_x, other_y in taken):
            name_y += 13
        taken.append((name_x, name_y))
        yield text(name_x, name_y, point.name, "name", "end" if is_left else "start")
