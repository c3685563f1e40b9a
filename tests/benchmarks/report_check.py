"""Checks a report in a real browser, with the width of a phone and of a desktop, light and dark."""

import tempfile
from pathlib import Path

from tests.benchmarks.browser import browser, program

PROBES = Path(__file__).with_name("page_probes.js").read_text(encoding="utf-8")
NO_BROWSER = "no Chromium here; apt-get install chromium"
MISSING = program() is None


def assert_opens_well(page: Path, rows: int) -> None:
    """The page logs nothing and requests nothing, every plot lies within it, the table of results has `rows` rows."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, browser(Path(profile)) as tab:
        for width, dark in ((390, False), (390, True), (1280, False), (1280, True)):
            tab.look(width, dark=dark)
            tab.open(page)
            tab.run(PROBES)
            assert tab.of("Log.entryAdded") == tab.of("Runtime.exceptionThrown") == []
            requested = [event["request"]["url"] for event in tab.of("Network.requestWillBeSent")]
            assert [url for url in requested if not url.startswith("data:")] == [page.resolve().as_uri()]
            assert tab.run("probes.plots().filter((one) => one.shown).length") >= 3
            assert tab.run("probes.spills()") == tab.run("probes.empty()") == []
            assert tab.run("document.querySelectorAll('#results tbody tr').length") == rows
