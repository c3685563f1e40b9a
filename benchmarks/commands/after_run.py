"""What follows a run, in this order: compare, judge, explain, write, show."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.compare import baseline, comparison_json
from benchmarks.compare.baseline import FOLDER as BASELINES
from benchmarks.compare.changes import changed
from benchmarks.compare.compare import Compared, compare
from benchmarks.compare.comparison import Comparison
from benchmarks.compare.gates import judged
from benchmarks.compare.limits import FILE as GATES
from benchmarks.compare.limits import Limits
from benchmarks.console.places import Build, short
from benchmarks.evaluation.stats import Verdict
from benchmarks.explain.attach import with_causes
from benchmarks.formats.run_folder import RunFolder
from benchmarks.report import table
from benchmarks.report.write import PAGE, write_report

PASSED, FAILED, UNFINISHED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a comparison is judged and shown. `strict` fails what is inconclusive too.

    Causes are looked for where a row does not pass; with `explain`, wherever anything differs.
    """

    build: Build
    gates: Path = GATES
    baselines: Path = BASELINES
    strict: bool = False
    as_json: bool = False
    explain: bool = False


def after_run(runs: Sequence[RunFolder], wanted: Wanted, older: tuple[str, Compared] | None = None) -> Compared:
    """Compare, judge and write one run or several: into the run's folder, or a folder for them all beside the last.

    `older` is what to compare with, by name; None is the saved baselines of the phones, where there are any.
    """
    limits = Limits.read(wanted.gates)
    compared = compare(runs, wanted.build)
    comparison = judged(_with_changes(compared, wanted.baselines, older), limits)
    rows = [row.id for row in comparison.rows if wanted.explain or row.verdict is not Verdict.PASS]
    comparison = with_causes(comparison, rows, compared.evidence, wanted.build)
    compared = replace(compared, comparison=comparison)
    baseline.write(place_of(runs), compared)
    write_report(comparison, place_of(runs))
    return compared


def place_of(runs: Sequence[RunFolder]) -> Path:
    """The folder of the comparison of these runs, and of everything that is made of it."""
    last = runs[-1].path
    return last if len(runs) == 1 else last.with_name(f"{last.name}-together")


def show(comparison: Comparison, wanted: Wanted, folder: Path) -> None:
    """Print the comparison and where its report is on standard output, and what fails its gates on standard error."""
    if wanted.as_json:
        print(comparison_json.encode(comparison).decode(), end="")
    else:
        table.show(comparison)
        print(f"report: {short(folder / PAGE)}")
    failing = [gate for gate in comparison.gates if gate.verdict in _failing(wanted)]
    for gate in failing:
        print(f"{gate.row}: {gate.message}", file=sys.stderr)
    if failing:
        print(f"{len(failing)} of {len(comparison.gates)} gates not kept; see {short(wanted.gates)}", file=sys.stderr)


def exit_code(comparison: Comparison, wanted: Wanted) -> int:
    """1 when a gate fails, else 2 when a result is missing, else 0."""
    if any(gate.verdict in _failing(wanted) for gate in comparison.gates):
        return FAILED
    return PASSED if comparison.complete else UNFINISHED


def _failing(wanted: Wanted) -> tuple[Verdict, ...]:
    return (Verdict.FAIL, Verdict.INCONCLUSIVE) if wanted.strict else (Verdict.FAIL,)


def _with_changes(compared: Compared, baselines: Path, older: tuple[str, Compared] | None) -> Comparison:
    if older is not None:
        return changed(compared, older[1], older[0])
    comparison = compared.comparison
    parts = [_since(compared, saved, baselines.name) for saved in baseline.saved(comparison, baselines)]
    changes = tuple(change for part in parts for change in part.changes)
    remarks = tuple(line for part in parts for line in part.remarks[len(comparison.remarks) :])
    return replace(
        comparison,
        baseline=baselines.name if parts else None,
        changes=changes,
        remarks=(*comparison.remarks, *remarks),
    )


def _since(compared: Compared, saved: Compared, name: str) -> Comparison:
    """The changes of the rows of one saved phone."""
    hashes = {phone.serial_hash for phone in saved.comparison.phones}
    mine = {phone.id for phone in compared.comparison.phones if phone.serial_hash in hashes}
    rows = tuple(row for row in compared.comparison.rows if row.phone in mine)
    return changed(replace(compared, comparison=replace(compared.comparison, rows=rows)), saved, name)
