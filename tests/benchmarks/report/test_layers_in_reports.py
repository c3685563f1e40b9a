"""A phone's layers in every report: the plot along the network, the table, and the first faulty layer by its name."""

import io
import json
import re
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from benchmarks.compare.comparison import Comparison
from benchmarks.formats.layers_file import LayerFault, Layers
from benchmarks.report.layers_text import SHOWN
from benchmarks.report.page.layer_plot import layer_plot
from benchmarks.report.page.page import report_html
from benchmarks.report.report_json import report_json
from benchmarks.report.summary_md import summary_md
from benchmarks.report.terminal import show
from tests.benchmarks import sample_layers
from tests.benchmarks.comparisons import comparison


def probed(layers: Layers | None) -> Comparison:
    return sample_layers.in_every_row(comparison(models=1, phones=1, variants=("fp32",)), layers)


def drawn(layers: Layers) -> ET.Element:
    return ET.fromstring(str(layer_plot(layers, "a phone")))  # noqa: S314 - made here


def texts(plot: ET.Element) -> list[str]:
    return [one.text or "" for one in plot.iter("text")]


def marks(plot: ET.Element, name: str, class_: str) -> list[ET.Element]:
    return [one for one in plot.iter(name) if one.get("class") == class_]


def test_the_plot_marks_the_first_faulty_layer_and_names_it() -> None:
    plot = drawn(sample_layers.layers(wrong=20))
    (line,) = marks(plot, "path", "fault")
    (diamond,) = marks(plot, "polygon", "faulty")
    at = re.match(r"M([\d.]+) ", line.get("d") or "")
    assert at is not None
    corners = [float(corner.partition(",")[0]) for corner in (diamond.get("points") or "").split()]
    assert float(at[1]) == pytest.approx(sum(corners) / 4, abs=0.1)
    assert "block5_conv_2d (CONV_2D): values" in texts(plot)
    assert marks(plot, "rect", "faulty") == []


def test_what_is_not_finite_lies_in_a_band_of_its_own_and_is_red() -> None:
    plot = drawn(sample_layers.layers(wrong=20, fault=LayerFault.NOT_FINITE))
    heights = {float(one.get("y") or 0) for one in marks(plot, "rect", "faulty")}
    assert len(heights) == 1
    assert max(heights) < min(float(one.get("y") or 0) for one in marks(plot, "rect", "s2"))
    assert len(marks(plot, "rect", "faulty")) == 63 - 20  # each has what it was handed
    assert "NaN, infinite" in texts(plot)
    assert "NaN, infinite" not in texts(drawn(sample_layers.layers(wrong=20)))


@pytest.mark.parametrize("wrong", [None, 0, 62])
@pytest.mark.parametrize("steps", [True, False])
def test_all_that_is_drawn_lies_within_the_plot(wrong: int | None, steps: bool) -> None:
    layers = sample_layers.layers(wrong=wrong, steps=steps)
    plot = drawn(layers)
    _, _, width, height = map(float, (plot.get("viewBox") or "").split())
    for one in (*plot.iter("circle"), *marks(plot, "rect", "s2")):
        x, y = (float(one.get(key) or one.get(f"c{key}") or "nan") for key in "xy")
        assert 0 < x < width
        assert 0 < y < height
    assert len([*plot.iter("circle")]) == 63 - (wrong is not None)
    assert texts(plot)[0].endswith("in quantisation steps" if steps else "over RMS")


def test_a_run_that_is_the_same_bit_for_bit_and_a_model_of_one_layer_are_drawn() -> None:
    same = sample_layers.figures(0)
    one = sample_layers.record(0, "SOFTMAX", same, same, None)
    plot = drawn(sample_layers.of((one,)))
    assert "1 layer, no layer is wrong by itself" in (plot.get("aria-label") or "")
    assert "SOFTMAX" in texts(plot)


