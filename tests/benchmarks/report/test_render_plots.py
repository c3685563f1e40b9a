"""The plots of the page: round ticks, the Pareto front, descriptions in words; and its table and key figures."""

import dataclasses
import functools
import math
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from benchmarks.compare.accuracy import ArrowName, StageName
from benchmarks.evaluation.number_format import small
from benchmarks.report.page import waterfall
from benchmarks.report.page.axes import Scale, covering
from benchmarks.report.page.confusion import confusion, confusions, mistakes
from benchmarks.report.page.key_figures import key_figures
from benchmarks.report.page.latency_plot import latency_plot
from benchmarks.report.page.page import report_html
from benchmarks.report.page.rounds import rounds, sustained
from benchmarks.report.page.svg import figure, tag
from benchmarks.report.page.tradeoff import TradeoffPoint, front, tradeoff
from benchmarks.report.rows import report_rows, row_groups
from tests.benchmarks import comparisons

comparison = functools.cache(comparisons.comparison)  # values of a value: made once
VALUES = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20)


@given(VALUES, st.floats(0.01, 100))
def test_a_scale_covers_its_values_and_has_ticks_within(values: list[float], least: float) -> None:
    scale = covering(values, 0, 100, least)
    assert scale.low < min(values) <= max(values) < scale.high
    assert 2 <= len(scale.ticks()) <= 9
    assert all(-1e-6 <= scale(value) <= 100 + 1e-6 for value in (*values, *scale.ticks()))
    assert scale(-math.inf) == 0
    assert scale(math.inf) == 100


def test_ticks_are_round_and_labels_as_short_as_their_step() -> None:
    scale = Scale(98.9, 100.1, 0, 100)
    assert [scale.label(tick) for tick in scale.ticks()] == ["99.0", "99.5", "100.0"]
    assert Scale(-3, 3, 0, 1).label(-2) == "−2"


def test_the_front_has_every_point_that_no_other_dominates() -> None:
    cheap, good, poor = (
        TradeoffPoint("int8", 0, 4, 97, 1),
        TradeoffPoint("fp32", 1, 9, 99, 4),
        TradeoffPoint("bad", 2, 10, 96, 4),
    )
    small = TradeoffPoint("tiny", 3, 12, 95, 0)
    assert front([cheap, good, poor, small]) == (cheap, good, small)


@given(st.lists(st.builds(TradeoffPoint, st.just("x"), st.just(0), *[st.integers(0, 5)] * 3), min_size=1, max_size=12))
def test_the_front_is_never_empty_and_dominates_all_others(points: list[TradeoffPoint]) -> None:
    best = front(points)
    assert best
    for point in set(points) - set(best):
        assert any(
            one.cost <= point.cost and one.quality >= point.quality and one.size_bytes <= point.size_bytes
            for one in best
        )


def test_every_plot_says_in_words_what_it_shows() -> None:
    made = comparison(models=1, phones=1)
    (group,) = row_groups(made)
    row = group.rows[0]
    drawings = [latency_plot(group), tradeoff(group), rounds(group), sustained(made.sustained[0], row)]
    drawings.append(waterfall.waterfall(row, "fp32", waterfall.scale(group.rows)))
    drawings.append(confusion(row.compared.confusions[0], "fp32"))
    for drawing in drawings:
        root = ET.fromstring(str(drawing))  # noqa: S314 - made here
        title, description = root[0], root[1]
        assert (root.get("role"), title.tag, description.tag) == ("img", "title", "desc")
        assert title.text
        assert any(character.isdigit() for character in description.text or "")
        assert root.get("aria-label") == f"{title.text}. {description.text}"


def test_the_waterfall_tells_levels_steps_and_intervals() -> None:
    (group,) = row_groups(comparison(models=1, phones=1, variants=("fp32", "int8")))
    drawn = str(waterfall.waterfall(group.rows[1], "int8", waterfall.scale(group.rows)))
    assert "Keras 90.00%" in drawn
    assert "phone, pictures not measured" in drawn
    interval = group.rows[1].compared.arrows[0].delta_interval
    assert interval is not None
    assert f"TFLite 88.90% (−1.10 points, 95 % {90 + interval.low:.2f} to {90 + interval.high:.2f})" in drawn


def test_of_a_ready_file_whose_truth_is_known_accuracy_is_shown() -> None:
    made = comparison(models=1, phones=1, variants=("fp32",))
    keras, *others = made.rows[0].stages
    unknown = replace(keras, evaluated=0, expected=0, accuracy=None, accuracy_interval=None, agreement=None)
    (group,) = row_groups(replace(made, rows=(replace(made.rows[0], stages=(unknown, *others)),)))
    drawn = str(waterfall.waterfall(group.rows[0], "fp32", waterfall.scale(group.rows)))
    assert "Accuracy step by step" in drawn
    assert "Keras not measured; TFLite 90.00%" in drawn


