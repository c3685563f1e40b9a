"""The whole way: a run on a virtual phone leaves a report, and a real browser opens it."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from tests.benchmarks.browser import browser, program
from tests.benchmarks.conftest import Start
from tests.benchmarks.rig import start_with_app

PROBES = Path(__file__).with_name("page_probes.js").read_text(encoding="utf-8")


@pytest.mark.skipif(program() is None, reason="no Chromium here; apt-get install chromium")
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
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, browser(Path(profile)) as tab:
        for width in (390, 1280):
            tab.look(width, dark=False)
            tab.open(page)
            tab.run(PROBES)
            assert tab.of("Log.entryAdded") == tab.of("Runtime.exceptionThrown") == []
            requested = [event["request"]["url"] for event in tab.of("Network.requestWillBeSent")]
            assert [url for url in requested if not url.startswith("data:")] == [page.resolve().as_uri()]
            assert tab.run("probes.plots().filter((one) => one.shown).length") >= 3
            assert tab.run("probes.spills()") == tab.run("probes.empty()") == []
            assert tab.run("document.querySelectorAll('#results tbody tr').length") == 2
