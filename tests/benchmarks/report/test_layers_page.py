"""The plot of layers in a real browser: in a narrow window it scrolls, and mouse and keyboard get to its figures."""

import tempfile
from pathlib import Path

import pytest

from benchmarks.report.page.page import report_html
from tests.benchmarks.browser import browser, program
from tests.benchmarks.comparisons import comparison

REGION, PLOT = "document.querySelector('.along .scroll')", "document.querySelector('.along .plot')"
UNDER = "(({x, y, width, height}) => document.elementFromPoint(x + width / 2, y + height / 2))"

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(program() is None, reason="no Chromium here; apt-get install chromium"),
]


def test_a_narrow_window_scrolls_along_the_network_and_a_layer_tells_its_figures(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(report_html(comparison(models=1, phones=1)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, browser(Path(profile)) as page:
        page.look(390, dark=True)
        page.open(file)
        assert page.run(f"{REGION}.scrollWidth - {REGION}.clientWidth") > 300
        assert page.run(f"{PLOT}.getBoundingClientRect().width") > 800
        page.run(f"{REGION}.focus()")
        assert page.run(f"document.activeElement === {REGION}")
        assert page.run(f"{REGION}.getAttribute('aria-label')").startswith("Plot of layers, recipe0 fp32 on ")
        diamond = f"{PLOT}.querySelector('polygon')"
        page.run(f"{diamond}.scrollIntoView({{block: 'center', inline: 'center', behavior: 'instant'}})")
        told = page.run(f"{UNDER}({diamond}.getBoundingClientRect()).textContent")
        assert told.startswith("21: block5_conv_2d (CONV_2D), faulty: values; by itself 0.400")
        row = "document.querySelector('table.layers tbody tr.faulty')"
        page.run("document.querySelector('table.layers').closest('details').querySelector('summary').click()")
        assert page.run(f"{row}.checkVisibility()")
        assert page.run(f"{row}.cells[3].textContent") == "values"
