"""A run on a virtual phone leaves a report that a real browser opens."""

import json
import shutil
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from tests.benchmarks.conftest import Start
from tests.benchmarks.report_check import MISSING, NO_BROWSER, assert_opens_well
from tests.benchmarks.rig import start_with_app


@pytest.mark.thorough
@pytest.mark.skipif(MISSING, reason=NO_BROWSER)
def test_a_run_leaves_a_report_that_a_browser_shows(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = tmp_path / "build"
    shutil.copytree(export, build / "models")
    rest = ["--rounds", "1", "--num-runs", "1", "--min-secs", "0", "--build", str(build)]
    assert main(["run", "--tcp", start_with_app(start).address, *rest]) in (0, 1)  # tiny models may break a gate
    (page,) = (build / "results").glob("*/report.html")
    assert f"report: {page}" in capsys.readouterr().out
    rows = json.loads(page.with_name("report.json").read_text(encoding="ascii"))["rows"]
    assert len(rows) == 2
    assert all(row["virtual"] and row["latency"] is None for row in rows)
    assert_opens_well(page, rows=2)
