"""The few numbers beside the verdict."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.compare.comparison import Comparison
from benchmarks.evaluation.number_format import UNKNOWN, count, percent, points, span
from benchmarks.evaluation.stats import Speed, Verdict
from benchmarks.report.rows import ON_PHONE, ReportRow


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A number with its name, and a line about it."""

    name: str
    value: str
    about: str


def key_figures(comparison: Comparison, rows: Sequence[ReportRow]) -> list[KeyFigure]:
    """Verdicts, the largest loss of accuracy or lowest agreement, how much was compared, and the largest speed-up."""
    counts = Counter(row.compared.verdict for row in rows)
    others = f"{counts[Verdict.FAIL]} fail · {counts[Verdict.INCONCLUSIVE]} inconclusive"
    answers = sum(stage.evaluated for row in rows for name in ON_PHONE for stage in [row.stage(name)] if stage)
    return [
        KeyFigure("Rows that pass", f"{counts[Verdict.PASS]} of {len(rows)}", others),
        *_worst(rows),
        KeyFigure("Answers compared", count(answers), "phone against Keras, input by input"),
        _fastest(comparison, rows),
    ]


def _worst(rows: Sequence[ReportRow]) -> list[KeyFigure]:
    labelled = [(row.delta_points, row) for row in rows if row.delta_points is not None]
    if labelled:
        delta, row = min(labelled, key=lambda pair: pair[0])
        return [KeyFigure("Largest loss", f"{points(delta)} pp", f"{row.title}, {span(row.delta_interval, points)}")]
    agreements = [(row.whole.agreement, row) for row in rows if row.whole is not None]
    if agreements:
        agreement, row = min(agreements, key=lambda pair: pair[0])
        return [KeyFigure("Lowest agreement", percent(agreement), row.title)]
    return []


def _fastest(comparison: Comparison, rows: Sequence[ReportRow]) -> KeyFigure:
    by_id = {row.compared.id: row for row in rows if not row.phone.is_virtual}
    if not by_id:
        return KeyFigure("Latency", UNKNOWN, "left out: a virtual phone's times are this computer's")
    faster = [
        one for one in comparison.ratios if one.verdict is Speed.FASTER and one.row in by_id and one.against in by_id
    ]
    if not faster:
        return KeyFigure("Largest speed-up", UNKNOWN, "no variant is certainly faster than another")
    best = min(faster, key=lambda one: one.ratio)
    about = f"{by_id[best.row].title} against {by_id[best.against].name}"
    return KeyFigure("Largest speed-up", f"× {1 / best.ratio:.2f}", about)
