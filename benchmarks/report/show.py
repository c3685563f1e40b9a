"""`python -m benchmarks show RUN`: a run's numbers as a plain table. Rendering never computes."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.places import add_build_option
from benchmarks.report.summary import Latency, PhoneSummary, Row, Stage, Summary, summarise
from benchmarks.runs.folder import find

MIN_WIDTH = 140
COLUMNS = ("Keras", "TFLite", "tensors", "images", "agree", "inputs", "p50", "p90", "p99", "init", "memory")
NOTES = (
    "accuracy, top-1: Keras and TFLite on this computer, then the phone on the same tensors, then on the pictures",
    "agree: share of pictures on which the phone says what Keras says, or TFLite where no Keras model is known",
    "inputs: evaluated on the phone, tensors and pictures together, of those there are",
    "p50, p90, p99: ms of one inference in all rounds; init: ms to load the model; memory: of the app at its peak",
)
EXAMPLES = """examples:
  python -m benchmarks show                     the last run
  python -m benchmarks show 20250131-094500     that run, below build/results
  python -m benchmarks show --json | jq '.phones[].rows[].images.accuracy'
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "show",
        help="show the numbers of a run",
        description="Show what a run measured, finished or not. Reads its folder only; nothing is run.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", metavar="RUN", help="a run's name or folder (default: the last one)")
    add_build_option(parser)
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the run; 0 also for one that is not finished."""
    show(summarise(find(options.name, options.build.results)), options.json)
    return 0


def show(summary: Summary, as_json: bool) -> None:
    """Print a summary on standard output."""
    if as_json:
        print(json.dumps(asdict(summary), indent=2))
        return
    console = Console(soft_wrap=True)
    wide = Console(width=max(console.width, MIN_WIDTH))
    for phone in summary.phones:
        wide.print(_table(phone))
        for line in _remarks(phone):
            console.print(line, highlight=False, markup=False)
        console.print()
    for line in NOTES:
        console.print(line, highlight=False, markup=False, style="dim")
    state = "complete" if summary.complete else "not complete; the same command again finishes it"
    console.print(f"run {summary.run}: {state}", highlight=False, markup=False)


def _table(phone: PhoneSummary) -> Table:
    title = f"{phone.title} · virtual" if phone.is_virtual else phone.title
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for row in phone.rows:
        table.add_row(*_cells(row))
    return table


def _cells(row: Row) -> tuple[str, ...]:
    evaluated = row.tensors.evaluated + row.images.evaluated
    expected = row.tensors.expected + row.images.expected
    stages = (_percent(stage.accuracy) for stage in (row.keras, row.tflite, row.tensors, row.images))
    memory = "–" if row.peak_bytes is None else f"{row.peak_bytes / 1e6:.0f} MB"
    name = f"{row.recipe} {row.variant}"
    return (name, *stages, _percent(row.images.agreement), f"{evaluated}/{expected}", *_times(row.latency), memory)


def _times(latency: Latency | None) -> tuple[str, ...]:
    if latency is None:
        return ("–",) * 4
    times = (latency.p50_ms, latency.p90_ms, latency.p99_ms, latency.init_ms)
    return tuple("–" if time is None else f"{time:.2f}" for time in times)


def _remarks(phone: PhoneSummary) -> Iterator[str]:
    stages: list[Stage] = [stage for row in phone.rows for stage in (row.tensors, row.images)]
    evaluated, expected = sum(one.evaluated for one in stages), sum(one.expected for one in stages)
    yield f"{evaluated} of {expected} inputs evaluated"
    if phone.is_virtual:
        yield "a virtual phone: its times and memory are this computer's, and are left out"
    elif any(row.latency is not None and row.latency.p99_ms is None for row in phone.rows):
        yield "p99 needs 300 samples; run more --rounds"
    if phone.allowed:
        yield f"measured in spite of {', '.join(phone.allowed)}"
    yield from (f"failed: {line}" for line in phone.failures)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"
