"""Older comparisons to compare with: those of a run, or baselines in `benchmarks/baselines/<phone>/`.

A baseline is a comparison of one phone without pictures, inputs and raw points, and its answers by input: small enough
for a repository, and without a serial number.
"""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from benchmarks.compare import answers, comparison_json
from benchmarks.compare.compare import compare
from benchmarks.compare.comparison import FILE, Comparison, Row
from benchmarks.console.places import ROOT, Build
from benchmarks.formats import run_folder
from benchmarks.formats.atomic import make_folder
from benchmarks.formats.errors import RunError

FOLDER = ROOT / "benchmarks" / "baselines"


def write(place: Path, comparison: Comparison) -> None:
    """Write `comparison.json`, with the answers by input, into the folder `place`."""
    make_folder(place)
    comparison_json.write(place / FILE, comparison)
    (place / answers.FILE).unlink(missing_ok=True)  # of version 1.0.0, whose answers would be read beside these


def read(place: Path) -> Comparison:
    """The comparison that `write` wrote into `place`; ComparisonError when it cannot be read."""
    comparison, listed = comparison_json.read(place / FILE), place / answers.FILE
    if listed.exists():
        packed, truths = answers.pack(answers.read_listed(listed))
        comparison = replace(comparison, answers=packed, truths=truths)
    return comparison


def find(name: str, build: Build) -> Comparison:
    """The older comparison that a user named: a folder with one, or a run, which is compared now; else RunError."""
    place = Path(name)
    if (place / FILE).is_file() and not (place / run_folder.FILE).is_file():
        return read(place)
    return compare([run_folder.find(name, build.results)], build)


def save(comparison: Comparison, baselines: Path) -> tuple[Path, ...]:
    """Save each phone's complete rows as its baseline; their folders. RunError when no row is complete."""
    phones = {row.phone for row in comparison.rows if row.complete}
    if not phones:
        raise RunError("no row of the run is complete, and what is not complete is no baseline; finish the run first")
    made = []
    for phone in sorted(phones):
        rows = tuple(_without_details(row) for row in comparison.rows if row.phone == phone and row.complete)
        write(baselines / phone, _part(comparison, phone, rows))
        made.append(baselines / phone)
    return tuple(made)


def read_saved(comparison: Comparison, baselines: Path) -> Iterator[Comparison]:
    """The saved baselines of the comparison's phones."""
    for phone in comparison.phones:
        place = baselines / phone.id
        if (place / FILE).is_file():
            yield read(place)


def _without_details(row: Row) -> Row:
    latency = None if row.latency is None else replace(row.latency, points_ms=())
    return replace(row, differing=(), confusions=(), causes=(), layers=(), latency=latency, probed=None)


def _part(comparison: Comparison, phone: str, rows: tuple[Row, ...]) -> Comparison:
    names, models = {row.id for row in rows}, {row.model for row in rows}
    kept = {name: packed for name, packed in comparison.answers.items() if name in names}
    return replace(
        comparison,
        phones=tuple(one for one in comparison.phones if one.id == phone),
        models=tuple(one for one in comparison.models if one.id in models),
        rows=rows,
        ratios=tuple(one for one in comparison.ratios if {one.row, one.against} <= names),
        sustained=tuple(one for one in comparison.sustained if one.row in names),
        baseline=None,
        changes=(),
        gates=tuple(one for one in comparison.gates if one.row in names),
        remarks=(),
        pictures={},
        answers=kept,
        truths={key: truth for key, truth in comparison.truths.items() if key in {one.truth for one in kept.values()}},
    )
