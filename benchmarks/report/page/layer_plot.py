"""Along the network: how far each layer is off by itself, and what adds up; below, a lane for each kind of operator."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmarks.evaluation.number_format import plural
from benchmarks.formats.layers_file import LayerFigures, LayerRecord, Layers
from benchmarks.report.escaping import visible
from benchmarks.report.layers_text import amount, verdict
from benchmarks.report.page.axes import Scale
from benchmarks.report.page.svg import colour, figure, line, mark, polyline, tag, text

WIDTH, LEFT, RIGHT, TOP, PLOT, BAND, LANE, BOTTOM = 960.0, 136.0, 12.0, 46.0, 190.0, 26.0, 15.0, 38.0
OWN, ADDED, FAULTY = 0, 1, 2
"""The marks: circles, squares and diamonds."""
MOST_LANES, LONGEST_NAME, MOST_DECADES = 9, 19, 9
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class _Place:
    """A layer in the plot: its number, where it is, and its two values; None for the same, infinite for no number."""

    number: int
    layer: LayerRecord
    x: float
    own: float | None
    added: float | None


def layer_plot(layers: Layers, title: str) -> Markup:
    """The plot of a model with at least one layer; in steps where every tensor is quantised."""
    pitch = (WIDTH - LEFT - RIGHT) / len(layers.layers)
    steps = all(layer.own.rms_steps is not None for layer in layers.layers)
    places = [
        _Place(number, layer, LEFT + pitch * (number - 0.5), _value(layer.own, steps), _value(layer.adding_up, steps))
        for number, layer in enumerate(layers.layers, start=1)
    ]
    lanes = _lanes(layers.layers)
    floor = TOP + BAND + PLOT
    bottom = floor + BAND + LANE * len(lanes)
    y = _scale([value for one in places for value in (one.own, one.added)], floor, TOP + BAND)
    unit = "RMS of the difference, in quantisation steps" if steps else "RMS of the difference over RMS"
    parts = [
        text(LEFT, 14, unit, "tick"),
        *_grid(y),
        *_ends(places, floor),
        *_operators(lanes, places, floor + BAND, pitch),
        *_numbers(places, bottom),
        *_first(places, bottom),
        *_series(places, y, floor),
        *(_hover(one, pitch, bottom) for one in places),
    ]
    said = f"{plural(len(places), 'layer')}, {verdict(layers)}. The table behind it has the numbers."
    return figure(WIDTH, bottom + BOTTOM, title, said, parts)


def marks() -> tuple[tuple[Markup, str], ...]:
    """The legend: marks as they are drawn, and what they are."""
    named = ((OWN, colour(OWN), "by itself"), (ADDED, colour(ADDED), "adds up to"), (FAULTY, "faulty", "faulty"))
    box = {"viewBox": "0 0 14 14", "class_": "swatch", "aria_hidden": "true"}
    return tuple((tag("svg", mark(7, 7, 4.5, shape, class_), **box), name) for shape, class_, name in named)


def _value(figures: LayerFigures, steps: bool) -> float | None:
    if figures.not_finite > 0:
        return math.inf
    if figures.is_same:
        return None
    return (figures.rms_steps if steps else figures.relative) or 1.0  # where nothing but zeros is expected


def _scale(values: Sequence[float | None], start: float, end: float) -> Scale:
    """Of decimal logarithms: whole decades."""
    known = [math.log10(value) for value in values if value is not None and math.isfinite(value)] or [0.0]
    high = math.floor(max(known)) + 1
    return Scale(max(math.ceil(min(known)) - 1, high - MOST_DECADES), high, start, end)


def _grid(y: Scale) -> Iterator[Markup]:
    for decade in range(round(y.low), round(y.high) + 1):
        name = f"{10.0**decade:.{max(0, -decade)}f}" if -4 < decade < 5 else f"1e{decade}".replace("-", "−")
        yield line(LEFT, y(decade), WIDTH - RIGHT, y(decade), "grid")
        yield text(LEFT - 8, y(decade) + 3.5, name, "tick", "end")


def _ends(places: Sequence[_Place], floor: float) -> Iterator[Markup]:
    """The names of the bands above and below the scale that something lies in."""
    values = [value for one in places for value in (one.own, one.added)]
    if math.inf in values:
        yield text(LEFT - 8, TOP + BAND / 2 + 3.5, "NaN, infinite", "tick", "end")
    if None in values:
        yield text(LEFT - 8, floor + BAND / 2 + 3.5, "the same", "tick", "end")


def _lanes(layers: Sequence[LayerRecord]) -> dict[str, int]:
    """The lane of each kind of operator, in the order in which they are first computed; the rarest share the last."""
    counts = Counter(layer.operator for layer in layers)
    if len(counts) > MOST_LANES:
        counts = Counter(dict(counts.most_common(MOST_LANES - 1)))
    named = dict.fromkeys(layer.operator if layer.operator in counts else OTHERS for layer in layers)
    order = [*(name for name in named if name != OTHERS), *([OTHERS] if OTHERS in named else [])]
    return {name: at for at, name in enumerate(order)}


def _operators(lanes: dict[str, int], places: Sequence[_Place], top: float, pitch: float) -> Iterator[Markup]:
    width = min(pitch * 0.7, 14)
    for name, lane in lanes.items():
        middle = top + LANE * (lane + 0.5)
        there = [one for one in places if (one.layer.operator if one.layer.operator in lanes else OTHERS) == name]
        cells = "".join(f"M{one.x - width / 2:.1f} {middle:.1f}h{width:.1f}" for one in there)
        yield text(LEFT - 8, middle + 3.5, visible(name, LONGEST_NAME), "tick", "end")
        yield line(LEFT, middle, WIDTH - RIGHT, middle, "grid")
        yield tag("path", d=cells, class_="operators")


def _numbers(places: Sequence[_Place], bottom: float) -> Iterator[Markup]:
    every = max(1, round(len(places) / 12 / 5) * 5)
    for one in places:
        if one.number % every == 0 or one.number == 1:
            yield text(one.x, bottom + 14, str(one.number), "tick", "middle")
    yield text((LEFT + WIDTH - RIGHT) / 2, bottom + BOTTOM - 6, "layers, in the order of computation", "tick", "middle")


def _first(places: Sequence[_Place], bottom: float) -> Iterator[Markup]:
    """A line through the first faulty layer, with its name."""
    first = next((one for one in places if one.layer.fault is not None), None)
    if first is not None:
        is_left = first.x > WIDTH * 0.6
        yield line(first.x, TOP - 12, first.x, bottom, "fault")
        name = visible(f"{first.layer.title}: {first.layer.fault}", 80)
        yield text(first.x + (-7 if is_left else 7), TOP - 3, name, "name fault-name", "end" if is_left else "start")


def _series(places: Sequence[_Place], y: Scale, floor: float) -> Iterator[Markup]:
    def at(value: float | None) -> float:
        if value is None:
            return floor + BAND / 2
        return TOP + BAND / 2 if math.isinf(value) else y(math.log10(value))

    yield polyline([(one.x, at(one.added)) for one in places], f"curve {colour(ADDED)}")
    for one in places:
        lost = one.added is not None and math.isinf(one.added)
        yield mark(one.x, at(one.added), 2.6, ADDED, "faulty" if lost else colour(ADDED))
    for one in places:
        is_faulty = one.layer.fault is not None
        if one.own is not None:
            yield line(one.x, floor, one.x, at(one.own), "stem faulty" if is_faulty else f"stem {colour(OWN)}")
        shape, class_ = (FAULTY, "faulty") if is_faulty else (OWN, colour(OWN))
        yield mark(one.x, at(one.own), 5.2 if is_faulty else 3.2, shape, class_)


def _hover(one: _Place, pitch: float, bottom: float) -> Markup:
    """What a mouse that rests on the layer is told."""
    fault = "" if one.layer.fault is None else f", faulty: {one.layer.fault}"
    said = f"{one.number}: {one.layer.title}{fault}"
    figures = f"by itself {amount(one.layer.own)}, adds up to {amount(one.layer.adding_up)}"
    box = {"x": one.x - pitch / 2, "y": TOP, "width": pitch, "height": bottom - TOP}
    return tag("rect", tag("title", f"{said}; {figures}"), class_="hover", **box)
