"""The arrow from Keras to desktop TFLite: what quantisation did, layer by layer, and whose fault it is.

The score of a cause is its share of the quantisation noise: wrong ranges, one bad layer, or unavoidable rounding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.compare.comparison import Cause, Layer
from benchmarks.explain.calibration import likeliest
from benchmarks.explain.case import Case, StageChange
from benchmarks.explain.layers import INPUTS, Noise, Trace, layers, noise, sharing, short_name, trace
from benchmarks.explain.scorer import MIN_REPORTED
from benchmarks.explain.texts import cause
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from metadata.preprocess import Pixels

FLOAT = "fp32"
CLIPPING = 0.2
"""A share of the noise. A sound calibration cuts nothing off: 0.000 to 0.005 in the kit's own exports."""
WIDE = 2.0
AUDIBLE = 0.0025
"""Noise over signal, as powers: 5 % of the signal. Less does not change what a classifier says."""
COARSE = 0.5
FITTING = 0.3
BAD_LAYER = 0.3
"""An error over the signal that is no rounding any more; the kit's own exports stay below 0.18 in every layer."""
WORST = 3


@dataclass(frozen=True, slots=True)
class Conversion:
    """What the arrow's causes are, and its layers; no layers where there is no fp32 variant to hold them against."""

    causes: tuple[Cause, ...]
    layers: tuple[Layer, ...]


def explain(case: Case, step: StageChange) -> Conversion:
    """Causes in no order."""
    recipe, variant = case.recipe, case.variant
    if recipe is None or variant is None:
        return Conversion((), ())
    if variant.name == FLOAT:
        return Conversion((), ())
    if FLOAT not in recipe.variants:
        evidence = f"the export has no {FLOAT} of this model to hold its layers against; export that too"
        return Conversion((cause("UNEXPLAINED", step.name, evidence, 0.0),), ())
    levels = _levels(recipe, len(case.desktop.ids))
    fp32, data = (one.file.checked().read_bytes() for one in (recipe.variants[FLOAT], variant))
    traces = trace(fp32, data, levels)
    return Conversion(tuple(_causes(step, variant, recipe, fp32, traces, levels)), layers(traces))


def _levels(recipe: ExportedRecipe, count: int) -> Pixels:
    """Some inputs, evenly spread and not the worst: ranges are about what usually comes."""
    inputs = recipe.evaluation_set(count)
    chosen = np.linspace(0, len(inputs.ids) - 1, min(INPUTS, len(inputs.ids))).astype(np.intp)
    return np.concatenate(list(inputs.at(chosen).batches(recipe.image, INPUTS)))


def _causes(
    step: StageChange,
    variant: ExportedVariant,
    recipe: ExportedRecipe,
    fp32: bytes,
    traces: Sequence[Trace],
    levels: Pixels,
) -> Iterator[Cause]:
    parts = noise(traces)
    worst = max(traces, key=lambda one: one.relative_error)
    seen = f"{_worst(traces)}; {_leads(step)}"
    ranges_score = 0.0
    if _is_badly_calibrated(traces, parts):
        ranges_score = parts.wrong_ranges
        best = likeliest(fp32, traces, levels, recipe.image)
        fits = best.fit >= FITTING
        id_ = best.id if fits else "CLIPPED-CALIBRATION" if parts.clipped > parts.coarse else "WIDE-CALIBRATION"
        origin = f"; {best.detail} would leave such ranges (fit {best.fit:.0%})" if fits else ""
        evidence = f"{_ranges(traces)}, which is {ranges_score:.0%} of the noise{origin}; {seen}"
        yield cause(id_, step.name, evidence, ranges_score)
    elif worst.relative_error > BAD_LAYER:
        layer, share = _culprit(traces)
        evidence = f"{short_name(layer.node.name)} ({layer.node.operator}) brings {share:.0%} of the error; {seen}"
        yield cause("LAYER-PRECISION", step.name, evidence, share)
        return
    if 1 - ranges_score >= MIN_REPORTED:
        yield cause("ROUNDING", step.name, f"{variant.name} against {FLOAT}: {seen}", 1 - ranges_score)


def _is_badly_calibrated(traces: Sequence[Trace], parts: Noise) -> bool:
    ratios = _ratios(traces)
    if not ratios or parts.coarse + parts.clipped < AUDIBLE:
        return False
    total = parts.rounding + parts.coarse + parts.clipped
    return parts.clipped > CLIPPING * total or (parts.coarse > COARSE * total and float(np.median(ratios)) > WIDE)


def _ratios(traces: Sequence[Trace]) -> list[float]:
    """Each calibrated range over the one that these inputs need."""
    return [group[0].width / group[0].width_seen for group in sharing(traces) if group[0].width_seen > 0]


def _culprit(traces: Sequence[Trace]) -> tuple[Trace, float]:
    """The layer at which the squared error grows most, and the share of the largest error that this is."""
    errors = [0.0, *(one.relative_error**2 for one in traces)]
    growth = [after - before for before, after in pairwise(errors)]
    index = int(np.argmax(growth))
    return traces[index], growth[index] / max(errors)


def _ranges(traces: Sequence[Trace]) -> str:
    ratios = _ratios(traces)
    narrow, wide = sum(ratio < 0.9 for ratio in ratios), sum(ratio > WIDE for ratio in ratios)
    cut = max((one for one in traces if one.is_calibrated), key=lambda one: one.clipped)
    return (
        f"of {len(ratios)} calibrated ranges {narrow} are narrower than the evaluation needs and {wide} more than "
        f"twice as wide; {cut.clipped:.1%} of {short_name(cut.node.name)} are cut off"
    )


def _worst(traces: Sequence[Trace]) -> str:
    worst = sorted(traces, key=lambda one: -one.relative_error)[:WORST]
    return "largest errors " + ", ".join(f"{short_name(one.node.name)} {one.relative_error:.1%}" for one in worst)


def _leads(step: StageChange) -> str:
    """How sure Keras was of the answers that flipped: near ties flip by any rounding."""
    if step.flipped.size == 0:
        return "no answer flipped"
    best = np.sort(step.before, axis=1)[:, -2:]
    leads = (best[:, 1] - best[:, 0]) * 100
    flipped, all_ = float(np.median(leads[step.flipped])), float(np.median(leads))
    return (
        f"Keras led by {flipped:.0f} points on the {step.flipped.size} flipped inputs, by {all_:.0f} on all (medians)"
    )
