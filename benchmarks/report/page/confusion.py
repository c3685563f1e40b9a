"""Confusion matrices: a row for each truth, a column for each answer; mistakes stand out from the diagonal."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup
from msgspec.structs import replace

from benchmarks.compare.accuracy import Confusion
from benchmarks.evaluation.number_format import plural
from benchmarks.report.escaping import visible
from benchmarks.report.page.svg import figure, rect, tag, text
from benchmarks.report.rows import ON_PHONE, RowGroup
from benchmarks.report.wording import STAGES

SIDE, RIGHT, TOP = 300.0, 26.0, 22.0
SHORT_EDGE, LONG_EDGE = 24.0, 82.0
"""Room for the names of labels: short for names of up to two letters or none, long for more."""
MOST_COUNTED, MOST_NAMED = 12, 24
SHADES = 4
SHORTEST_NAME, LONGEST_NAME = 2, 10
MOST_MISTAKES = 8


@dataclass(frozen=True, slots=True)
class ShownConfusion:
    """One matrix of a group: its title, its values and its plot."""

    name: str
    confusion: Confusion
    drawing: Markup


def confusions(group: RowGroup) -> tuple[list[ShownConfusion], list[str]]:
    """The matrices of the first stage and those of the last stage that differ; the names of rows with equal ones."""
    shown, same = list[ShownConfusion](), list[str]()
    for row in group.rows:
        found = [one for one in row.compared.confusions if one.labels]
        if not found:
            continue
        first, *others = found
        if all(first != one.confusion for one in shown):
            shown.append(ShownConfusion(STAGES[first.stage], first, confusion(first, group.recipe)))
        for last in others:
            if last == replace(first, stage=last.stage):
                same.append(row.name)
                continue
            name = f"{row.name} {'on the phone' if last.stage in ON_PHONE else f'in {STAGES[last.stage]}'}"
            shown.append(ShownConfusion(name, last, confusion(last, f"{row.name} on {group.phone.title}")))
    return shown, same


def confusion(one: Confusion, title: str) -> Markup:
    """The plot of one matrix."""
    cell = SIDE / len(one.labels)
    is_named = len(one.labels) <= MOST_NAMED
    is_long = is_named and any(len(label) > SHORTEST_NAME for label in one.labels)
    edge = LONG_EDGE if is_long else SHORT_EDGE
    parts = [rect(0, 0, SIDE, SIDE, "field"), _cells(one, cell)]
    if is_named:
        parts += _names(one, cell, is_long)
    if len(one.labels) <= MOST_COUNTED:
        parts += _counts(one, cell)
    matrix = tag("g", *parts, transform=f"translate({edge:.0f} {edge + TOP:.0f})")
    drawn = [text(0, 10, "truth ↓  answer →", "tick"), matrix]
    worst = "; ".join(f"{count} × {truth} taken for {answer}" for truth, answer, count in mistakes(one)[:3])
    more = f" {plural(one.others, 'input')} of other labels." if one.others else ""
    width, height = edge + SIDE + (RIGHT if is_long else 2), edge + TOP + SIDE + 2
    name = f"Confusion of {STAGES[one.stage]}: {title}"
    return figure(width, height, name, f"{worst or 'no mistakes'}.{more}", drawn)


def mistakes(one: Confusion) -> list[tuple[str, str, int]]:
    """(truth, answer, count) of the most frequent mistakes, the most frequent first."""
    found = [
        (one.labels[i], one.labels[j], count)
        for i, row in enumerate(one.counts)
        for j, count in enumerate(row)
        if i != j and count
    ]
    return sorted(found, key=lambda mistake: -mistake[2])[:MOST_MISTAKES]


def _cells(one: Confusion, cell: float) -> Markup:
    """One path for each shade, of strokes that are one cell high: much shorter than one element for each cell."""
    most = max((count for i, row in enumerate(one.counts) for j, count in enumerate(row) if i != j), default=0)
    paths: dict[str, list[str]] = {}
    for i, row in enumerate(one.counts):
        shades = [_shade(count, most, i == j) for j, count in enumerate(row)]
        start = 0
        for shade, run in groupby(shades):
            length = len(list(run))
            if shade is not None:
                paths.setdefault(shade, []).append(f"M{start} {i}h{length}")
            start += length
    strokes = [tag("path", d="".join(places), class_=f"cell {shade}") for shade, places in sorted(paths.items())]
    return tag("g", *strokes, "", transform=f"translate(0 {cell / 2:.2f}) scale({cell:.4f})")


def _shade(count: int, most: int, is_right: bool) -> str | None:
    if count == 0:
        return None
    return "right" if is_right else f"wrong{max(1, round(SHADES * count / most))}"


def _names(one: Confusion, cell: float, is_long: bool) -> Iterator[Markup]:
    for index, label in enumerate(one.labels):
        short = visible(label, LONGEST_NAME)
        middle = (index + 0.5) * cell
        yield text(-5, middle + 3.5, short, "tick", "end")
        if is_long:
            yield tag("text", short, x=middle, y=-6, class_="tick", transform=f"rotate(-68 {middle:.1f} -6)")
        else:
            yield text(middle, -6, short, "tick", "middle")


def _counts(one: Confusion, cell: float) -> Iterator[Markup]:
    for i, row in enumerate(one.counts):
        for j, count in enumerate(row):
            if count:
                yield text((j + 0.5) * cell, (i + 0.5) * cell + 3.5, str(count), "counted", "middle")
