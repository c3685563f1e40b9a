"""What an accelerator took of a graph, as every rendering shows it."""

import csv
import io
import json
from typing import Any

import pytest
from msgspec.structs import replace
from rich.console import Console

from benchmarks.report.page.page import report_html
from benchmarks.report.report_csv import report_csv
from benchmarks.report.report_json import report_json
from benchmarks.report.rows import report_rows
from benchmarks.report.terminal import show
from tests.benchmarks.comparisons import comparison


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({"accelerator_obtained": "gpu", "delegated_nodes": 31, "partitions": 3}, "31/64 nodes, 3 parts"),
        ({"accelerator_obtained": "gpu", "delegated_nodes": 64, "partitions": 1}, "64/64 nodes, 1 part"),
        ({"accelerator_obtained": "gpu", "delegated_nodes": 31}, "31/64 nodes"),
        ({"accelerator_obtained": "gpu", "delegated_nodes": None}, None),
        ({"accelerator_obtained": "cpu"}, "none, cpu"),
    ],
)
def test_every_reader_is_told_what_the_accelerator_took(context: dict[str, Any], said: str | None) -> None:
    made = comparison(models=1, phones=1, variants=("fp32",))
    made = replace(made, rows=(replace(made.rows[0], accelerator_asked="gpu", **context),))
    assert report_rows(made)[0].delegated == said
    screen = io.StringIO()
    show(made, Console(file=screen, width=300))
    assert ("delegated" in screen.getvalue()) is (said is not None)
    assert (said or "") in screen.getvalue()
    assert (f"on gpu: {said}" in report_html(made).decode()) is (said is not None)
    (line,) = csv.DictReader(io.StringIO(report_csv(made).decode()))
    known = json.loads(report_json(made))["rows"][0]["accelerator"]
    for name in ("delegated_nodes", "total_nodes", "partitions"):
        assert line[name] == ("" if known[name] is None else str(known[name]))


def test_of_the_cpu_nobody_is_told_what_an_accelerator_took() -> None:
    made = comparison(models=1, phones=1, variants=("fp32",))
    assert [row.delegated for row in report_rows(made)] == [None]
