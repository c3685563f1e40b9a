"""How far each tensor of a variant is from float, in the order of the graph."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from benchmarks.compare.comparison import Layer
from benchmarks.evaluation.number_format import percent
from benchmarks.report.page.scale import Scale
from benchmarks.report.page.svg import figure, line, tag, text

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 400.0, 200.0, 44.0, 8.0, 24.0, 34.0
MOST_NAMED = 5


def layers(every: Sequence[Layer], title: str) -> Markup:
    """A bar a layer; the worst ones stand out."""
    top = max([layer.relative_error for layer in every] + [0.01])
    y = Scale(0, top * 1.08 * 100, HEIGHT - BOTTOM, TOP)
    named = {layer.index for layer in worst(every)}
    pitch = (WIDTH - LEFT - RIGHT) / len(every)
    paths: dict[str, list[str]] = {}
    for place, layer in enumerate(every):
        height = HEIGHT - BOTTOM - y(layer.relative_error * 100)
        bar = (
            f"M{LEFT + pitch * (place + 0.14):.1f} {HEIGHT - BOTTOM:.1f}v-{height:.1f}h{pitch * 0.72:.1f}v{height:.1f}z"
        )
        paths.setdefault("bar worst" if layer.index in named else "bar", []).append(bar)
    bars = [tag("path", d="".join(bars), class_=kind) for kind, bars in paths.items()]
    told = "; ".join(f"{layer.name} {percent(layer.relative_error)}" for layer in worst(every))
    return figure(WIDTH, HEIGHT, f"Error of each layer: {title}", f"Worst: {told}.", [*_axes(y, len(every)), *bars])


def worst(every: Sequence[Layer]) -> list[Layer]:
    """The layers farthest from float, the farthest first."""
    return sorted(every, key=lambda layer: -layer.relative_error)[:MOST_NAMED]


def _axes(y: Scale, number: int) -> Iterator[Markup]:
    yield text(LEFT, TOP - 11, "RMS error of RMS value, %", "tick")
    for value in y.ticks():
        yield line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid")
        yield text(LEFT - 6, y(value) + 3.5, y.label(value), "tick", "end")
    yield line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "axis")
    yield text(LEFT, HEIGHT - BOTTOM + 18, "first tensor", "tick")
    yield text(WIDTH - RIGHT, HEIGHT - BOTTOM + 18, f"last of {number}", "tick", "end")
