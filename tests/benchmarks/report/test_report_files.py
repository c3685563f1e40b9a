"""report.json, report.csv, junit.xml and summary.md: as documented, and readable for other programs."""

import csv
import functools
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml, TestSuite
from msgspec.structs import replace
from rich.console import Console

from benchmarks.compare.comparison import Comparison
from benchmarks.compare.gates import GateLimits, Limits, apply_gates
from benchmarks.evaluation.stats import Verdict
from benchmarks.report.junit_xml import junit_xml
from benchmarks.report.report_csv import COLUMNS, report_csv
from benchmarks.report.report_json import report_json
from benchmarks.report.summary_md import MOST_ROWS, summary_md
from benchmarks.report.terminal import show
from tests.benchmarks import comparisons
from tests.benchmarks.comparisons import HOSTILE

comparison = functools.cache(comparisons.comparison)  # values of a value: made once
DOCUMENT = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")
BY_NAME = {"stages", "arrows", "confusions", "tools"}
"""Objects whose keys are names of things, not of fields."""


def section(title: str) -> str:
    return DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def fields(value: Any, name: str = "") -> set[str]:
    """Every field of a JSON value, at any depth."""
    if isinstance(value, list):
        return set().union(*(fields(one, name) for one in value))
    if not isinstance(value, dict):
        return set()
    inner = set().union(*(fields(one, key) for key, one in value.items()))
    return inner if name in BY_NAME else inner | value.keys()


def rows(made: Comparison) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report_csv(made).decode(), newline="")))


def junit(made: Comparison) -> list[TestSuite]:
    """What another project's reader finds."""
    read = JUnitXml.fromstring(junit_xml(made))
    return [suite for suite in read if isinstance(suite, TestSuite)]


def test_every_field_of_the_json_is_documented_and_every_documented_field_is_there() -> None:
    documented = section("`handset.report/1`")
    names = set(re.findall(r"`([a-z][a-z0-9_]*)(?:\[\])*`", documented)) - {"keras", "tflite", "tensors", "images"}
    names -= {"training", "conversion", "runtime", "preprocessing", "whole"}
    names |= {"runtime"}
    made = json.loads(report_json(comparison()))
    there = fields(made)
    assert there - names == {"low", "high"}
    assert names - there == set()


def test_the_json_is_ascii_and_keeps_every_text_as_it_was() -> None:
    data = report_json(comparison(hostile=True))
    assert data.isascii()
    assert json.loads(data)["remarks"][1:] == list(HOSTILE)


def test_latency_has_the_names_that_other_tools_use() -> None:
    latency = json.loads(report_json(comparison()))["rows"][0]["latency"]
    named = "init_ms warmup_first_ms warmup_avg_ms avg_ms min_ms max_ms median_ms std_ms p5_ms p95_ms num_runs"
    assert set(named.split()) <= latency.keys()
    assert latency["num_runs"] == 1000


def test_the_csv_has_the_documented_columns_and_one_line_a_row() -> None:
    made = comparison()
    documented = re.findall(r"`([a-z][a-z0-9_]*)`", section("`report.csv`").split("Columns:")[1])
    assert documented == list(COLUMNS)
    found = rows(made)
    assert list(found[0]) == documented
    assert len(found) == len(made.rows) == 16
    assert float(found[3]["delta_points"]) < 0  # a negative number is no formula
    assert found[-1]["images_accuracy"] == found[-1]["median_ms"] == ""


def test_what_is_expected_of_a_ready_file_is_said_though_it_has_no_keras() -> None:
    made = comparison(models=1, phones=1, variants=("fp32",))
    keras, *others = made.rows[0].stages
    unknown = replace(keras, evaluated=0, expected=0, accuracy=None, accuracy_interval=None, agreement=None)
    (row,) = rows(replace(made, rows=(replace(made.rows[0], stages=(unknown, *others)),)))
    assert (row["keras_accuracy"], row["expected"], row["images_evaluated"]) == ("", "1000", "1000")


def test_no_text_in_the_csv_is_a_formula() -> None:
    made = comparison(hostile=True)
    made = replace(
        made, phones=tuple(replace(phone, title=text) for phone, text in zip(made.phones, HOSTILE, strict=False))
    )
    assert {row["phone"] for row in rows(made)} == {f"'{HOSTILE[0]}", HOSTILE[1]}


def test_another_reader_finds_a_suite_a_row_and_a_case_a_gate() -> None:
    made = comparison()
    suites = junit(made)
    assert len(suites) == len(made.rows)
    assert sum(suite.tests for suite in suites) == len(made.gates) + 1  # the unfinished row says so
    assert sum(suite.failures for suite in suites) == 1
    assert sum(suite.errors for suite in suites) == 1
    first = next(case for case in suites[0] if not case.is_passed)
    assert first.name == "accuracy_drop"
    (result,) = first.result
    assert result.message == next(gate.message for gate in made.gates if gate.verdict is Verdict.FAIL)
    assert "another mean" in (result.text or "")
    assert {one.name: one.value for one in suites[0].properties()}["virtual"] == "false"


