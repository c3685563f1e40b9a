"""report.html in a real browser: no error, no request, all of it visible and accessible, in every width and theme."""

import base64
import hashlib
import re
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from benchmarks.compare.comparison import Comparison
from benchmarks.formats.layers_file import LayerFault
from benchmarks.report.page.page import report_html
from tests.benchmarks import sample_layers
from tests.benchmarks.browser import Page, browser, program
from tests.benchmarks.comparisons import comparison

PROBES = Path(__file__).parents[1].joinpath("page_probes.js").read_text(encoding="utf-8")
SCREENSHOTS = Path(__file__).parents[3] / "build" / "screenshots"
LOOKS = [(390, False), (390, True), (1280, False), (1280, True)]


def untimed(made: Comparison) -> Comparison:
    """Without the gates of times, which no virtual phone has."""
    return replace(made, gates=tuple(gate for gate in made.gates if gate.name != "p90"))


REPORTS = {
    "phone": lambda: comparison(models=1, phones=1),
    "virtual": lambda: untimed(comparison(models=1, phones=1, virtual=True)),
    "unlabelled": lambda: comparison(models=1, phones=1, truth_known=False, labels=100),
    "hostile": lambda: comparison(models=1, phones=1, hostile=True),
    "lost": lambda: sample_layers.in_every_row(
        comparison(models=1, phones=1), sample_layers.layers(fault=LayerFault.NOT_FINITE, steps=True)
    ),
}

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(program() is None, reason="no Chromium here; apt-get install chromium"),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    made = {name: folder / f"{name}.html" for name in REPORTS}
    for name, path in made.items():
        path.write_bytes(report_html(REPORTS[name]()))
    return made


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, browser(Path(profile)) as page:
        yield page


def opened(tab: Page, path: Path, width: int = 1280, *, dark: bool = False) -> Page:
    tab.look(width, dark=dark)
    tab.open(path)
    tab.run(PROBES)
    return tab


def ask(tab: Page, probe: str) -> Any:
    return tab.run(f"probes.{probe}()")


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_nothing_fails_nothing_is_requested_and_everything_is_seen(
    tab: Page, files: dict[str, Path], name: str, width: int, dark: bool
) -> None:
    page = opened(tab, files[name], width, dark=dark)
    assert page.of("Log.entryAdded") == page.of("Runtime.consoleAPICalled") == page.of("Runtime.exceptionThrown") == []
    requested = [event["request"]["url"] for event in page.of("Network.requestWillBeSent")]
    assert [url for url in requested if not url.startswith("data:")] == [files[name].resolve().as_uri()]
    plots = ask(page, "plots")
    assert len(plots) >= 10
    assert [plot["name"] for plot in plots if not plot["shown"]] == []
    assert ask(page, "empty") == ask(page, "spills") == []
    assert ask(page, "wide") <= 0
    page.screenshot(SCREENSHOTS / f"report-{name}-{width}-{'dark' if dark else 'light'}.png")


