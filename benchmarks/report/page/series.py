"""Which colour and shape a row has, the same in every plot of its group."""

from markupsafe import Markup

from benchmarks.report.lines import Group, Line
from benchmarks.report.page.svg import mark, tag

COLOURS = 6


def series(group: Group, line: Line) -> int:
    """The place of `line` in its group, from 0."""
    return group.lines.index(line)


def colour(index: int) -> str:
    """The class of a series: `s1` to `s6`, then again."""
    return f"s{index % COLOURS + 1}"


def swatch(index: int) -> Markup:
    """The mark of a series, for tables and legends; it has no meaning of its own."""
    sign = mark(7, 7, 4.5, index, colour(index))
    return tag("svg", sign, viewBox="0 0 14 14", class_="swatch", aria_hidden="true")
