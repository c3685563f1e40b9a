"""The few numbers that stand beside the verdict."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.compare.comparison import Comparison
from benchmarks.evaluation.number_format import UNKNOWN, count, percent, points, span
from benchmarks.evaluation.stats import Speed, Verdict
from benchmarks.report.lines import ON_PHONE, Line


@dataclass(frozen=True, slots=True)
class Tile:
    """A number, what it is, and what it is about."""

    name: str
    value: str
    about: str


def tiles(comparison: Comparison, rows: tuple[Line, ...]) -> tuple[Tile, ...]:
    """Verdicts, the worst of accuracy, how much was compared, and the best of speed."""
    return tuple(_tiles(comparison, rows))


def _tiles(comparison: Comparison, rows: tuple[Line, ...]) -> Iterator[Tile]:
    said = Counter(line.row.verdict for line in rows)
    others = f"{said[Verdict.FAIL]} fail · {said[Verdict.INCONCLUSIVE]} cannot be told"
    yield Tile("Rows that pass", f"{said[Verdict.PASS]} of {len(rows)}", others)
    yield from _worst(rows)
    answers = sum(stage.evaluated for line in rows for name in ON_PHONE for stage in [line.stage(name)] if stage)
    yield Tile("Answers compared", count(answers), "phone against Keras, input by input")
    yield _fastest(comparison, rows)


def _worst(rows: tuple[Line, ...]) -> Iterator[Tile]:
    whole = [(line, line.whole) for line in rows if line.whole is not None]
    labelled = [(arrow.delta_points, line, arrow) for line, arrow in whole if arrow.delta_points is not None]
    if labelled:
        delta, line, arrow = min(labelled, key=lambda one: one[0])
        interval = span(arrow.delta_interval, points)
        yield Tile("Largest loss", f"{points(delta)} pp", f"{line.title}, {interval}")
    elif whole:
        line, arrow = min(whole, key=lambda one: one[1].agreement)
        yield Tile("Lowest agreement", percent(arrow.agreement), line.title)


def _fastest(comparison: Comparison, rows: tuple[Line, ...]) -> Tile:
    by_id = {line.row.id: line for line in rows if not line.phone.is_virtual}
    faster = [
        one for one in comparison.ratios if one.verdict is Speed.FASTER and one.row in by_id and one.against in by_id
    ]
    if not by_id:
        return Tile("Latency", UNKNOWN, "left out: a virtual phone's times are this computer's")
    if not faster:
        return Tile("Largest speed-up", UNKNOWN, "no variant is certainly faster than another")
    best = min(faster, key=lambda one: one.ratio)
    against = by_id[best.against].name
    return Tile("Largest speed-up", f"× {1 / best.ratio:.2f}", f"{by_id[best.row].title} against {against}")
