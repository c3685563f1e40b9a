"""One case explained: which arrow parts, why, and how sure that is. The room's only way in for others.

The score of a cause is what it reproduces on its arrow, times that arrow's share of all that differs. Faults stand
first, by score: even a small one can be mended. What is ordinary, and what could not be tried, follows by its arrow.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.compare.accuracy import ArrowName, StageName
from benchmarks.compare.comparison import Cause, Layer
from benchmarks.compare.row_results import RowResults
from benchmarks.console.places import Build
from benchmarks.console.silence import silenced
from benchmarks.explain import conversion, labels, preprocessing, runtime
from benchmarks.explain.case import Case, StageChange, case_of
from benchmarks.explain.texts import cause
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.run_folder import runs

ORDINARY = frozenset({"ROUNDING", "JPEG-DECODER"})
"""Nobody's fault."""


@dataclass(frozen=True, slots=True)
class ArrowFacts:
    """One arrow in numbers. `parts` says whether it was looked into, `share` is its part of all that was."""

    name: ArrowName
    inputs: int
    flips: int
    delta_points: float | None
    max_difference: float
    share: float
    parts: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of a case. `arrow` is the one on which most of the differences appear; None where nothing parts."""

    run: str
    phone: str
    phone_title: str
    model: str
    sha256: str
    arrow: ArrowName | None
    arrows: tuple[ArrowFacts, ...]
    causes: tuple[Cause, ...]
    layers: tuple[Layer, ...]
    remarks: tuple[str, ...]


def explanations(rows: Sequence[RowResults], manifest: Manifest, build: Build) -> list[Explanation]:
    """Of each row its own, one case in memory at a time. What TensorFlow has to say besides goes into a log."""
    known = list(runs(build.results))
    with silenced(build.logs / f"explain-{time.strftime('%Y%m%d-%H%M%S')}.log"):
        return [explain(case_of(row, manifest, known), manifest) for row in rows]


def explain(case: Case, manifest: Manifest) -> Explanation:
    """The case explained; without TensorFlow where no arrow parts. BenchmarkError where files are missing."""
    steps = case.steps
    total = sum(float(step.distances.sum()) for step in steps if step.parts)
    facts = tuple(_facts(step, total) for step in steps)
    found = [*runtime.refused(case)]
    if (mislabelled := labels.mislabelled(case)) is not None:
        found.append(mislabelled)
    layers: tuple[Layer, ...] = ()
    for step, fact in zip(steps, facts, strict=True):
        if not step.parts:
            continue
        here, more = _on(case, step, manifest)
        layers = layers or more
        found += [replace(one, score=one.score * fact.share) for one in here or _unexplained(case, step)]
    parting = [fact for fact in facts if fact.parts]
    row = case.row
    return Explanation(
        run=row.run.id,
        phone=row.folder.name,
        phone_title=str(row.phone.get("title", row.folder.name)),
        model=row.model_name,
        sha256=case.sha256,
        arrow=max(parting, key=lambda fact: fact.share).name if parting else None,
        arrows=facts,
        causes=_ranked(found, {fact.name: fact.share for fact in facts}),
        layers=layers,
        remarks=tuple(_remarks(case)),
    )


def _ranked(found: Sequence[Cause], shares: Mapping[ArrowName, float]) -> tuple[Cause, ...]:
    faults = [one for one in found if one.score > 0 and one.id not in ORDINARY]
    others = [one for one in found if one not in faults]
    others.sort(key=lambda one: (-shares.get(one.arrow, 0.0), -one.score))
    return (*sorted(faults, key=lambda one: -one.score), *others)


def _on(case: Case, step: StageChange, manifest: Manifest) -> tuple[Sequence[Cause], tuple[Layer, ...]]:
    """The causes on one arrow, and the layers where it is the conversion."""
    if step.name is ArrowName.CONVERSION:
        converted = conversion.explain(case, step)
        return converted.causes, converted.layers
    if step.name is ArrowName.RUNTIME:
        return tuple(runtime.causes(case, step, manifest)), ()
    return tuple(preprocessing.causes(case, step)), ()


def _facts(step: StageChange, total: float) -> ArrowFacts:
    return ArrowFacts(
        name=step.name,
        inputs=len(step.before),
        flips=len(step.flipped),
        delta_points=step.delta_points,
        max_difference=step.max_difference,
        share=float(step.distances.sum()) / total if step.parts else 0.0,
        parts=step.parts,
    )


def _unexplained(case: Case, step: StageChange) -> list[Cause]:
    if case.variant is None:
        return []
    evidence = f"{len(step.flipped)} answers flip and probabilities differ by {step.max_difference:.2f} at most"
    return [cause("UNEXPLAINED", step.name, evidence, 0.0)]


def _remarks(case: Case) -> list[str]:
    remarks = []
    if case.variant is None:
        remarks.append(
            f"the export no longer holds the file or the inputs of this run ({case.sha256:.12}): nothing can be tried; "
            "run make benchmark again"
        )
    missing = [one for one in (StageName.TENSORS, StageName.IMAGES) if one not in case.answers]
    if missing:
        remarks.append(f"no answers on {' and on '.join(missing)}: what the phone does there is not known")
    return remarks
