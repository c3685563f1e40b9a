"""The arrow from Keras to desktop TFLite: what quantisation did, layer by layer, and what caused most of it.

The score of a cause is its share of the quantisation noise: wrong ranges, one bad layer, or unavoidable rounding.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from benchmarks.compare.comparison import Cause, Layer
from benchmarks.explain.calibration import likeliest
from benchmarks.explain.causes import cause
from benchmarks.explain.compared_row import ComparedRow, StageChange
from benchmarks.explain.layers import INPUTS, Noise, TensorTrace, layers, noise, sharing, trace
from benchmarks.explain.scorer import MIN_REPORTED
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from metadata.preprocess import Pixels
from metadata.tensors import short_name

FLOAT = "fp32"
MAX_CLIPPED = 0.2
"""A share of the noise. A good calibration cuts nothing off: 0.000 to 0.005 in the kit's own exports."""
MAX_COARSE = 0.5
"""A share of the noise, where ranges are also wide."""
WIDE = 2.0
"""A calibrated range over the one that the inputs need."""
MIN_NOISE = 0.0025
"""Noise over signal, as powers: 5 % of the signal. Less does not change the answers of a classifier."""
MIN_FIT = 0.3
MAX_LAYER_ERROR = 0.3
"""An error over the signal that is more than rounding; the kit's own exports stay below 0.18 in every layer."""
SHOWN = 3


def explain(row: ComparedRow, change: StageChange) -> tuple[tuple[Cause, ...], tuple[Layer, ...]]:
    """The causes on this arrow in no order, and the layers; no layers without an fp32 variant to compare with."""
    recipe, variant = row.recipe, row.variant
    if recipe is None or variant is None or variant.name == FLOAT:
        return (), ()
    if FLOAT not in recipe.variants:
        evidence = f"the export has no {FLOAT} of this model to compare its layers with; export that too"
        return (cause("UNEXPLAINED", change.name, evidence, 0.0),), ()
    levels = _levels(recipe, len(row.desktop.ids))
    fp32, data = (one.file.checked().read_bytes() for one in (recipe.variants[FLOAT], variant))
    traces = trace(fp32, data, levels)
    return tuple(_causes(change, variant, recipe, fp32, traces, levels)), layers(traces)


def _levels(recipe: ExportedRecipe, count: int) -> Pixels:
    """Some inputs, evenly spread and not those that differ most: ranges describe ordinary inputs."""
    inputs = recipe.evaluation_set(count)
    chosen = np.linspace(0, len(inputs.ids) - 1, min(INPUTS, len(inputs.ids))).astype(np.intp)
    return np.concatenate(list(inputs.at(chosen).batches(recipe.image, INPUTS)))


def _causes(
    change: StageChange,
    variant: ExportedVariant,
    recipe: ExportedRecipe,
    fp32: bytes,
    traces: Sequence[TensorTrace],
    levels: Pixels,
) -> Iterator[Cause]:
    parts = noise(traces)
    worst = max(traces, key=lambda one: one.relative_error)
    seen = f"{_worst(traces)}; {_margins(change)}"
    ranges_score = 0.0
    if _is_badly_calibrated(traces, parts):
        ranges_score = parts.wrong_ranges
        best = likeliest(fp32, traces, levels, recipe.image)
        fits = best.fit >= MIN_FIT
        id_ = best.id if fits else "CLIPPED-CALIBRATION" if parts.clipped > parts.coarse else "WIDE-CALIBRATION"
        origin = f"; {best.detail} would give such ranges (fit {best.fit:.0%})" if fits else ""
        evidence = f"{_ranges(traces)}, which is {ranges_score:.0%} of the noise{origin}; {seen}"
        yield cause(id_, change.name, evidence, ranges_score)
    elif worst.relative_error > MAX_LAYER_ERROR:
        layer, share = _largest_growth(traces)
        evidence = f"{short_name(layer.node.name)} ({layer.node.operator}) causes {share:.0%} of the error; {seen}"
        yield cause("LAYER-PRECISION", change.name, evidence, share)
        return
    if 1 - ranges_score >= MIN_REPORTED:
        yield cause("ROUNDING", change.name, f"{variant.name} against {FLOAT}: {seen}", 1 - ranges_score)


def _is_badly_calibrated(traces: Sequence[TensorTrace], parts: Noise) -> bool:
    ratios = _ratios(traces)
    if not ratios or parts.coarse + parts.clipped < MIN_NOISE:
        return False
    total = parts.rounding + parts.coarse + parts.clipped
    is_wide = parts.coarse > MAX_COARSE * total and float(np.median(ratios)) > WIDE
    return parts.clipped > MAX_CLIPPED * total or is_wide


def _ratios(traces: Sequence[TensorTrace]) -> list[float]:
    """Each calibrated range over the one that these inputs need."""
    return [group[0].width / group[0].width_seen for group in sharing(traces) if group[0].width_seen > 0]


def _largest_growth(traces: Sequence[TensorTrace]) -> tuple[TensorTrace, float]:
    """The layer at which the squared error grows most, and the share of the largest error that this is."""
    errors = [0.0, *(one.relative_error**2 for one in traces)]
    growth = [after - before for before, after in pairwise(errors)]
    index = int(np.argmax(growth))
    return traces[index], growth[index] / max(errors)


def _ranges(traces: Sequence[TensorTrace]) -> str:
    ratios = _ratios(traces)
    narrow, wide = sum(ratio < 0.9 for ratio in ratios), sum(ratio > WIDE for ratio in ratios)
    cut = max((one for one in traces if one.is_calibrated), key=lambda one: one.clipped)
    return (
        f"of {len(ratios)} calibrated ranges {narrow} are narrower than the evaluation needs and {wide} more than "
        f"twice as wide; {cut.clipped:.1%} of {short_name(cut.node.name)} are cut off"
    )


def _worst(traces: Sequence[TensorTrace]) -> str:
    worst = sorted(traces, key=lambda one: -one.relative_error)[:SHOWN]
    return "largest errors " + ", ".join(f"{short_name(one.node.name)} {one.relative_error:.1%}" for one in worst)


def _margins(change: StageChange) -> str:
    """How sure Keras was of the answers that flipped: a small lead is lost by any rounding."""
    if change.flipped.size == 0:
        return "no answer flipped"
    best = np.sort(change.before, axis=1)[:, -2:]
    margins = (best[:, 1] - best[:, 0]) * 100
    flipped, all_ = float(np.median(margins[change.flipped])), float(np.median(margins))
    return (
        f"Keras led by {flipped:.0f} points on the {change.flipped.size} flipped inputs, by {all_:.0f} on all (medians)"
    )
