"""The steps after a run: compare, apply gates, explain, write, show."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compare import baseline, comparison_json
from benchmarks.compare.baseline import FOLDER as BASELINES
from benchmarks.compare.changes import add_baseline_changes, add_changes
from benchmarks.compare.compare import compare_rows
from benchmarks.compare.comparison import Comparison
from benchmarks.compare.gates import FILE as GATES
from benchmarks.compare.gates import Limits, apply_gates
from benchmarks.compare.row_results import RowResults, collect_rows
from benchmarks.console.places import Build, short
from benchmarks.evaluation.stats import Verdict
from benchmarks.explain.explanation import with_causes
from benchmarks.formats.run_folder import RunFolder
from benchmarks.report import terminal
from benchmarks.report.write import PAGE, write_report

PASSED, FAILED, UNFINISHED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class ComparisonOptions:
    """How a comparison is judged and shown. `strict` fails inconclusive gates too.

    Causes are sought for the rows that do not pass; with `explain`, for all rows.
    """

    build: Build
    gates: Path = GATES
    baselines: Path = BASELINES
    strict: bool = False
    as_json: bool = False
    explain: bool = False


def after_run(
    runs: Sequence[RunFolder],
    options: ComparisonOptions,
    older: tuple[str, Comparison] | None = None,
    look_into: Callable[[Sequence[RowResults]], None] = lambda _: None,
) -> Comparison:
    """Compare one run or several and write the comparison and its report into `comparison_folder(runs)`.

    `older` is an older comparison with its name; without it the saved baselines of the phones are the older side.
    `look_into` is given the rows that fail a gate, before causes are sought.
    """
    limits = Limits.read(options.gates)
    results = collect_rows(runs)
    comparison = compare_rows(runs, results, options.build)
    if older is None:
        baselines = list(baseline.read_saved(comparison, options.baselines))
        comparison = add_baseline_changes(comparison, baselines, options.baselines.name)
    else:
        comparison = add_changes(comparison, older[1], older[0])
    comparison = apply_gates(comparison, limits)
    failing = {row.id for row in comparison.rows if row.verdict is Verdict.FAIL}
    look_into([row for row in results if row.id in failing])
    rows = [row.id for row in comparison.rows if options.explain or row.verdict is not Verdict.PASS]
    comparison = with_causes(comparison, rows, results, options.build)
    baseline.write(comparison_folder(runs), comparison)
    write_report(comparison, comparison_folder(runs))
    return comparison


def comparison_folder(runs: Sequence[RunFolder]) -> Path:
    """The folder of the comparison of these runs and of its report: the run's own, for several one beside the last."""
    last = runs[-1].path
    return last if len(runs) == 1 else last.with_name(f"{last.name}-together")


def show(comparison: Comparison, options: ComparisonOptions, folder: Path) -> None:
    """Print the comparison and the path of its report on standard output, failed gates on standard error."""
    if options.as_json:
        print(comparison_json.encode(comparison).decode(), end="")
    else:
        terminal.show(comparison)
        print(f"report: {short(folder / PAGE)}")
    failing = [gate for gate in comparison.gates if gate.verdict in _failing(options)]
    for gate in failing:
        print(f"{gate.row}: {gate.message}", file=sys.stderr)
    if failing:
        print(f"{len(failing)} of {len(comparison.gates)} gates not kept; see {short(options.gates)}", file=sys.stderr)


def exit_code(comparison: Comparison, options: ComparisonOptions) -> int:
    """1 when a gate fails, else 2 when a result is missing, else 0."""
    if any(gate.verdict in _failing(options) for gate in comparison.gates):
        return FAILED
    return PASSED if comparison.complete else UNFINISHED


def _failing(options: ComparisonOptions) -> tuple[Verdict, ...]:
    return (Verdict.FAIL, Verdict.INCONCLUSIVE) if options.strict else (Verdict.FAIL,)
