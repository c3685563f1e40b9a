"""Who was taken for whom: truth down, answer across. The diagonal is quiet, mistakes are not."""

from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup

from benchmarks.report.accuracy import Confusion
from benchmarks.report.render.clean import visible
from benchmarks.report.render.figures import plural
from benchmarks.report.render.page.svg import figure, rect, tag, text
from benchmarks.report.render.words import STAGES

SIDE, EDGE, RIGHT = 300.0, 84.0, 26.0
MOST_COUNTED, MOST_NAMED = 12, 24
SHADES = 4
LONGEST_NAME = 10
MOST_MISTAKES = 8


def confusion(one: Confusion, title: str) -> Markup:
    """The figure of one stage."""
    cell = SIDE / len(one.labels)
    parts = [rect(EDGE, EDGE, SIDE, SIDE, "field"), _cells(one, cell)]
    if len(one.labels) <= MOST_NAMED:
        parts += _names(one, cell)
    if len(one.labels) <= MOST_COUNTED:
        parts += _counts(one, cell)
    parts.append(text(0, 10, "truth ↓  answer →", "tick"))
    worst = "; ".join(f"{count} × {truth} taken for {answer}" for truth, answer, count in mistakes(one)[:3])
    told = worst or "no mistakes"
    more = f" {plural(one.others, 'input')} of other labels." if one.others else ""
    return figure(
        EDGE + SIDE + RIGHT, EDGE + SIDE + 4, f"Confusion of {STAGES[one.stage]}: {title}", f"{told}.{more}", parts
    )


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
    return tag("g", *strokes, "", transform=f"translate({EDGE:.1f} {EDGE + cell / 2:.2f}) scale({cell:.4f})")


def _shade(count: int, most: int, is_right: bool) -> str | None:
    if count == 0:
        return None
    return "right" if is_right else f"wrong{max(1, round(SHADES * count / most))}"


def _names(one: Confusion, cell: float) -> Iterator[Markup]:
    for index, label in enumerate(one.labels):
        short = visible(label, LONGEST_NAME)
        middle = EDGE + (index + 0.5) * cell
        yield text(EDGE - 5, middle + 3.5, short, "tick", "end")
        if len(one.labels) <= MOST_COUNTED and len(label) <= 2:
            yield text(middle, EDGE - 6, short, "tick", "middle")
        else:
            turn = f"rotate(-68 {middle:.1f} {EDGE - 6:.1f})"
            yield tag("text", short, x=middle, y=EDGE - 6, class_="tick", transform=turn)


def _counts(one: Confusion, cell: float) -> Iterator[Markup]:
    for i, row in enumerate(one.counts):
        for j, count in enumerate(row):
            if count:
                x, y = EDGE + (j + 0.5) * cell, EDGE + (i + 0.5) * cell + 3.5
                yield text(x, y, str(count), "counted", "middle")
