"""`summary.md`: the verdict and the rows in GitHub's Markdown, short enough for a comment on a pull request."""

from collections.abc import Iterator, Sequence

from benchmarks.compare.comparison import Comparison, Gate
from benchmarks.evaluation.number_format import milliseconds, percent, plural, points, ratio, size, span
from benchmarks.evaluation.stats import Speed, Verdict
from benchmarks.report.clean import markdown
from benchmarks.report.lines import Line, lines
from benchmarks.report.words import MARKS, STAGES, VIRTUAL, advice, headline, phone_title, phones

FILE = "summary.md"
MOST_ROWS = 60
"""GitHub cuts a comment at 65,536 characters."""
COLUMNS = ("", "model", "phone", "size", *STAGES.values(), "Δ pp (95 %)", "agree", "p50 ms", "p90 ms")


def summary_md(comparison: Comparison) -> bytes:
    """The file, UTF-8."""
    return ("\n".join(_document(comparison)) + "\n").encode()


def _document(comparison: Comparison) -> Iterator[str]:
    rows = lines(comparison)
    yield f"### {MARKS[comparison.verdict]} Handset: {comparison.verdict}"
    yield ""
    yield f"{headline(comparison, rows)} Measured on {phones(comparison)}."
    if not comparison.complete:
        yield "**Not complete:** results are missing."
    yield ""
    yield from _table(rows)
    yield from _gates("Broken gates", comparison.gates, Verdict.FAIL, rows)
    yield from _gates("Not to be told", comparison.gates, Verdict.INCONCLUSIVE, rows)
    yield from _speeds(comparison, rows)
    if any(phone.is_virtual for phone in comparison.phones):
        yield f"{VIRTUAL}\n"
    yield from (f"- {markdown(remark)}" for remark in comparison.remarks)


def _table(rows: Sequence[Line]) -> Iterator[str]:
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|---|---|---|{'---:|' * (len(COLUMNS) - 3)}"
    for line in rows[:MOST_ROWS]:
        yield f"| {' | '.join(_cells(line))} |"
    if len(rows) > MOST_ROWS:
        yield f"\n… and {plural(len(rows) - MOST_ROWS, 'more row')}; the whole report has them."
    yield ""


def _cells(line: Line) -> Iterator[str]:
    whole, last, latency = line.whole, line.last, line.latency
    yield f"{MARKS[line.row.verdict]} {line.row.verdict}"
    yield markdown(line.title)
    yield markdown(phone_title(line))
    yield size(line.model.size_bytes)
    for name in STAGES:
        stage = line.stage(name)
        yield percent(None if stage is None else stage.accuracy)
    delta = None if whole is None else whole.delta_points
    interval = None if whole is None else whole.delta_interval
    yield points(delta) if interval is None else f"{points(delta)} ({span(interval, points)})"
    yield percent(None if last is None else last.agreement)
    yield milliseconds(None if latency is None else latency.p50_ms)
    yield milliseconds(None if latency is None else latency.p90_ms)


def _gates(title: str, gates: Sequence[Gate], verdict: Verdict, rows: Sequence[Line]) -> Iterator[str]:
    chosen = [gate for gate in gates if gate.verdict is verdict][:MOST_ROWS]
    if not chosen:
        return
    by_id = {line.row.id: line for line in rows}
    yield f"**{title}**\n"
    for gate in chosen:
        line = by_id[gate.row]
        yield f"- {markdown(line.title)} on {markdown(phone_title(line))}: {markdown(gate.message)}"
        if verdict is Verdict.FAIL and line.row.causes:
            yield f"  - {markdown(advice(line.row.causes[0]))}"
    yield ""


def _speeds(comparison: Comparison, rows: Sequence[Line]) -> Iterator[str]:
    by_id = {line.row.id: line for line in rows}
    said = [one for one in comparison.ratios if one.verdict in (Speed.FASTER, Speed.SLOWER)]
    said = [one for one in said if not by_id[one.row].phone.is_virtual][:MOST_ROWS]
    if not said:
        return
    yield "**Speed**\n"
    for one in said:
        line, against = by_id[one.row], by_id[one.against]
        times = f"{ratio(one.ratio)} of its time ({span(one.interval, ratio)})"
        where = f"{markdown(line.title)} on {markdown(phone_title(line))}"
        yield f"- {where} is {one.verdict} than {markdown(against.title)}: {times}"
    yield ""