def test_rows_of_one_variant_differ_in_name_by_their_context_and_then_by_their_run() -> None:
    made = comparison(models=1, phones=1, variants=("fp32", "int8"))
    fp32, int8 = made.rows
    gpu = replace(int8, id="gpu", accelerator_asked="gpu", accelerator_obtained="gpu", threads=1)
    again = replace(gpu, id="again", run="20250131-101500")
    (group,) = row_groups(replace(made, rows=(fp32, int8, gpu, again)))
    assert [row.name for row in group.rows] == [
        "fp32",
        "int8 · cpu, 4 threads",
        "int8 · gpu, 1 thread · 20250131-094500",
        "int8 · gpu, 1 thread · 20250131-101500",
    ]


def test_a_virtual_phone_has_neither_latency_nor_rounds_and_its_trade_off_is_of_size() -> None:
    (group,) = row_groups(comparison(models=1, phones=1, virtual=True))
    assert latency_plot(group) is None
    assert rounds(group) is None
    assert "against size" in str(tradeoff(group))
    assert " ms" not in str(tradeoff(group))


def test_what_is_confused_exactly_as_in_keras_is_named_and_not_drawn_again() -> None:
    (group,) = row_groups(comparison(models=1, phones=1))
    first, *others = group.rows
    keras = first.compared.confusions[0]
    same = dataclasses.replace(
        first, compared=replace(first.compared, confusions=(keras, replace(keras, stage=StageName.IMAGES)))
    )
    shown, unchanged = confusions(dataclasses.replace(group, rows=(same, *others)))
    assert unchanged == ["fp32"]
    assert [one.name for one in shown[:2]] == ["Keras", "Keras"]  # each row of the made comparison has its own
    assert shown[2].name == "fp16 on the phone"


def test_what_was_answered_on_this_computer_alone_is_not_said_to_be_the_phones() -> None:
    (group,) = row_groups(comparison(models=1, phones=1, variants=("fp32",)))
    (row,) = group.rows
    keras, images = row.compared.confusions
    unfinished = (keras, replace(images, stage=StageName.TFLITE))
    ready = (replace(keras, stage=StageName.TFLITE), replace(keras, stage=StageName.IMAGES))
    for there, names, same in ((unfinished, ["Keras", "fp32 in TFLite"], []), (ready, ["TFLite"], ["fp32"])):
        shown, unchanged = confusions(
            dataclasses.replace(
                group, rows=(dataclasses.replace(row, compared=replace(row.compared, confusions=there)),)
            )
        )
        assert ([one.name for one in shown], unchanged) == (names, same)


def test_the_most_frequent_mistake_comes_first() -> None:
    (group,) = row_groups(comparison(models=1, phones=1))
    found = [count for _, _, count in mistakes(group.rows[0].compared.confusions[0])]
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("text", ['"><script>', "]]>", "a\u202eb", "\x00", "&"])
def test_a_hostile_text_stays_a_text(text: str) -> None:
    drawn = figure(10, 10, text, text, [tag("text", text, data_x=text)])
    root = ET.fromstring(str(drawn))  # noqa: S314 - made here
    assert [one.tag for one in root.iter()] == ["svg", "title", "desc", "text"]
    assert "\u202e" not in str(drawn)


def test_every_processor_has_a_column_of_what_its_kernels_change() -> None:
    made = comparison(phones=2)
    first, second = (phone.id for phone in made.phones)
    abis = {first: "x86_64", second: "arm64-v8a"}
    page = report_html(replace(made, rows=tuple(replace(row, abi=abis[row.phone]) for row in made.rows))).decode()
    table = page.partition('<table class="sortable results">')[2].partition("</table>")[0]
    heads = [re.sub("<[^>]*>", "", head) for head in re.findall(r"<th scope=\"col\".*?</th>", table)]
    columns = [heads.index("Kernels, x86_64"), heads.index("Kernels, arm64-v8a")]
    lines = [re.findall(r"<t[hd].*?</t[hd]>", line, re.DOTALL) for line in table.split("<tr data-verdict")[1:]]
    for row, cells in zip(made.rows, lines, strict=True):
        moved = next(arrow.max_difference for arrow in row.arrows if arrow.name is ArrowName.RUNTIME)
        shown = [re.sub("<[^>]*>", "", cells[column]) for column in columns]
        assert shown == ([small(moved), "–"] if row.phone == first else ["–", small(moved)])


@pytest.mark.parametrize(("ratio", "shown"), [(0.5, "× 2.00"), (0.5003, "× 2.00"), (0.0081, "× 123.46")])
def test_the_largest_speed_up_is_a_number_of_two_decimals(ratio: float, shown: str) -> None:
    made = comparison(models=1, phones=1, variants=("fp32", "int8"))
    (one,) = made.ratios
    quick = replace(made, ratios=(replace(one, ratio=ratio),))
    assert key_figures(quick, report_rows(quick))[-1].value == shown
