"""Who was taken for whom: truth down, answer across. The diagonal is quiet, mistakes are not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from markupsafe import Markup

from benchmarks.compare.accuracy import Confusion
from benchmarks.evaluation.number_format import plural
from benchmarks.report.clean import visible
from benchmarks.report.lines import ON_PHONE, Group
from benchmarks.report.page.svg import figure, rect, tag, text
from benchmarks.report.words import STAGES

SIDE, RIGHT, TOP = 300.0, 26.0, 22.0
SHORT_EDGE, LONG_EDGE = 24.0, 82.0
"""Room for the names of labels: of one or two letters or none at all, and of more."""
MOST_COUNTED, MOST_NAMED = 12, 24
SHADES = 4
SHORTEST_NAME, LONGEST_NAME = 2, 10
MOST_MISTAKES = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """One matrix of a group: whose it is, what was answered there, and its figure."""

    name: str
    confusion: Confusion
    drawing: Markup


@dataclass(frozen=True, slots=True)
class Confusions:
    """What a group confuses: Keras first, or what stands for it, then what differs; `alike` names what does not."""

    shown: tuple[Shown, ...]
    alike: tuple[str, ...]


def confusions(group: Group) -> Confusions:
    """The matrices of a group, each only once."""
    shown, alike = list[Shown](), list[str]()
    for row in group.lines:
        there = [one for one in row.row.confusions if one.labels]
        if there and all(there[0] != one.confusion for one in shown):
            shown.append(Shown(STAGES[there[0].stage], there[0], confusion(there[0], group.recipe)))
        for last in there[1:]:
            if last == replace(there[0], stage=last.stage):
                alike.append(row.name)
                continue
            name = f"{row.name} {'on the phone' if last.stage in ON_PHONE else f'in {STAGES[last.stage]}'}"
            shown.append(Shown(name, last, confusion(last, f"{row.name} on {group.phone.title}")))
    return Confusions(tuple(shown), tuple(alike))


def confusion(one: Confusion, title: str) -> Markup:
    """The figure of one stage."""
    cell = SIDE / len(one.labels)
    is_named = len(one.labels) <= MOST_NAMED
    is_long = is_named and any(len(label) > SHORTEST_NAME for label in one.labels)
    edge = LONG_EDGE if is_long else SHORT_EDGE
    parts = [rect(0, 0, SIDE, SIDE, "field"), _cells(one, cell)]
    if is_named:
        parts += _names(one, cell, is_long)
    if len(one.labels) <= MOST_COUNTED:
        parts += _counts(one, cell)
    drawn = [text(0, 10, "truth ↓  answer →", "tick")]
    drawn.append(tag("g", *parts, transform=f"translate({edge:.0f} {edge + TOP:.0f})"))
    worst = "; ".join(f"{count} × {truth} taken for {answer}" for truth, answer, count in mistakes(one)[:3])
    more = f" {plural(one.others, 'input')} of other labels." if one.others else ""
    told = f"{worst or 'no mistakes'}.{more}"
    right = RIGHT if is_long else 2
    return figure(edge + SIDE + right, edge + TOP + SIDE + 2, f"Confusion of {STAGES[one.stage]}: {title}", told, drawn)


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
    """A path a shade, of strokes that are one cell high: many cells, few bytes."""
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