@pytest.mark.parametrize(
    ("verdict", "outcome"), [(Verdict.PASS, []), (Verdict.FAIL, ["failure"]), (Verdict.INCONCLUSIVE, ["skipped"])]
)
def test_a_row_without_gates_is_a_case_with_its_verdict(verdict: Verdict, outcome: list[str]) -> None:
    made = comparison(models=1, phones=1, variants=("fp32",))
    made = replace(made, gates=(), rows=(replace(made.rows[0], verdict=verdict),))
    ((case,),) = junit(made)
    assert [one._tag for one in case.result] == outcome


def test_junit_reads_hostile_texts_as_texts() -> None:
    made = comparison(models=1, phones=1, hostile=True)
    gates = tuple(replace(gate, message="\x00]]>\u202e<x/>\ud800", verdict=Verdict.FAIL) for gate in made.gates)
    suites = junit(replace(made, gates=gates))
    assert {case.result[0].message for suite in suites for case in suite if case.name != "row"} == {
        "⟨U+0000⟩]]>⟨U+202E⟩<x/>⟨U+D800⟩"
    }


def test_the_summary_has_one_line_a_row_with_as_many_cells_as_its_head() -> None:
    made = comparison(hostile=True)
    table = [line for line in summary_md(made).decode().splitlines() if line.startswith("|")]
    cells = [len(re.findall(r"(?<!\\)\|", line)) for line in table]
    assert len(table) == 2 + len(made.rows)
    assert len(set(cells)) == 1
    assert "<script>" not in "".join(table)


def test_what_is_missing_beside_rows_that_pass_is_not_blamed_on_them() -> None:
    made = comparison(models=1, phones=1, variants=("fp32",))
    made = replace(made, complete=False, verdict=Verdict.INCONCLUSIVE)
    assert json.loads(report_json(made))["summary"] == "No gate is broken, but results are missing."


def test_a_summary_of_any_size_fits_a_comment() -> None:
    text = summary_md(comparison(models=10, phones=3, inputs=100)).decode()
    assert len(text) < 65_536
    assert f"… and {120 - MOST_ROWS} more rows" in text


def test_a_virtual_phone_has_no_times_in_any_file() -> None:
    made = comparison(models=1, phones=1, virtual=True)
    timed = comparison(models=1, phones=1)
    sneaked = replace(
        made,
        rows=tuple(replace(row, latency=timed.rows[0].latency, peak_bytes=1) for row in made.rows),
        ratios=tuple(replace(one, row=made.rows[1].id, against=made.rows[0].id) for one in timed.ratios),
        sustained=tuple(replace(one, row=made.rows[0].id) for one in timed.sustained),
        changes=tuple(replace(one, ratio=1.2) for one in made.changes),
    )
    report = json.loads(report_json(sneaked))
    assert all(row["latency"] is row["peak_bytes"] is None for row in report["rows"])
    assert report["ratios"] == report["sustained"] == []
    assert all(change["ratio"] is change["speed"] is None for change in report["changes"])
    assert all(row["median_ms"] == row["peak_bytes"] == "" and row["virtual"] == "true" for row in rows(sneaked))
    assert "FASTER" not in summary_md(sneaked).decode()
    assert "| – | – |" in summary_md(sneaked).decode()


def few_pictures(*, same: bool) -> Comparison:
    """A run on 200 labelled pictures, of which not one is answered otherwise, judged by gates."""
    made = comparison(models=1, phones=1, inputs=200, variants=("fp32",), virtual=True)
    (row,) = made.rows
    *others, whole = row.arrows
    made = replace(made, rows=(replace(row, arrows=(*others, replace(whole, numerically_same=same))),))
    return apply_gates(made, Limits(GateLimits(accuracy_drop_points=0.5)))


def test_every_file_says_that_few_pictures_pass_because_the_answers_are_numerically_the_same() -> None:
    made = few_pictures(same=True)
    assert rows(made)[0]["numerically_same"] == "true"
    report = json.loads(report_json(made))
    assert report["verdict"] == "PASS"
    assert report["rows"][0]["arrows"]["whole"]["numerically_same"] is True
    assert 700 <= report["gates"][0]["inputs_to_decide"] <= 850
    summary = summary_md(made).decode()
    assert "**Gates that pass because the answers are numerically the same**" in summary
    assert "no probability differs by more than" in summary
    (suite,) = junit(made)
    assert (suite.tests, suite.failures, suite.skipped) == (1, 0, 0)


def test_every_file_says_how_many_pictures_would_decide_otherwise() -> None:
    made = few_pictures(same=False)
    assert rows(made)[0]["numerically_same"] == "false"
    summary = summary_md(made).decode()
    assert "**Inconclusive gates**" in summary
    assert re.search(r"about 7\d0 pictures like these would decide", summary)


@pytest.mark.parametrize("same", [True, False])
def test_the_terminal_says_the_same_and_cuts_no_number(same: bool) -> None:
    screen = io.StringIO()
    show(few_pictures(same=same), Console(file=screen, width=40, soft_wrap=True))
    text = screen.getvalue()
    assert "…" not in text
    assert re.search(r"\+0\.00 \[−\d\.\d\d, \+\d\.\d\d\]", text)
    assert ("numerically the same: no probability differs" in text) is same
    assert ("pictures like these would decide" in text) is not same
