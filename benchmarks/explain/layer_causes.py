"""What a phone's layers say of its runtime: those that are wrong by themselves, by what they have in common.

The score of a cause is the share of all layers' own error, as powers, that its layers have. Nothing is run again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.compare.accuracy import ArrowName
from benchmarks.compare.comparison import Cause
from benchmarks.evaluation.number_format import percent, plural, small
from benchmarks.explain.causes import cause
from benchmarks.explain.faulty_layer import FLOAT_LIMIT, HALF_PRECISION
from benchmarks.explain.other_weights import OtherWeights
from benchmarks.formats.layers_file import LayerFault, LayerRecord, Layers
from metadata.finding import Finding
from metadata.operators import WEIGHTED

FEWER_BITS = 5e-3
"""RMS over RMS: floats of 8 bits, bfloat16's, are off by less; other weights by more."""
OVERFLOW = "FP16-OVERFLOW"

Found = Sequence[LayerRecord]


def layer_causes(layers: Layers, notes: Sequence[Finding] = (), files: Sequence[OtherWeights] = ()) -> Iterator[Cause]:
    """The causes of what is wrong in `layers`; where no layer is, that what is right adds up, if all could be seen.

    `notes` are the model's, of its export; `files` have the same graph with other weights.
    """
    if not layers.faulty and layers.parting and not (layers.missing or layers.remarks):
        yield cause("KERNEL-ROUNDING", ArrowName.RUNTIME, _kernel_rounding(layers), 1.0)
    grouped: dict[str, list[LayerRecord]] = {}
    for layer in layers.faulty:
        grouped.setdefault(_cause_of(layer, layers, notes), []).append(layer)
    evidence: Mapping[str, Callable[[Found], str]] = {
        "HALF-PRECISION": lambda found: _half_precision(layers, found, notes),
        "OTHER-ROUNDING": lambda found: _other_rounding(layers, found),
        "ONE-KERNEL": lambda found: _one_kernel(layers, found),
        "STALE-WEIGHTS": lambda found: _stale_weights(layers, found, files),
    }
    total = sum(map(_error, layers.layers))
    for id_, found in grouped.items():
        yield cause(id_, ArrowName.RUNTIME, evidence[id_](found), sum(map(_error, found)) / total)


def _cause_of(layer: LayerRecord, layers: Layers, notes: Sequence[Finding]) -> str:
    is_half = any(one.fault is LayerFault.HALF_PRECISION for one in layers.faulty)
    if layer.fault is LayerFault.HALF_PRECISION:
        return "HALF-PRECISION"
    if layer.fault is LayerFault.NOT_FINITE:
        rest_is_half = FLOAT_LIMIT < (layer.own.relative or 0) <= HALF_PRECISION
        return "HALF-PRECISION" if is_half or rest_is_half or _overflow(layer, notes) else "ONE-KERNEL"
    if layer.fault is LayerFault.ROUNDING:
        return "OTHER-ROUNDING"
    if layer.own.rms_steps is None and 0 < (layer.own.relative or 0) <= FEWER_BITS:
        return "HALF-PRECISION" if is_half else "OTHER-ROUNDING"
    return "ONE-KERNEL" if layer.operator not in WEIGHTED or _is_every_one(layer.operator, layers) else "STALE-WEIGHTS"


def _is_every_one(operator: str, layers: Layers) -> bool:
    """Whether all layers of a weighted operator are wrong, several, and none of another weighted operator is."""
    weighted = [layer for layer in layers.layers if layer.operator in WEIGHTED]
    wrong = [layer for layer in weighted if layer.fault is not None]
    same = [layer for layer in weighted if layer.operator == operator]
    return len(same) > 1 and wrong == same != weighted


def _error(layer: LayerRecord) -> float:
    """Its own noise over its signal, as powers, 0 to 1; 1 of what is not finite, or has no signal."""
    if layer.own.not_finite > 0:
        return 1.0
    relative = layer.own.relative if layer.own.relative is not None else float(layer.own.rms > 0)
    return min(1.0, relative) ** 2


def _overflow(layer: LayerRecord, notes: Sequence[Finding]) -> Finding | None:
    """The note of the export that names the layer as too large for half precision."""
    name = layer.name.partition(";")[0]
    named = (note for note in notes if note.id == OVERFLOW and name in note.summary.replace("(", " ").split())
    return next(named, None)


def _kernel_rounding(layers: Layers) -> str:
    first, count = layers.parting[0], len(layers.parting)
    worst = max(layers.layers, key=lambda layer: layer.own.size)
    unit = "steps" if worst.own.rms_steps is not None else "of RMS"
    seen = f"{count} of {plural(len(layers.layers), 'layer')} are not bit for bit the same"
    return f"from {first.title} on, {seen}; none is off by itself by more than {small(worst.own.size)} {unit}"


def _half_precision(layers: Layers, found: Found, notes: Sequence[Finding]) -> str:
    infinite = [layer for layer in found if layer.fault is LayerFault.NOT_FINITE]
    off = [layer.own.relative or 0 for layer in found if layer not in infinite]
    parts = []
    if off:
        span = small(min(off)) if len(off) == 1 else f"{small(min(off))} to {small(max(off))}"
        seen = f"{len(off)} of {plural(len(layers.layers), 'layer')}"
        parts.append(f"from {found[0].title} on, {seen} are off by themselves by {span} of their RMS")
    for layer in infinite[:1]:
        note = _overflow(layer, notes)
        named = "" if note is None else f", and the export noted {note.id}: {note.summary}"
        parts.append(f"{layer.title} gives {_not_finite(layer)}{named}")
    return "; ".join(parts)


def _other_rounding(layers: Layers, found: Found) -> str:
    first = found[0]
    seen = (
        f"one step in {percent(first.own.differing)} of its elements"
        if first.own.rms_steps is not None
        else f"by {small(first.own.relative)} of RMS, as numbers of fewer bits are"
    )
    count = f"{len(found)} of {plural(len(layers.layers), 'layer')}"
    return f"{count} {'rounds' if len(found) == 1 else 'round'} otherwise; {first.title} is off by itself, {seen}"


def _one_kernel(layers: Layers, found: Found) -> str:
    first = found[0]
    how = f", which gives {_not_finite(first)}" if first.fault is LayerFault.NOT_FINITE else ""
    return f"{_are_wrong(found)}{how}; {_the_others(layers)}"


def _stale_weights(layers: Layers, found: Found, files: Sequence[OtherWeights]) -> str:
    operator, wrong = found[0].operator, {layer.tensor for layer in found}
    known = next((file for file in files if file.tensors == wrong), None)
    if known is not None:
        why = f"{known.what} ({known.sha256:.12}) has other weights there, and nowhere else"
    elif any(layer.operator == operator and layer.fault is None for layer in layers.layers):
        why = f"other {operator} are right, which speaks for other weights rather than another kernel"
    else:
        why = "either the weights or the kernel are not those of this computer"
    return f"{_are_wrong(found)}; {why}; {_the_others(layers)}"


def _are_wrong(found: Found) -> str:
    first, *more = found
    if not more:
        return f"{first.title} is wrong by itself"
    return f"{first.title} and {plural(len(more), 'layer')} more are wrong by themselves"


def _the_others(layers: Layers) -> str:
    right = len(layers.layers) - len(layers.faulty)
    return f"the other {plural(right, 'layer')} compute from what they are given what this computer does"


def _not_finite(layer: LayerRecord) -> str:
    return f"{percent(layer.own.not_finite)} NaN or infinite elements"
