"""A comparison on a terminal: a table a phone with a verdict per row, then what has to be said. Rendering only."""

from collections.abc import Collection, Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.compare.accuracy import Arrow, ArrowName, StageName
from benchmarks.compare.comparison import Change, ComparedPhone, Comparison, Row
from benchmarks.evaluation.number_format import UNKNOWN, percent, small
from benchmarks.evaluation.stats import Interval, Verdict

MIN_WIDTH = 200
COLUMNS = (
    "", "Keras", "TFLite", "tensors", "images", "Δ points", "agree", "kernels", "inputs", "p50 ms", "p90", "p99",
    "init", "speed", "memory",
)  # fmt: skip
VERDICT = "verdict"
NOTES = {
    "Keras": "accuracy, top-1: Keras and TFLite here, then the phone on the same tensors, then on the pictures",
    "Δ points": "Δ points: the phone on pictures minus Keras, with its 95 % interval",
    "agree": "agree: share answered as Keras does, or as TFLite here where a model came as a ready file",
    "kernels": "kernels: the largest difference of a probability from TFLite here to the phone's, on the same tensors",
    "p50 ms": "p50, p90, p99: ms of one inference, with the interval of this run; init: ms to load the model",
    "speed": "speed: time over that of the recipe's first variant, and whether the whole interval is beyond 2 %",
    "memory": "memory: of the app at its peak",
    VERDICT: "verdict: of the gates in benchmarks/gates.toml",
}
"""What a column means, said where it is shown."""
COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.INCONCLUSIVE: "yellow"}


def show(comparison: Comparison, console: Console | None = None) -> None:
    """Print a comparison on standard output, or on `console`."""
    console = console or Console(soft_wrap=True)
    wide = Console(file=console.file, width=max(console.width, MIN_WIDTH))
    shown: set[object] = set()
    for phone in comparison.phones:
        rows = [row for row in comparison.rows if row.phone == phone.id]
        table = _table(comparison, phone, rows)
        wide.print(table)
        shown |= {column.header for column in table.columns}
        for line in _remarks(phone, rows):
            console.print(line, highlight=False, markup=False)
        console.print()
    for note in (note for column, note in NOTES.items() if column in shown):
        console.print(note, highlight=False, markup=False, style="dim")
    for line in _lines(comparison):
        console.print(line, highlight=False, markup=False)


