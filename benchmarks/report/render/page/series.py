"""Which colour and shape a row has, the same in every plot of its group."""

from markupsafe import Markup

from benchmarks.report.render.lines import Group, Line
from benchmarks.report.render.page.svg import mark, tag

COLOURS = 6


def series(group: Group, line: Line) -> int:
    """The place of `line` in its group, from 0."""
    return group.lines.index(line)


def colour(index: int) -> str:
    """The class of a series: `s1` to `s6`, then again."""
    return f"s{index % COLOURS + 1}"


def names(group: Group) -> dict[str, str]:
    """By row id what to call a row within its group: its variant, with its context where a variant is there twice."""
    variants = [line.model.variant for line in group.lines]
    return {
        line.row.id: line.model.variant if variants.count(line.model.variant) == 1 else _long(line)
        for line in group.lines
    }


def _long(line: Line) -> str:
    threads = f"{line.row.threads} threads" if line.row.threads != 1 else "1 thread"
    return f"{line.model.variant} · {line.row.accelerator_obtained} · {threads}"


def swatch(index: int) -> Markup:
    """The mark of a series, for tables and legends; it has no meaning of its own."""
    sign = mark(7, 7, 4.5, index, colour(index))
    return tag("svg", sign, viewBox="0 0 14 14", class_="swatch", aria_hidden="true")