def test_every_kind_of_operator_has_a_lane_and_the_rarest_share_one() -> None:
    same = sample_layers.figures(0)
    names = [f"OPERATOR_{index}" for index in range(12)] * 2 + ["OPERATOR_11"]
    plot = drawn(
        sample_layers.of(tuple(sample_layers.record(at, name, same, same, None) for at, name in enumerate(names)))
    )
    lanes = [one for one in texts(plot) if one.startswith("OPERATOR") or one == "others"]
    assert len(lanes) == len(marks(plot, "path", "operators")) == 9
    assert lanes[-1] == "others"
    assert "OPERATOR_11" in lanes
    assert sum((one.get("d") or "").count("M") for one in marks(plot, "path", "operators")) == 25


def test_a_mouse_that_rests_on_a_layer_is_told_its_figures_and_the_table_has_them_too() -> None:
    layers = sample_layers.layers(wrong=20)
    hovers = [title.text or "" for one in drawn(layers).iter("rect") for title in one.iter("title")]
    assert len(hovers) == len(layers.layers)
    assert hovers[20].startswith("21: block5_conv_2d (CONV_2D), faulty: values; by itself 0.400, adds up to 0.")
    page = report_html(probed(layers)).decode()
    table = page.partition('<table class="layers">')[2].partition("</table>")[0]
    rows = re.findall(r"<tr.*?</tr>", table.partition("<tbody>")[2], re.DOTALL)
    assert len(rows) == len(layers.layers)
    cells = [re.sub("<[^>]*>", "", one) for one in re.findall(r"<t[hd].*?</t[hd]>", rows[20])]
    assert cells[:6] == ["21", "block5_conv_2d", "CONV_2D", "values", "0.400", "99.99%"] or cells[5] == "100.00%"
    assert [at for at, row in enumerate(rows) if 'class="faulty"' in row] == [20]


def test_the_page_says_what_was_seen_what_was_not_and_what_has_to_be_known() -> None:
    page = report_html(probed(sample_layers.layers())).decode()
    assert "the first faulty layer is block5_conv_2d (CONV_2D): other values" in page
    assert "Not compared: add (tensor 7), the runtime did not give it" in page or "(tensor 7), the runtime" in page
    assert "this runtime fuses otherwise" in page
    assert "Layer by layer" not in report_html(probed(None)).decode()


def said(made: Comparison) -> str:
    screen = io.StringIO()
    show(made, Console(file=screen, width=200, soft_wrap=True))
    return screen.getvalue()


def test_the_terminal_has_the_worst_ten_where_a_layer_is_faulty_and_else_one_line() -> None:
    text = said(probed(sample_layers.layers()))
    assert "the first faulty layer is block5_conv_2d (CONV_2D)" in text
    listed = [line for line in text.splitlines() if re.match(r"[◂ ] +\d+ [A-Z_0-9]+ ", line)]
    assert len(listed) == SHOWN
    (marked,) = [line for line in listed if line.startswith("◂")]
    assert "block5_conv_2d" in marked
    healthy = said(probed(sample_layers.layers(wrong=None)))
    (line,) = [line for line in healthy.splitlines() if "no layer is wrong by itself" in line]
    assert "from block0_depthwise_conv_2d (DEPTHWISE_CONV_2D) on, 53 of 63 layers are not bit for bit the same" in line
    assert "adds up to" not in healthy


def test_json_and_summary_name_the_first_faulty_layer() -> None:
    made = probed(sample_layers.layers())
    (row,) = json.loads(report_json(made))["rows"]
    assert row["probed"]["first_faulty"] == {
        "name": "net/block5_conv_2d/Relu6;net/block5/BiasAdd",
        "operator": "CONV_2D",
        "fault": "values",
    }
    assert (row["probed"]["compared"], row["probed"]["faulty"]) == (63, 1)
    (line,) = [line for line in summary_md(made).decode().splitlines() if "first faulty layer" in line]
    assert "recipe0 fp32" in line
    assert "block5" in line
    (row,) = json.loads(report_json(probed(None)))["rows"]
    assert row["probed"] is None
    assert "Layer by layer" not in summary_md(probed(None)).decode()
