"""Rows explained: which arrow differs, why, and how sure that is. Other packages use these functions only.

The score of a cause is what it reproduces on its arrow, times that arrow's share of all differences. Faults come first,
by score, because even a small one can be repaired. What is expected, or could not be tried, follows by its arrow.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

from msgspec.structs import replace

from benchmarks.compare.accuracy import ArrowName, StageName
from benchmarks.compare.comparison import Cause, Comparison, Layer
from benchmarks.compare.row_results import RowResults
from benchmarks.console.places import Build
from benchmarks.console.silence import silenced
from benchmarks.explain import conversion, label_shift, preprocessing, runtime
from benchmarks.explain.causes import cause
from benchmarks.explain.compared_row import ComparedRow, StageChange, read_row
from benchmarks.formats.declared import Count, Declared, Line, Number, Sha256, Share, about
from benchmarks.formats.errors import ManifestError
from benchmarks.formats.layers_file import Layers
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.run_folder import runs

FORMAT = "handset.explanation/1"
EXPECTED = frozenset({"ROUNDING", "KERNEL-ROUNDING", "JPEG-DECODER"})
"""Causes that are no fault of anybody."""


class ArrowFacts(Declared, frozen=True):
    """One arrow in numbers. `parts` says whether it differs enough to be explained, `share` is its part of all that."""

    name: ArrowName
    inputs: Count
    flips: Annotated[Count, about("how many have another top-1")]
    delta_points: Annotated[float | None, about("of accuracy; null where the truth is not known")]
    max_difference: Annotated[Number, about("of any probability")]
    share: Annotated[Share, about("of all that differs")]
    parts: Annotated[bool, about("whether it was looked into")]


class Explanation(Declared, frozen=True):
    """A row explained. `arrow` is the one on which most of the differences appear; None where no arrow differs."""

    run: Line
    phone: Annotated[Line, about("the phone's folder in the run")]
    phone_title: Line
    model: Annotated[Line, about("`<recipe>_<variant>`")]
    sha256: Annotated[Sha256, about("of the model's file")]
    arrow: Annotated[ArrowName | None, about("where most of all that differs appears; null where nothing parts")]
    arrows: tuple[ArrowFacts, ...]
    causes: Annotated[tuple[Cause, ...], about("by rank")]
    layers: tuple[Layer, ...]
    remarks: Annotated[tuple[Line, ...], about("what could not be tried, and why")]
    probed: Annotated[Layers | None, about("the phone's own tensors; null where nobody fetched them")] = None


class Explanations(Declared, frozen=True, tag_field="format", tag=FORMAT):
    """What `benchmarks explain --json` prints."""

    run: Line
    explanations: Annotated[tuple[Explanation, ...], about("one for each row of a comparison of the run")]


def with_causes(
    comparison: Comparison, rows: Collection[str], results: Sequence[RowResults], build: Build
) -> Comparison:
    """`comparison` with causes and layers in those of the `rows`, by id, that have an arrow which differs.

    `results` are what the comparison was made from. TensorFlow is imported only when an arrow differs. Where the export
    is gone no hypothesis can be tried: a remark says so. BenchmarkError where its files are damaged.
    """
    wanted = [row for row in results if row.id in rows and not row.is_sustained]
    if not wanted:
        return comparison
    try:
        manifest = Manifest.read(build.models)
    except ManifestError as error:
        return replace(comparison, remarks=(*comparison.remarks, f"causes were not looked for: {error}"))
    found = explanations(wanted, manifest, build)
    return replace(
        comparison,
        rows=tuple(
            replace(row, causes=one.causes, layers=one.layers, probed=one.probed) if (one := found.get(row.id)) else row
            for row in comparison.rows
        ),
    )


def parted_at_runtime(
    rows: Sequence[RowResults], manifest: Manifest, build: Build, every: bool = False
) -> list[ComparedRow]:
    """Those of the rows whose phone answers the same tensors otherwise, with their answers; `every`: all of them."""
    known = list(runs(build.results))
    read = (read_row(row, manifest, known) for row in rows)
    return [row for row in read if every or any(one.name is ArrowName.RUNTIME and one.differs for one in row.changes)]


def explanations(rows: Sequence[RowResults], manifest: Manifest, build: Build) -> dict[str, Explanation]:
    """By the rows' ids, one row in memory at a time. What TensorFlow prints goes into a log."""
    known = list(runs(build.results))
    with silenced(build.logs / f"explain-{time.strftime('%Y%m%d-%H%M%S')}.log"):
        return {row.id: explain(read_row(row, manifest, known), manifest) for row in rows}


def explain(row: ComparedRow, manifest: Manifest) -> Explanation:
    """The row explained; without TensorFlow where no arrow differs. BenchmarkError where files are missing."""
    changes = row.changes
    total = sum(float(change.distances.sum()) for change in changes if change.differs)
    arrows = tuple(_facts(change, total) for change in changes)
    found = [*runtime.refused(row)]
    if (shift := label_shift.shifted_truth(row)) is not None:
        found.append(shift)
    layers: tuple[Layer, ...] = ()
    for change, arrow in zip(changes, arrows, strict=True):
        if not change.differs:
            continue
        if change.name is ArrowName.CONVERSION:
            causes, layers = conversion.explain(row, change)
        elif change.name is ArrowName.RUNTIME:
            causes = tuple(runtime.causes(row, change, manifest))
        else:
            causes = tuple(preprocessing.causes(row, change))
        found += [replace(one, score=one.score * arrow.share) for one in causes or _unexplained(row, change)]
    differing = [arrow for arrow in arrows if arrow.parts]
    stored = row.stored
    return Explanation(
        run=stored.run.id,
        phone=stored.folder.name,
        phone_title=stored.phone.title or stored.folder.name,
        model=stored.model_name,
        sha256=row.sha256,
        arrow=max(differing, key=lambda arrow: arrow.share).name if differing else None,
        arrows=arrows,
        causes=_ranked(found, {arrow.name: arrow.share for arrow in arrows}),
        layers=layers,
        remarks=tuple(_remarks(row)),
        probed=stored.probed(),
    )


def _facts(change: StageChange, total: float) -> ArrowFacts:
    return ArrowFacts(
        name=change.name,
        inputs=len(change.before),
        flips=len(change.flipped),
        delta_points=change.delta_points,
        max_difference=change.max_difference,
        share=float(change.distances.sum()) / total if change.differs else 0.0,
        parts=change.differs,
    )


def _ranked(found: Sequence[Cause], shares: Mapping[ArrowName, float]) -> tuple[Cause, ...]:
    faults = [one for one in found if one.score > 0 and one.id not in EXPECTED]
    others = [one for one in found if one not in faults]
    others.sort(key=lambda one: (-shares.get(one.arrow, 0.0), -one.score))
    return (*sorted(faults, key=lambda one: -one.score), *others)


def _unexplained(row: ComparedRow, change: StageChange) -> tuple[Cause, ...]:
    if row.variant is None:
        return ()
    evidence = f"{len(change.flipped)} answers flip and probabilities differ by {change.max_difference:.2f} at most"
    return (cause("UNEXPLAINED", change.name, evidence, 0.0),)


def _remarks(row: ComparedRow) -> list[str]:
    remarks = []
    if row.variant is None:
        remarks.append(
            f"the export no longer holds the file or the inputs of this run ({row.sha256:.12}): nothing can be tried; "
            "run make benchmark again"
        )
    missing = [stage for stage in (StageName.TENSORS, StageName.IMAGES) if stage not in row.answers]
    if missing:
        remarks.append(f"no answers on {' and on '.join(missing)}: what the phone does there is not known")
    return remarks
