"""Compared layers as text for the terminal: the first faulty layer, then the ten furthest off by themselves."""

from collections.abc import Iterator

from benchmarks.evaluation.number_format import UNKNOWN, percent, plain, plural, small
from benchmarks.formats.layers_file import LayerFault, LayerFigures, LayerRecord, Layers, MissingTensor
from metadata.tensors import short_name

SHOWN = 10
MEANINGS = {
    LayerFault.NOT_FINITE: "NaN or infinite values, where numbers are expected",
    LayerFault.ROUNDING: "another rounding: one quantisation step, far more often than kernels differ",
    LayerFault.HALF_PRECISION: "as far off as half precision is",
    LayerFault.VALUES: "other values: other weights, another order of channels, or a wrong kernel",
}
HEADER = f"  {'layer':>5} {'operator':22} {'by itself':>14} {'adds up to':>14} {'SNR':>7} {'differ':>8}  name"


def lines(layers: Layers) -> Iterator[str]:
    """The layers of one model, line by line."""
    yield f"{layers.model} on {layers.seen}, {plural(len(layers.inputs), 'input')}: {verdict(layers)}"
    yield ""
    yield HEADER
    places = {layer.tensor: place for place, layer in enumerate(layers.layers, start=1)}
    yield from (_row(places[layer.tensor], layer) for layer in _shown(layers))
    for one in layers.missing:
        yield f"  not compared: {absent(one)}"
    yield from (f"  {remark}" for remark in layers.remarks)


def _shown(layers: Layers) -> list[LayerRecord]:
    """Where both part first, and the layers furthest off by themselves, in the order of computation."""
    first = layers.parting[:1]

    def rank(layer: LayerRecord) -> tuple[bool, bool, float, float]:
        return layer not in first, layer.fault is None, -layer.own.size, -layer.adding_up.size

    shown = sorted(layers.layers, key=rank)[:SHOWN]
    return [layer for layer in layers.layers if layer in shown]


def verdict(layers: Layers) -> str:
    """What is wrong, in a clause: the first faulty layer and what its elements look like."""
    first = layers.first_faulty
    if first is None or first.fault is None:
        parting = layers.parting
        if not parting:
            return "no layer is wrong by itself, all are the same bit for bit"
        part = f"{len(parting)} of {plural(len(layers.layers), 'layer')} are not bit for bit the same"
        return f"no layer is wrong by itself; from {parting[0].title} on, {part}"
    return f"the first faulty layer is {first.title}: {MEANINGS[first.fault]}"


def _row(place: int, layer: LayerRecord) -> str:
    own, total = layer.own, layer.adding_up
    mark = "◂" if layer.fault is not None else " "
    figures = f"{amount(own):>14} {amount(total):>14} {noise(total):>7} {percent(own.differing):>8}"
    return f"{mark} {place:5} {layer.operator:22} {figures}  {layer.short_name}"


def absent(one: MissingTensor) -> str:
    """A tensor that was not compared, and why."""
    return f"{short_name(one.name)} (tensor {one.tensor}), {one.reason}"


def noise(figures: LayerFigures) -> str:
    """Signal to noise, "34 dB", or "same"."""
    return "same" if figures.is_same else UNKNOWN if figures.snr_db is None else f"{figures.snr_db:.0f} dB"


def amount(figures: LayerFigures) -> str:
    """RMS: in steps, or of floats as a share of what is expected; NaN before all."""
    if figures.not_finite > 0:
        return f"{percent(figures.not_finite)} NaN"
    if figures.rms_steps is not None:
        return f"{small(figures.rms_steps)} steps"
    return small(figures.relative) if figures.relative is not None else plain(figures.rms)
