"""`summary.md`: the verdict and the rows in GitHub's Markdown, short enough for a comment on a pull request."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.compare.comparison import Comparison, Gate
from benchmarks.evaluation.number_format import milliseconds, percent, plural, points, ratio, size, span
from benchmarks.evaluation.stats import Speed, Verdict
from benchmarks.report.escaping import markdown
from benchmarks.report.layers_text import verdict
from benchmarks.report.rows import ReportRow, report_rows
from benchmarks.report.wording import MARKS, STAGES, VIRTUAL, advice, headline, phones

FILE = "summary.md"
MOST_ROWS = 60
"""GitHub cuts a comment at 65,536 characters."""
COLUMNS = ("", "model", "phone", "size", *STAGES.values(), "Δ pp (95 %)", "agree", "p50 ms", "p90 ms")


def summary_md(comparison: Comparison) -> bytes:
    """The file, UTF-8."""
    return ("\n".join(_document(comparison)) + "\n").encode()


def _document(comparison: Comparison) -> Iterator[str]:
    rows = report_rows(comparison)
    by_id = {row.compared.id: row for row in rows}
    yield f"### {MARKS[comparison.verdict]} Handset: {comparison.verdict}"
    yield ""
    yield f"{headline(comparison, rows)} Measured on {phones(comparison)}."
    if not comparison.complete:
        yield "**Not complete:** results are missing."
    yield ""
    yield from _table(rows)
    yield from _gates("Broken gates", comparison.gates, Verdict.FAIL, by_id)
    yield from _gates("Inconclusive gates", comparison.gates, Verdict.INCONCLUSIVE, by_id)
    same = [gate for gate in comparison.gates if gate.inputs_to_decide is not None]
    yield from _gates("Gates that pass because the answers are numerically the same", same, Verdict.PASS, by_id)
    yield from _layers(rows)
    yield from _speeds(comparison, by_id)
    if any(phone.is_virtual for phone in comparison.phones):
        yield f"{VIRTUAL}\n"
    yield from (f"- {markdown(remark)}" for remark in comparison.remarks)


def _table(rows: Sequence[ReportRow]) -> Iterator[str]:
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|---|---|---|{'---:|' * (len(COLUMNS) - 3)}"
    for row in rows[:MOST_ROWS]:
        yield f"| {' | '.join(_cells(row))} |"
    if len(rows) > MOST_ROWS:
        yield f"\n… and {plural(len(rows) - MOST_ROWS, 'more row')}; the whole report has them."
    yield ""


def _cells(row: ReportRow) -> Iterator[str]:
    yield f"{MARKS[row.compared.verdict]} {row.compared.verdict}"
    yield markdown(row.title)
    yield markdown(row.phone_title)
    yield size(row.model.size_bytes)
    yield from (percent(row.accuracy(stage)) for stage in STAGES)
    interval = "" if row.delta_interval is None else f" ({span(row.delta_interval, points)})"
    yield points(row.delta_points) + interval
    yield percent(row.agreement)
    yield milliseconds(None if row.latency is None else row.latency.p50_ms)
    yield milliseconds(None if row.latency is None else row.latency.p90_ms)


def _gates(title: str, gates: Sequence[Gate], verdict: Verdict, by_id: Mapping[str, ReportRow]) -> Iterator[str]:
    chosen = [gate for gate in gates if gate.verdict is verdict][:MOST_ROWS]
    if not chosen:
        return
    yield f"**{title}**\n"
    for gate in chosen:
        row = by_id[gate.row]
        yield f"- {_name(row)}: {markdown(gate.message)}"
        if verdict is Verdict.FAIL and row.first_cause is not None:
            yield f"  - {markdown(advice(row.first_cause))}"
    yield ""


def _layers(rows: Sequence[ReportRow]) -> Iterator[str]:
    probed = [row for row in rows if row.compared.probed is not None][:MOST_ROWS]
    if not probed:
        return
    yield "**Layer by layer**\n"
    for row in probed:
        if row.compared.probed is not None:
            yield f"- {_name(row)}: {markdown(verdict(row.compared.probed))}"
    yield ""


def _speeds(comparison: Comparison, by_id: Mapping[str, ReportRow]) -> Iterator[str]:
    conclusive = [one for one in comparison.ratios if one.verdict in (Speed.FASTER, Speed.SLOWER)]
    shown = [one for one in conclusive if not by_id[one.row].phone.is_virtual][:MOST_ROWS]
    if not shown:
        return
    yield "**Speed**\n"
    for one in shown:
        times = f"{ratio(one.ratio)} of its time ({span(one.interval, ratio)})"
        yield f"- {_name(by_id[one.row])} is {one.verdict} than {markdown(by_id[one.against].title)}: {times}"
    yield ""


def _name(row: ReportRow) -> str:
    return f"{markdown(row.title)} on {markdown(row.phone_title)}"
