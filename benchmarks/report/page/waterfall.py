"""Accuracy from Keras to the phone on pictures: the change of each step, with its interval."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmarks.compare.accuracy import ARROW_TO, Arrow, ArrowName, StageName
from benchmarks.evaluation.number_format import UNKNOWN, percent, points
from benchmarks.evaluation.stats import Interval
from benchmarks.report.page.axes import ALL_PERCENT, Scale, covering, y_grid
from benchmarks.report.page.svg import figure, line, rect, tag, text
from benchmarks.report.rows import ReportRow
from benchmarks.report.wording import STAGES

WIDTH, HEIGHT = 290.0, 196.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 6.0, 12.0, 40.0
LEAST_SPAN = 1.0
"""The least range of the scale, in percentage points: small differences must not look large."""


@dataclass(frozen=True, slots=True)
class _Column:
    """One stage, in percent: its level, the points moved since the stage before, the whisker; None where unknown."""

    name: str
    level: float | None
    moved: float | None
    ends: Interval | None


def scale(rows: Sequence[ReportRow]) -> Scale:
    """One scale for all rows of a group, so that their plots can be compared by eye."""
    values = [value for row in rows for column in _columns(row) for value in _reach(column)]
    return covering(values, HEIGHT - BOTTOM, TOP, LEAST_SPAN)


def waterfall(row: ReportRow, name: str, y: Scale) -> Markup:
    """The plot of one row."""
    columns = _columns(row)
    quality = "Accuracy" if row.is_labelled else "Agreement with Keras"
    description = "; ".join(f"{column.name} {_describe(column)}" for column in columns)
    parts = [*y_grid(y, LEFT, WIDTH - RIGHT, highest=ALL_PERCENT), *_draw(columns, y)]
    return figure(WIDTH, HEIGHT, f"{quality} step by step: {name}", f"{description}.", parts)


def _columns(row: ReportRow) -> list[_Column]:
    columns = []
    for name, label in STAGES.items():
        stage = row.stage(name)
        arrow = row.arrow(ARROW_TO[name]) if name in ARROW_TO else None
        share = None if stage is None or not stage.evaluated else stage.accuracy if row.is_labelled else stage.agreement
        if share is None:
            columns.append(_Column(label, None, None, None))
        elif row.is_labelled:
            moved = None if arrow is None else arrow.delta_points
            columns.append(_Column(label, share * 100, moved, _accuracy_ends(share, arrow)))
        else:
            columns.append(_Column(label, share * 100, None, _agreement_ends(row, name)))
    return columns


def _accuracy_ends(share: float, arrow: Arrow | None) -> Interval | None:
    """The interval of the step, added to the accuracy before it."""
    if arrow is None or arrow.delta_points is None or arrow.delta_interval is None:
        return None
    start = share * 100 - arrow.delta_points
    return Interval(start + arrow.delta_interval.low, start + arrow.delta_interval.high)


def _agreement_ends(row: ReportRow, name: StageName) -> Interval | None:
    """The interval of the agreement with Keras, which only CONVERSION and WHOLE start from."""
    arrow = {StageName.TFLITE: row.arrow(ArrowName.CONVERSION), StageName.IMAGES: row.whole}.get(name)
    return None if arrow is None else arrow.agreement_interval.scaled(100)


def _reach(column: _Column) -> Iterator[float]:
    if column.level is not None:
        yield column.level
    if column.ends is not None:
        yield from (column.ends.low, column.ends.high)


def _describe(column: _Column) -> str:
    if column.level is None:
        return "not measured"
    moved = "" if column.moved is None else f"{points(column.moved)} points, "
    ends = "" if column.ends is None else f" ({moved}95 % {column.ends.low:.2f} to {column.ends.high:.2f})"
    return f"{percent(column.level / 100)}{ends}"


def _draw(columns: Sequence[_Column], y: Scale) -> Iterator[Markup]:
    pitch = (WIDTH - LEFT - RIGHT) / len(columns)
    before: float | None = None
    for index, column in enumerate(columns):
        centre, half = LEFT + pitch * (index + 0.5), pitch * 0.3
        for line_number, name in enumerate(column.name.split(" ")):
            yield text(centre, HEIGHT - BOTTOM + 17 + 13 * line_number, name, "tick", "middle")
        if column.level is None:
            yield text(centre, (TOP + HEIGHT - BOTTOM) / 2, UNKNOWN, "tick", "middle")
            continue
        if before is not None:
            yield line(centre - pitch + half, y(before), centre - half, y(before), "joint")
            yield from _moved(before, column.level, centre, half, y)
        yield from _whisker(column, centre, y)
        yield line(centre - half, y(column.level), centre + half, y(column.level), "level")
        yield text(centre, _label_y(column, before, y), _label(index, column), "value", "middle")
        before = column.level


def _moved(before: float, level: float, centre: float, half: float, y: Scale) -> Iterator[Markup]:
    if level != before:
        top, bottom = min(y(level), y(before)), max(y(level), y(before))
        yield rect(centre - half, top, half * 2, bottom - top, "lost" if level < before else "gained")


def _whisker(column: _Column, centre: float, y: Scale) -> Iterator[Markup]:
    if column.ends is None:
        return
    low, high = y(column.ends.low), y(column.ends.high)
    path = f"M{centre:.1f} {low:.1f}V{high:.1f}M{centre - 4:.1f} {low:.1f}h8M{centre - 4:.1f} {high:.1f}h8"
    yield tag("path", d=path, class_="whisker")


def _label(index: int, column: _Column) -> str:
    if index == 0 or column.moved is None:
        return f"{column.level:.2f}"
    return points(column.moved)


def _label_y(column: _Column, before: float | None, y: Scale) -> float:
    """Above the level, its whisker and the level before it; below them where there is no room above."""
    reached = [y(value) for value in (*_reach(column), *([] if before is None else [before]))]
    above = min(reached) - 6
    return above if above > TOP + 6 else max(reached) + 15