@pytest.mark.parametrize("name", ["phone", "hostile", "lost"])
@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_what_is_behind_it(tab: Page, files: dict[str, Path], name: str, dark: bool) -> None:
    page = opened(tab, files[name], dark=dark)
    page.run("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    assert ask(page, "texts") > 200
    assert ask(page, "dim") == []
    page.run("document.querySelector('.lead').style.color = 'light-dark(#aaa, #666)'")
    assert [one["text"][:5] for one in ask(page, "dim")] == ["Keras"]


@pytest.mark.parametrize("name", REPORTS)
def test_a_screen_reader_finds_its_way(tab: Page, files: dict[str, Path], name: str) -> None:
    page = opened(tab, files[name])
    levels = ask(page, "headings")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert ask(page, "nameless") == ask(page, "twice") == ask(page, "lost") == []
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = {node.get("role", {}).get("value") for node in nodes if not node["ignored"]}
    assert {"banner", "navigation", "main", "contentinfo", "table", "rowheader", "columnheader", "image"} <= roles
    images = [node for node in nodes if not node["ignored"] and node["role"]["value"] == "image"]
    assert all(len(node["name"]["value"]) > 5 for node in images)


def test_the_keyboard_goes_through_the_page_in_order_and_one_sees_where_it_is(
    tab: Page, files: dict[str, Path]
) -> None:
    page = opened(tab, files["phone"])
    places = []
    for _ in range(400):
        page.press("Tab", 9)
        place = ask(page, "focused")
        if place["body"]:
            break
        places.append(place)
    assert places[0]["name"] == "Skip to the verdict"
    orders = [place["order"] for place in places]
    assert orders == sorted(set(orders))
    assert [place["name"] for place in places if not place["ring"]] == []
    reached = " ".join(place["name"] for place in places)
    assert all(
        name in reached for name in ("Results", "theme-", "Agreement", "recipe0 int8", "The numbers of every step")
    )


def test_the_skip_link_leads_to_the_verdict(tab: Page, files: dict[str, Path]) -> None:
    page = opened(tab, files["phone"])
    page.press("Tab", 9)
    page.run("document.activeElement.click()")
    assert page.run("document.activeElement.id") == "main"


def test_the_colours_follow_the_system_until_they_are_chosen(tab: Page, files: dict[str, Path]) -> None:
    page = opened(tab, files["phone"], dark=True)
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.run(paper)
    page.run("document.querySelector('#theme-light').click()")
    light = page.run(paper)
    assert dark != light
    page.look(1280, dark=False)
    page.run("document.querySelector('#theme-dark').click()")
    assert page.run(paper) == dark
    assert page.run("Object.keys(localStorage).length + document.cookie.length") == 0


def test_the_table_is_sorted_and_filtered(tab: Page, files: dict[str, Path]) -> None:
    page = opened(tab, files["phone"])
    column = "[...document.querySelectorAll('#results tbody tr:not([hidden])')].map((row) => row.cells[{}].textContent)"
    button = "[...document.querySelectorAll('#results thead button')].find((one) => one.textContent === 'Size')"
    page.run(f"{button}.click()")
    assert page.run(column.format(2)) == ["5.4 MB", "5.4 MB", "9.3 MB", "18.6 MB"]
    assert page.run(f"{button}.parentElement.getAttribute('aria-sort')") == "ascending"
    page.run(f"{button}.click()")
    assert page.run(column.format(2))[0] == "18.6 MB"
    page.run("filter.value = 'INT8'; filter.dispatchEvent(new Event('input'))")
    assert page.run(column.format(0)) == ["recipe0 int8"]
    assert page.run("shown.textContent") == "1 of 4 rows"


def test_the_page_is_whole_without_its_script(tab: Page, files: dict[str, Path]) -> None:
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    tab.look(1280, dark=False)
    tab.open(files["phone"])
    tab.call("Emulation.setScriptExecutionDisabled", value=False)
    tab.run(PROBES)
    assert all(plot["shown"] for plot in ask(tab, "plots"))
    assert tab.run("document.querySelectorAll('#results tbody tr').length") == 4
    assert tab.run("getComputedStyle(document.querySelector('#tools')).display") == "none"


def test_it_prints_with_everything_unfolded(tab: Page, files: dict[str, Path]) -> None:
    page = opened(tab, files["phone"])
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.run("[...document.querySelectorAll('details')].every((one) => one.open)")
    printed = base64.b64decode(page.call("Page.printToPDF", printBackground=True)["data"])
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 3


def test_a_hostile_text_is_shown_and_does_nothing(tab: Page, files: dict[str, Path]) -> None:
    page = opened(tab, files["hostile"])
    assert page.run("document.querySelectorAll('script').length") == 1
    assert "<script>alert(1)</script>" in page.run("document.body.innerText")
    assert "⟨U+202E⟩" in page.run("document.body.innerText")
    assert "\u202e" not in files["hostile"].read_text(encoding="utf-8")


def test_the_policy_forbids_everything_but_what_the_page_carries(files: dict[str, Path]) -> None:
    text = files["phone"].read_text(encoding="utf-8")
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert found is not None
    policy = found[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none'; img-src data:;")
    for element in ("style", "script"):
        (inside,) = re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        assert f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'" in policy
    assert not re.search(r"""(src|href)=["'](?!#|data:)""", re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))
    assert " style=" not in text


def test_a_virtual_phone_is_called_virtual_and_has_no_latency(files: dict[str, Path]) -> None:
    text = files["virtual"].read_text(encoding="utf-8")
    body = re.sub(r"<(style|script)>.*?</\1>", "", text, flags=re.DOTALL)
    assert body.count('<span class="virtual">virtual</span>') > 5
    assert not re.search(r"\d ms|p50|p90|milliseconds", body)


def every(made: Comparison) -> str:
    return report_html(made).decode()


def test_what_is_not_there_leaves_no_hole() -> None:
    made = comparison(models=1, phones=1)
    bare = replace(made, rows=(), models=(), phones=(), gates=(), ratios=(), sustained=(), changes=(), remarks=())
    assert "Nothing was compared." in every(bare)
    rows = tuple(replace(row, stages=(), arrows=(), differing=(), confusions=(), latency=None) for row in made.rows)
    assert "not measured to the end" in every(replace(made, rows=rows, ratios=()))


def test_a_cause_that_was_not_tried_is_not_said_to_reproduce_nothing() -> None:
    made = comparison(models=1, phones=1)
    first, *others = made.rows
    untried = replace(first, causes=tuple(replace(one, score=0.0) for one in first.causes))
    assert every(made).count("of the differences</p>") == 2
    assert "of the differences</p>" not in every(replace(made, rows=(untried, *others)))


def test_pictures_make_room_where_the_page_would_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    made = comparison(models=1, phones=1)
    whole = len(report_html(made))
    one = len(next(iter(made.pictures.values())))
    monkeypatch.setattr("benchmarks.report.page.page.LARGEST_BYTES", whole - one)
    smaller = report_html(made)
    assert len(smaller) <= whole - one
    assert b"data:image/png" in smaller
    assert b"no picture" in smaller
