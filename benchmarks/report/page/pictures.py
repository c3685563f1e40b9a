"""The inputs as pictures: each stands in the page once, however many rows show it, and all of them within a budget."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from benchmarks.compare.comparison import Comparison
from benchmarks.report.page.svg import tag

BUDGET_BYTES = 2_000_000
PIXELATED_BELOW = 48
HEADER_BYTES = 24


@dataclass(frozen=True, slots=True)
class Album:
    """The pictures of a page: `defined` once, and then referred to."""

    defined: Markup
    anchors: Mapping[str, str]
    size_bytes: int

    def show(self, key: str | None, said: str) -> Markup | None:
        """The picture with `said` for those who do not see it; None where it is not in the album."""
        anchor = None if key is None else self.anchors.get(key)
        if anchor is None:
            return None
        use = tag("use", href=f"#{anchor}")
        return tag("svg", tag("title", said), use, viewBox="0 0 96 96", role="img", aria_label=said, class_="input")


def album(comparison: Comparison, budget_bytes: int = BUDGET_BYTES) -> Album:
    """The pictures that rows refer to, in their order, as long as they fit the budget."""
    wanted = dict.fromkeys(one.picture for row in comparison.rows for one in row.differing if one.picture is not None)
    anchors: dict[str, str] = {}
    symbols, left = [], budget_bytes
    for key in wanted:
        data = comparison.pictures.get(key)
        if data is None or len(data) > left:
            continue
        left -= len(data)
        anchors[key] = f"input-{len(anchors) + 1}"
        symbols.append(_symbol(anchors[key], data))
    defined = tag("svg", tag("defs", *symbols, ""), width=0, height=0, aria_hidden="true", class_="unseen")
    return Album(defined, anchors, budget_bytes - left)


def _symbol(anchor: str, data: str) -> Markup:
    smooth = {} if _width(data) > PIXELATED_BELOW else {"class_": "pixels"}
    place = Markup('href="data:image/png;base64,{}"').format(data)
    picture = tag("image", id=anchor, width=96, height=96, **smooth)
    return Markup(str(picture).replace("<image ", f"<image {place} ", 1))  # noqa: S704 - both are escaped


def _width(data: str) -> int:
    """Of a PNG in base64, from its header."""
    return int.from_bytes(base64.b64decode(data[: HEADER_BYTES * 4 // 3])[16:20], "big")
