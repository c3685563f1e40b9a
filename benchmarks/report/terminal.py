"""A comparison on a terminal: a table for each phone with a verdict for each row, then remarks. Rendering only."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.compare.accuracy import StageName
from benchmarks.compare.comparison import Change, ComparedPhone, Comparison
from benchmarks.console.terminal import uncut
from benchmarks.evaluation.number_format import UNKNOWN, percent, points, small
from benchmarks.evaluation.stats import Interval, Verdict
from benchmarks.report.layers_text import lines
from benchmarks.report.rows import ON_PHONE, ReportRow, report_rows

COLUMNS = (
    "", "Keras", "TFLite", "tensors", "images", "Δ points", "agree", "kernels", "inputs", "delegated", "p50 ms", "p90",
    "p99", "init", "speed", "memory",
)  # fmt: skip
VERDICT = "verdict"
NOTES = {
    "Keras": "accuracy, top-1: Keras and TFLite here, then the phone on the same tensors, then on the pictures",
    "Δ points": "Δ points: the phone on pictures minus Keras, with its 95 % interval",
    "agree": "agree: share answered as Keras does, or as TFLite here where a model came as a ready file",
    "kernels": "kernels: the largest difference of a probability from TFLite here to the phone's, on the same tensors",
    "delegated": "delegated: nodes of the graph on the accelerator, and the parts between which data changes hands",
    "p50 ms": "p50, p90, p99: ms of one inference, with the interval of this run; init: ms to load the model",
    "speed": "speed: time over that of the recipe's first variant, and whether the whole interval is beyond 2 %",
    "memory": "memory: of the app at its peak",
    VERDICT: "verdict: of the gates in benchmarks/gates.toml",
}
"""The explanations of the columns; only those of shown columns are printed."""
COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.INCONCLUSIVE: "yellow"}


def show(comparison: Comparison, console: Console | None = None) -> None:
    """Print a comparison on standard output, or on `console`."""
    console = console or Console(soft_wrap=True)
    rows = report_rows(comparison)
    shown: set[object] = set()
    for phone in comparison.phones:
        phone_rows = [row for row in rows if row.phone is phone]
        table = _table(comparison, phone, phone_rows)
        uncut(console).print(table)
        shown |= {column.header for column in table.columns}
        for line in (*_remarks(phone, phone_rows), *_layers(phone_rows)):
            console.print(line, highlight=False, markup=False)
        console.print()
    for note in (note for column, note in NOTES.items() if column in shown):
        console.print(note, highlight=False, markup=False, style="dim")
    for line in _lines(comparison):
        console.print(line, highlight=False, markup=False)


def _table(comparison: Comparison, phone: ComparedPhone, rows: Sequence[ReportRow]) -> Table:
    title = f"{phone.title} · virtual" if phone.is_virtual else phone.title
    table = Table(title=title.replace("[", r"\["), title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    lines = [(row.title, *_accuracies(row), *_times(comparison, row)) for row in rows]
    filled = [at for at in range(len(COLUMNS)) if at == 0 or any(line[at] != UNKNOWN for line in lines)]
    for at in filled:
        table.add_column(COLUMNS[at], justify="right" if at else "left", no_wrap=True)
    table.add_column(VERDICT, no_wrap=True)
    for row, line in zip(rows, lines, strict=True):
        verdict = row.compared.verdict
        table.add_row(*(line[at].replace("[", r"\[") for at in filled), f"[{COLOURS[verdict]}]{verdict}[/]")
    return table


def _accuracies(row: ReportRow) -> tuple[str, ...]:
    delta, interval = row.delta_points, row.delta_interval
    kernels = UNKNOWN if row.compared.abi is None else small(row.kernel_difference(row.compared.abi))
    return (
        *(percent(row.accuracy(stage)) for stage in StageName),
        UNKNOWN if delta is None or interval is None else f"{points(delta)} {_points(interval)}",
        percent(row.agreement),
        kernels,
        "/".join(map(str, _inputs([row]))) if any(map(row.stage, ON_PHONE)) else UNKNOWN,
        row.delegated or UNKNOWN,
    )


def _inputs(rows: Sequence[ReportRow]) -> tuple[int, int]:
    """How many inputs the phone evaluated, and how many it should have, on tensors and on pictures together."""
    stages = [stage for row in rows for stage in map(row.stage, ON_PHONE) if stage is not None]
    return sum(stage.evaluated for stage in stages), sum(stage.expected for stage in stages)


def _times(comparison: Comparison, row: ReportRow) -> tuple[str, ...]:
    memory = UNKNOWN if row.peak_bytes is None else f"{row.peak_bytes / 1e6:.0f} MB"
    times = row.latency
    if times is None:
        return (*(UNKNOWN,) * 5, memory)
    p50 = f"{times.p50_ms:.2f}" + ("" if times.interval_ms is None else f" {_span(times.interval_ms)}")
    ratio = next((ratio for ratio in comparison.ratios if ratio.row == row.compared.id), None)
    speed = UNKNOWN if ratio is None else f"×{ratio.ratio:.2f} {ratio.verdict}"
    others = (times.p90_ms, times.p99_ms, times.init_ms)
    return (p50, *(UNKNOWN if time is None else f"{time:.2f}" for time in others), speed, memory)


def _remarks(phone: ComparedPhone, rows: Sequence[ReportRow]) -> Iterator[str]:
    evaluated, expected = _inputs(rows)
    if expected:
        yield f"{evaluated} of {expected} inputs evaluated"
    titles: dict[str, list[str]] = {}
    for row in rows:
        for remark in (*row.compared.remarks, *(() if row.latency is None else row.latency.remarks)):
            titles.setdefault(remark, []).append(row.title)
    for remark, remarked in titles.items():
        yield remark if len(remarked) == len(rows) else f"{', '.join(remarked)}: {remark}"
    if phone.allowed:
        yield f"measured in spite of {', '.join(phone.allowed)}"
    yield from (f"note: {line}" for line in phone.notes)
    yield from (f"failed: {line}" for line in phone.failures)


def _layers(rows: Sequence[ReportRow]) -> Iterator[str]:
    """What probed phones computed: the table of layers where one is faulty, else that none is."""
    for row in rows:
        if row.compared.probed is not None:
            every = lines(row.compared.probed)
            yield from every if row.compared.probed.faulty else islice(every, 1)


def _lines(comparison: Comparison) -> Iterator[str]:
    for one in comparison.sustained:
        heat = "no throttling found" if one.throttled_at_s is None else f"throttles after {one.throttled_at_s:.0f} s"
        after = "" if one.after_ms is None else f" before, {one.after_ms:.2f} ms after"
        yield f"{one.row}: {one.lasted_s:.0f} s at work, {heat}: {one.before_ms:.2f} ms{after}"
        yield from (f"{one.row}: {remark}" for remark in one.remarks)
    if comparison.changes:
        shared = set.intersection(*(set(change.differences) for change in comparison.changes))
        also = f", with {'; '.join(sorted(shared))}" if shared else ""
        yield f"since {comparison.baseline}{also}:"
        yield from (f"  {_change(change, shared)}" for change in comparison.changes)
    for gate in comparison.gates:
        if gate.verdict is not Verdict.PASS or gate.inputs_to_decide is not None:
            yield f"{gate.verdict} {gate.row}: {gate.message}"
    yield from comparison.remarks
    state = "" if comparison.complete else ", not complete; the same command again finishes it"
    yield f"run {', '.join(comparison.runs)}: {comparison.verdict}{state}"


def _change(change: Change, shared: Collection[str]) -> str:
    """The change of one row, without the `shared` differences, which are printed once for all rows."""
    parts = []
    if change.delta_points is not None and change.delta_interval is not None:
        parts.append(f"accuracy {points(change.delta_points)} points {_points(change.delta_interval)}")
    if change.agreement is not None:
        parts.append(f"{change.agreement:.2%} answered alike")
    if change.ratio is not None and change.ratio_interval is not None:
        parts.append(f"time ×{change.ratio:.2f} {_span(change.ratio_interval)} {change.speed}")
    elif change.ratio is not None:
        parts.append(f"time ×{change.ratio:.2f} {change.speed} (too few rounds, or the phone was not steady)")
    differences = "; ".join(line for line in change.differences if line not in shared)
    return f"{change.row}: {', '.join(parts) or 'nothing to compare'}{f' ({differences})' if differences else ''}"


def _points(interval: Interval) -> str:
    return f"[{points(interval.low)}, {points(interval.high)}]"


def _span(interval: Interval) -> str:
    return f"[{interval.low:.2f}, {interval.high:.2f}]"
