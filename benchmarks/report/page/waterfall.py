"""Accuracy from Keras to the phone's pictures, step by step: what each arrow took or gave, with its interval."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from benchmarks.compare.accuracy import Arrow, ArrowName, StageName
from benchmarks.evaluation.number_format import UNKNOWN, percent, points
from benchmarks.evaluation.stats import Interval
from benchmarks.report.lines import Line
from benchmarks.report.page.scale import Scale, covering
from benchmarks.report.page.svg import figure, line, rect, tag, text

WIDTH, HEIGHT = 290.0, 196.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 6.0, 12.0, 40.0
LEAST_SPAN = 1.0
"""Percentage points: nothing smaller is blown up to the height of the plot."""
COLUMNS = (
    (StageName.KERAS, None, ("Keras", "")),
    (StageName.TFLITE, ArrowName.CONVERSION, ("TFLite", "")),
    (StageName.TENSORS, ArrowName.RUNTIME, ("phone,", "tensors")),
    (StageName.IMAGES, ArrowName.PREPROCESSING, ("phone,", "pictures")),
)


@dataclass(frozen=True, slots=True)
class _Step:
    """One column, in percent: the level reached, the points moved, and the ends of the whisker; None where unknown."""

    names: tuple[str, str]
    level: float | None
    moved: float | None
    ends: Interval | None


def is_labelled(row: Line) -> bool:
    """Whether the truth is known, so that accuracy is shown; else agreement with Keras is."""
    return any(stage.accuracy is not None for stage in row.row.stages)


def scale(rows: tuple[Line, ...]) -> Scale:
    """One scale for all rows of a group, so that their plots can be compared by eye."""
    values = [value for row in rows for step in _steps(row) for value in _reach(step)]
    return covering(values, HEIGHT - BOTTOM, TOP, LEAST_SPAN)


def waterfall(row: Line, name: str, y: Scale) -> Markup:
    """The figure of one row."""
    steps = _steps(row)
    what = "Accuracy" if is_labelled(row) else "Agreement with Keras"
    told = "; ".join(f"{' '.join(step.names).strip()} {_level(step)}" for step in steps)
    parts = [*_axis(y), *_levels(steps, y)]
    return figure(WIDTH, HEIGHT, f"{what} step by step: {name}", f"{told}.", parts)


def _steps(row: Line) -> tuple[_Step, ...]:
    return tuple(_steps_of(row))


def _steps_of(row: Line) -> Iterator[_Step]:
    labelled = is_labelled(row)
    for name, arrow_name, names in COLUMNS:
        stage = row.stage(name)
        arrow = None if arrow_name is None else row.arrow(arrow_name)
        share = None if stage is None or not stage.evaluated else stage.accuracy if labelled else stage.agreement
        if share is None:
            yield _Step(names, None, None, None)
        elif labelled:
            yield _Step(names, share * 100, None if arrow is None else arrow.delta_points, _moved_to(share, arrow))
        else:
            yield _Step(names, share * 100, None, _agreeing(row, name))


def _moved_to(share: float, arrow: Arrow | None) -> Interval | None:
    """Where the step may have led, from where it began."""
    if arrow is None or arrow.delta_points is None or arrow.delta_interval is None:
        return None
    start = share * 100 - arrow.delta_points
    return Interval(start + arrow.delta_interval.low, start + arrow.delta_interval.high)


def _agreeing(row: Line, name: StageName) -> Interval | None:
    """Of agreement with Keras, which only the first arrow and the whole way compare with."""
    arrow = {StageName.TFLITE: row.arrow(ArrowName.CONVERSION), StageName.IMAGES: row.whole}.get(name)
    return None if arrow is None else Interval(arrow.agreement_interval.low * 100, arrow.agreement_interval.high * 100)


def _reach(step: _Step) -> Iterator[float]:
    if step.level is not None:
        yield step.level
    if step.ends is not None:
        yield from (step.ends.low, step.ends.high)


def _level(step: _Step) -> str:
    if step.level is None:
        return "not measured"
    moved = "" if step.moved is None else f"{points(step.moved)} points, "
    ends = "" if step.ends is None else f" ({moved}95 % {step.ends.low:.2f} to {step.ends.high:.2f})"
    return f"{percent(step.level / 100)}{ends}"


def _axis(y: Scale) -> Iterator[Markup]:
    for value in y.ticks():
        if value <= 100.000001:
            yield line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid")
            yield text(LEFT - 6, y(value) + 3.5, f"{y.label(value)}", "tick", "end")


def _levels(steps: tuple[_Step, ...], y: Scale) -> Iterator[Markup]:
    pitch = (WIDTH - LEFT - RIGHT) / len(steps)
    before: float | None = None
    for index, step in enumerate(steps):
        centre, half = LEFT + pitch * (index + 0.5), pitch * 0.3
        for row, said in enumerate(step.names):
            yield text(centre, HEIGHT - BOTTOM + 17 + 13 * row, said, "tick", "middle")
        if step.level is None:
            yield text(centre, (TOP + HEIGHT - BOTTOM) / 2, UNKNOWN, "tick", "middle")
            continue
        if before is not None:
            yield line(centre - pitch + half, y(before), centre - half, y(before), "joint")
            yield from _moved(before, step.level, centre, half, y)
        yield from _whisker(step, centre, y)
        yield line(centre - half, y(step.level), centre + half, y(step.level), "level")
        yield text(centre, _label_y(step, before, y), _label(index, step), "value", "middle")
        before = step.level


def _moved(before: float, level: float, centre: float, half: float, y: Scale) -> Iterator[Markup]:
    if level != before:
        top, bottom = min(y(level), y(before)), max(y(level), y(before))
        yield rect(centre - half, top, half * 2, bottom - top, "lost" if level < before else "gained")


def _whisker(step: _Step, centre: float, y: Scale) -> Iterator[Markup]:
    if step.ends is None:
        return
    low, high = y(step.ends.low), y(step.ends.high)
    path = f"M{centre:.1f} {low:.1f}V{high:.1f}M{centre - 4:.1f} {low:.1f}h8M{centre - 4:.1f} {high:.1f}h8"
    yield tag("path", d=path, class_="whisker")


def _label(index: int, step: _Step) -> str:
    if index == 0 or step.moved is None:
        return f"{step.level:.2f}"
    return points(step.moved)


def _label_y(step: _Step, before: float | None, y: Scale) -> float:
    """Above the level, its whisker and where it came from, or below where there is no room."""
    reached = [y(value) for value in (*_reach(step), *([] if before is None else [before]))]
    above = min(reached) - 6
    return above if above > TOP + 6 else max(reached) + 15
