"""A comparison of layers as the records of `handset.layers/1`."""

from collections.abc import Sequence
from math import isfinite

from benchmarks.explain.difference import Difference
from benchmarks.explain.layer_comparison import ComparedLayer, LayerComparison
from benchmarks.formats.layers_file import LayerFigures, LayerRecord, Layers, MissingTensor


def layers_of(
    comparison: LayerComparison,
    *,
    model: str,
    sha256: str,
    seen: str,
    inputs: Sequence[str],
    remarks: Sequence[str] = (),
) -> Layers:
    """What a comparison found; the other arguments are fields."""
    layers = tuple(_record(layer) for layer in comparison.layers())
    tensors = comparison.graph.tensors
    return Layers(
        model=model,
        sha256=sha256,
        seen=seen,
        inputs=tuple(inputs),
        first=next((layer.tensor for layer in layers if layer.fault is not None), None),
        layers=layers,
        missing=tuple(
            MissingTensor(index, tensors[index].name, reason) for index, reason in comparison.missing.items()
        ),
        remarks=tuple(remarks),
    )


def _record(layer: ComparedLayer) -> LayerRecord:
    return LayerRecord(
        tensor=layer.index,
        name=layer.name,
        operator=layer.operator,
        fault=layer.fault,
        own=_figures(layer.own),
        adding_up=_figures(layer.adding_up),
        from_float=None if layer.from_float is None else _figures(layer.from_float),
    )


def _figures(difference: Difference) -> LayerFigures:
    relative = difference.relative
    return LayerFigures(
        largest=difference.largest,
        rms=difference.rms,
        largest_steps=difference.largest_steps,
        rms_steps=difference.rms_steps,
        relative=relative if isfinite(relative) else None,
        snr_db=difference.snr_db,
        cosine=difference.cosine,
        differing=difference.share(difference.differing),
        not_finite=difference.share(difference.not_finite),
        saturated=difference.share(difference.saturated),
    )
