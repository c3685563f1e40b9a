"""The pictures of inputs: each is in the page once, however many rows show it, and all of them within a budget."""

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
class InputPictures:
    """The pictures of a page: `definitions` has each once, `anchors` their ids by key, and `show` refers to them."""

    definitions: Markup
    anchors: Mapping[str, str]
    size_bytes: int

    def show(self, key: str | None, title: str) -> Markup | None:
        """The picture; a screen reader reads `title`. None where the page does not have it."""
        anchor = None if key is None else self.anchors.get(key)
        if anchor is None:
            return None
        use = tag("use", href=f"#{anchor}")
        return tag("svg", tag("title", title), use, viewBox="0 0 96 96", role="img", aria_label=title, class_="input")


def input_pictures(comparison: Comparison, budget_bytes: int = BUDGET_BYTES) -> InputPictures:
    """The pictures that rows refer to, the first ones first, up to the budget."""
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
    definitions = tag("svg", tag("defs", *symbols, ""), width=0, height=0, aria_hidden="true", class_="unseen")
    return InputPictures(definitions, anchors, budget_bytes - left)


def _symbol(anchor: str, data: str) -> Markup:
    smooth = {} if _width(data) > PIXELATED_BELOW else {"class_": "pixels"}
    href = Markup("data:image/png;base64,{}").format(data)
    return tag("image", href=href, id=anchor, width=96, height=96, **smooth)


def _width(data: str) -> int:
    """The width of a PNG in base64, from its header."""
    return int.from_bytes(base64.b64decode(data[: HEADER_BYTES * 4 // 3])[16:20], "big")
