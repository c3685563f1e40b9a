"""The Comparison as a table a phone, with a verdict a row, and below it what a person should know first."""

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.report.accuracy import StageName
from benchmarks.report.comparison import Comparison
from benchmarks.report.render.clean import visible
from benchmarks.report.render.figures import milliseconds, percent, points, size, span
from benchmarks.report.render.lines import Line, lines
from benchmarks.report.render.words import ARROWS, MARKS, VIRTUAL, advice, headline, phone_title
from benchmarks.stats import Verdict

MIN_WIDTH = 150
STYLES = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.INCONCLUSIVE: "yellow"}
HEADS = ("size", "Keras", "TFLite", "tensors", "pictures", "Δ pp", "95 %", "agree", "p50", "p90", "init", "memory")


def show(comparison: Comparison, console: Console) -> None:
    """Print it all; `console` decides about colour."""
    wide = Console(file=console.file, width=max(console.width, MIN_WIDTH), no_color=console.no_color)
    rows = lines(comparison)
    for phone in dict.fromkeys(line.phone.id for line in rows):
        wide.print(_table([line for line in rows if line.phone.id == phone]))
    for said in _remarks(comparison, rows):
        console.print(said, soft_wrap=True)
    verdict = Text(f"{MARKS[comparison.verdict]} {comparison.verdict}", style=STYLES[comparison.verdict])
    console.print(verdict.append(f"  {headline(comparison, rows)}", style="none"), soft_wrap=True)


def _table(rows: list[Line]) -> Table:
    title = Text(visible(phone_title(rows[0])))
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for head in HEADS:
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for line in rows:
        verdict = Text(f"{MARKS[line.row.verdict]} {line.row.verdict}", style=STYLES[line.row.verdict])
        table.add_row(Text(visible(line.title)), *_cells(line), verdict)
    return table


def _cells(line: Line) -> Iterator[str]:
    whole, last, latency = line.whole, line.last, line.latency
    yield size(line.model.size_bytes)
    for name in StageName:
        stage = line.stage(name)
        yield percent(None if stage is None else stage.accuracy)
    yield points(None if whole is None else whole.delta_points)
    yield span(None if whole is None else whole.delta_interval, points)
    yield percent(None if last is None else last.agreement)
    yield milliseconds(None if latency is None else latency.p50_ms)
    yield milliseconds(None if latency is None else latency.p90_ms)
    yield milliseconds(None if latency is None else latency.init_ms)
    yield size(line.peak_bytes)


def _remarks(comparison: Comparison, rows: tuple[Line, ...]) -> Iterator[Text]:
    by_id = {line.row.id: line for line in rows}
    for gate in comparison.gates:
        if gate.verdict is not Verdict.PASS:
            line = by_id[gate.row]
            said = Text(f"{MARKS[gate.verdict]} ", style=STYLES[gate.verdict])
            yield said.append(visible(f"{line.title} on {phone_title(line)}: {gate.message}"), style="none")
            for cause in line.row.causes[:1]:
                yield Text(f"  {ARROWS[cause.arrow]}: {visible(advice(cause))}")
    for line in rows:
        yield from (Text(visible(f"  {line.title}: {remark}"), style="dim") for remark in line.row.remarks)
    for phone in comparison.phones:
        yield from (Text(visible(f"{phone.title}: failed: {failure}")) for failure in phone.failures)
        if phone.allowed:
            yield Text(visible(f"{phone.title}: measured in spite of {', '.join(phone.allowed)}"))
    yield from (Text(visible(remark), style="dim") for remark in comparison.remarks)
    if any(phone.is_virtual for phone in comparison.phones):
        yield Text(VIRTUAL, style="dim")