def _table(comparison: Comparison, phone: ComparedPhone, rows: list[Row]) -> Table:
    title = f"{phone.title} · virtual" if phone.is_virtual else phone.title
    table = Table(title=title.replace("[", r"\["), title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    titles = _titles(comparison, rows)
    lines = [(titles[row.id], *_accuracies(row), *_times(comparison, row)) for row in rows]
    filled = [at for at in range(len(COLUMNS)) if at == 0 or any(line[at] != UNKNOWN for line in lines)]
    for at in filled:
        table.add_column(COLUMNS[at], justify="right" if at else "left", no_wrap=True)
    table.add_column(VERDICT, no_wrap=True)
    for row, line in zip(rows, lines, strict=True):
        verdict = f"[{COLOURS[row.verdict]}]{row.verdict}[/]"
        table.add_row(*(line[at].replace("[", r"\[") for at in filled), verdict)
    return table


def _titles(comparison: Comparison, rows: list[Row]) -> dict[str, str]:
    """Recipe and variant; the whole id where that is the title of several rows."""
    models = {model.id: f"{model.recipe} {model.variant}" for model in comparison.models}
    names = [models[row.model] for row in rows]
    return {
        row.id: name if names.count(name) == 1 else row.id.partition("/")[2]
        for row, name in zip(rows, names, strict=True)
    }


def _accuracies(row: Row) -> tuple[str, ...]:
    stages = {stage.name: stage for stage in row.stages}
    accuracies = [stages[name].accuracy if name in stages else None for name in StageName]
    phone = [stages[name] for name in (StageName.TENSORS, StageName.IMAGES) if name in stages]
    evaluated, expected = sum(one.evaluated for one in phone), sum(one.expected for one in phone)
    whole = next((arrow for arrow in row.arrows if arrow.name is ArrowName.WHOLE), None)
    agreement = None if whole is None else whole.agreement
    inputs = f"{evaluated}/{expected}" if phone else UNKNOWN
    kernels = next((small(arrow.max_difference) for arrow in row.arrows if arrow.name is ArrowName.RUNTIME), UNKNOWN)
    return (*map(percent, accuracies), _delta(whole), percent(agreement), kernels, inputs)


def _delta(whole: Arrow | None) -> str:
    if whole is None or whole.delta_points is None or whole.delta_interval is None:
        return UNKNOWN
    return f"{_rounded(whole.delta_points):+.2f} {_span(whole.delta_interval)}"


def _times(comparison: Comparison, row: Row) -> tuple[str, ...]:
    memory = UNKNOWN if row.peak_bytes is None else f"{row.peak_bytes / 1e6:.0f} MB"
    times = row.latency
    if times is None:
        return (*(UNKNOWN,) * 5, memory)
    middle = f"{times.p50_ms:.2f}" + ("" if times.interval_ms is None else f" {_span(times.interval_ms)}")
    ratio = next((one for one in comparison.ratios if one.row == row.id), None)
    speed = UNKNOWN if ratio is None else f"×{ratio.ratio:.2f} {ratio.verdict}"
    rest = (times.p90_ms, times.p99_ms, times.init_ms)
    return (middle, *(UNKNOWN if time is None else f"{time:.2f}" for time in rest), speed, memory)


def _remarks(phone: ComparedPhone, rows: list[Row]) -> Iterator[str]:
    stages = [stage for row in rows for stage in row.stages if stage.name in (StageName.TENSORS, StageName.IMAGES)]
    if stages:
        done, wanted = sum(one.evaluated for one in stages), sum(one.expected for one in stages)
        yield f"{done} of {wanted} inputs evaluated"
    said: dict[str, list[str]] = {}
    for row in rows:
        for line in (*row.remarks, *(row.latency.remarks if row.latency is not None else ())):
            said.setdefault(line, []).append(row.id.partition("/")[2])
    for line, names in said.items():
        yield line if len(names) == len(rows) else f"{', '.join(names)}: {line}"
    if phone.allowed:
        yield f"measured in spite of {', '.join(phone.allowed)}"
    yield from (f"failed: {line}" for line in phone.failures)


def _lines(comparison: Comparison) -> Iterator[str]:
    for one in comparison.sustained:
        heat = "no throttling found" if one.throttled_at_s is None else f"throttles after {one.throttled_at_s:.0f} s"
        after = "" if one.after_ms is None else f" before, {one.after_ms:.2f} ms after"
        yield f"{one.row}: {one.lasted_s:.0f} s at work, {heat}: {one.before_ms:.2f} ms{after}"
        yield from (f"{one.row}: {line}" for line in one.remarks)
    if comparison.changes:
        shared = set.intersection(*(set(one.differences) for one in comparison.changes))
        also = f", with {'; '.join(sorted(shared))}" if shared else ""
        yield f"since {comparison.baseline}{also}:"
        yield from (f"  {_change(one, shared)}" for one in comparison.changes)
    for gate in comparison.gates:
        if gate.verdict is not Verdict.PASS:
            yield f"{gate.verdict} {gate.row}: {gate.message}"
    yield from comparison.remarks
    state = "" if comparison.complete else ", not complete; the same command again finishes it"
    yield f"run {', '.join(comparison.runs)}: {comparison.verdict}{state}"


def _change(one: Change, said: Collection[str]) -> str:
    """What became of a row; `said` of what differs is not said again."""
    parts = []
    if one.delta_points is not None and one.delta_interval is not None:
        parts.append(f"accuracy {_rounded(one.delta_points):+.2f} points {_span(one.delta_interval)}")
    if one.agreement is not None:
        parts.append(f"{one.agreement:.2%} answered alike")
    if one.ratio is not None:
        span = "" if one.ratio_interval is None else f" {_span(one.ratio_interval)}"
        why = " (too few rounds, or the phone was not steady)" if one.ratio_interval is None else ""
        parts.append(f"time ×{one.ratio:.2f}{span} {one.speed}{why}")
    differences = [line for line in one.differences if line not in said]
    differing = f" ({'; '.join(differences)})" if differences else ""
    return f"{one.row}: {', '.join(parts) or 'nothing to compare'}{differing}"


def _span(interval: Interval) -> str:
    return f"[{_rounded(interval.low):.2f}, {_rounded(interval.high):.2f}]"


def _rounded(value: float) -> float:
    """Without the sign of a zero."""
    return round(value, 2) + 0.0
