"""SVG elements as escaped text. They have classes and no styles: report.css has the styles."""

from collections.abc import Iterable

from markupsafe import Markup, escape

from benchmarks.report.escaping import visible

Attribute = str | float | int
SHAPES, COLOURS = 4, 6


def tag(name: str, *children: str, **attributes: Attribute) -> Markup:
    """An element. `children` and attributes that are not Markup are escaped; `class_` is class, `x_y` is x-y."""
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items())
    if not children:
        return Markup(f"<{name}{written}/>")  # noqa: S704 - every value was escaped above
    inner = "".join(child if isinstance(child, Markup) else escape(visible(child)) for child in children)
    return Markup(f"<{name}{written}>{inner}</{name}>")  # noqa: S704 - every child was escaped above


def figure(width: float, height: float, title: str, description: str, parts: Iterable[Markup]) -> Markup:
    """A plot that is scaled to its place in the page; a screen reader reads `title` and `description`."""
    box = f"0 0 {number(width)} {number(height)}"
    name = tag("title", title) + tag("desc", description)
    label = visible(f"{title}. {description}", longest=2000)
    return tag("svg", name, *parts, viewBox=box, role="img", aria_label=label, class_="plot")


def text(x: float, y: float, content: str, class_: str = "", anchor: str = "start") -> Markup:
    more = {"class_": class_} if class_ else {}
    if anchor != "start":
        more["text_anchor"] = anchor
    return tag("text", content, x=x, y=y, **more)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    return tag("path", d=f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}", class_=class_)


def rect(x: float, y: float, width: float, height: float, class_: str) -> Markup:
    return tag("rect", x=x, y=y, width=max(width, 0), height=max(height, 0), class_=class_)


def polyline(points: Iterable[tuple[float, float]], class_: str) -> Markup:
    steps = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return tag("path", d=f"M{steps}", class_=class_)


def dots(points: Iterable[tuple[float, float]], class_: str) -> Markup:
    """Round dots as one path: strokes of length 0 with round caps, much shorter than as many circles."""
    return tag("path", d="".join(f"M{number(x)} {number(y)}h0" for x, y in points), class_=f"dots {class_}")


def mark(x: float, y: float, radius: float, shape: int, class_: str) -> Markup:
    """A circle, square, diamond or triangle of about the same area: series differ in shape as well as in colour."""
    if shape % SHAPES == 0:
        return tag("circle", cx=x, cy=y, r=radius, class_=class_)
    if shape % SHAPES == 1:
        side = radius * 1.77
        return rect(x - side / 2, y - side / 2, side, side, class_)
    if shape % SHAPES == 2:
        half = radius * 1.25
        corners = [(x, y - half), (x + half, y), (x, y + half), (x - half, y)]
    else:
        half = radius * 1.3
        corners = [(x, y - half), (x + half, y + half * 0.75), (x - half, y + half * 0.75)]
    return tag("polygon", points=" ".join(f"{number(a)},{number(b)}" for a, b in corners), class_=class_)


def colour(index: int) -> str:
    """The class of the series of that index, `s1` to `s6` and again: the same in all plots of a group."""
    return f"s{index % COLOURS + 1}"


def swatch(index: int) -> Markup:
    """The mark of a series for tables and legends, hidden from screen readers."""
    return tag("svg", mark(7, 7, 4.5, index, colour(index)), viewBox="0 0 14 14", class_="swatch", aria_hidden="true")


def number(value: float) -> str:
    """A coordinate, rounded to a tenth, without trailing zeros."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _value(value: Attribute) -> str:
    if isinstance(value, Markup):
        return value
    return str(escape(visible(value, longest=100_000))) if isinstance(value, str) else number(value)
