"""Bars: a ratio with its interval and a share, both for cells of a table, and the error of each layer."""

from collections.abc import Sequence

from markupsafe import Markup

from benchmarks.compare.comparison import Layer
from benchmarks.compare.latency import Ratio
from benchmarks.evaluation.number_format import percent, ratio, span
from benchmarks.evaluation.stats import MARGIN
from benchmarks.report.page.axes import Scale, y_grid
from benchmarks.report.page.svg import figure, line, rect, tag, text

RATIO_WIDTH, RATIO_HEIGHT = 170.0, 22.0
LAYERS_WIDTH, LAYERS_HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 400.0, 200.0, 44.0, 8.0, 24.0, 34.0
MOST_NAMED = 5


def ratio_bar(one: Ratio, farthest: float) -> Markup:
    """A ratio on a scale from 1 - `farthest` to 1 + `farthest`, with a band around 1 where nothing has changed."""
    x = Scale(1 - farthest, 1 + farthest, 4, RATIO_WIDTH - 4)
    middle = RATIO_HEIGHT / 2
    parts = [rect(x(1 - MARGIN), 2, x(1 + MARGIN) - x(1 - MARGIN), RATIO_HEIGHT - 4, "band")]
    parts.append(line(x(1), 0, x(1), RATIO_HEIGHT, "axis"))
    if one.interval is not None:
        parts.append(line(x(one.interval.low), middle, x(one.interval.high), middle, "whisker"))
    parts.append(tag("circle", cx=x(one.ratio), cy=middle, r=4, class_=f"ratio {one.verdict.lower()}"))
    title = f"Ratio {ratio(one.ratio)}, {span(one.interval, ratio)}"
    return figure(RATIO_WIDTH, RATIO_HEIGHT, title, f"{one.verdict}.", parts)


def farthest(ratios: tuple[Ratio, ...]) -> float:
    """The largest distance of a table's ratios and intervals from 1, with a margin; at least a tenth."""
    ends = [one.ratio for one in ratios]
    ends += [end for one in ratios if one.interval is not None for end in (one.interval.low, one.interval.high)]
    return max([0.1, *(abs(end - 1) for end in ends)]) * 1.05


def share_bar(share: float, title: str) -> Markup:
    """0 to 1 as a bar."""
    parts = [rect(0, 0, 100, 8, "rail"), rect(0, 0, 100 * min(max(share, 0.0), 1.0), 8, "share")]
    return figure(100, 8, title, f"{share:.0%}", parts)


def layer_bars(layers: Sequence[Layer], title: str) -> Markup:
    """A bar for each tensor's difference from float, in the order of the graph; the worst stand out."""
    y = Scale(0, max([layer.relative_error for layer in layers] + [0.01]) * 108, LAYERS_HEIGHT - BOTTOM, TOP)
    worst = worst_layers(layers)
    pitch = (LAYERS_WIDTH - LEFT - RIGHT) / len(layers)
    paths: dict[str, list[str]] = {}
    for position, layer in enumerate(layers):
        start, height = LEFT + pitch * (position + 0.14), LAYERS_HEIGHT - BOTTOM - y(layer.relative_error * 100)
        bar = f"M{start:.1f} {LAYERS_HEIGHT - BOTTOM:.1f}v-{height:.1f}h{pitch * 0.72:.1f}v{height:.1f}z"
        paths.setdefault("bar worst" if layer in worst else "bar", []).append(bar)
    base = LAYERS_HEIGHT - BOTTOM
    parts = [
        text(LEFT, TOP - 11, "RMS error of RMS value, %", "tick"),
        *y_grid(y, LEFT, LAYERS_WIDTH - RIGHT),
        line(LEFT, base, LAYERS_WIDTH - RIGHT, base, "axis"),
        text(LEFT, base + 18, "first tensor", "tick"),
        text(LAYERS_WIDTH - RIGHT, base + 18, f"last of {len(layers)}", "tick", "end"),
        *(tag("path", d="".join(bars), class_=kind) for kind, bars in paths.items()),
    ]
    names = "; ".join(f"{layer.name} {percent(layer.relative_error)}" for layer in worst)
    return figure(LAYERS_WIDTH, LAYERS_HEIGHT, f"Error of each layer: {title}", f"Worst: {names}.", parts)


def worst_layers(layers: Sequence[Layer]) -> list[Layer]:
    """The few layers with the largest difference from float, the largest first."""
    return sorted(layers, key=lambda layer: -layer.relative_error)[:MOST_NAMED]
