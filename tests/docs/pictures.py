"""`python -m tests.docs.pictures [RUN]`: the pages' pictures taken anew, of a run's report and of its terminal.

It wants Chromium, and a run of everything that `make export` exports: `make proof` leaves one.
"""

import base64
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from benchmarks.console.places import BUILD, ROOT
from benchmarks.formats.run_folder import RunFolder, find
from benchmarks.report.write import PAGE
from tests.benchmarks.browser import Page, browser

PICTURES = ROOT / "docs" / "images"
WIDTH, MODEL_HEIGHT, COLUMNS = 1280, 1250, 136
SCALE = 1.25
TERMINAL = """<!DOCTYPE html><meta charset="utf-8"><style>
body {{ margin: 0; background: {background}; }}
pre {{ margin: 0; padding: 22px 26px; width: max-content; color: {foreground}; font: 13px/1.45 monospace; }}
</style><pre>{code}</pre>"""


def report(page: Page, run: RunFolder) -> None:
    """The first screen with the table of results, and one model."""
    page.look(WIDTH, dark=False)
    page.open(run.path / PAGE)
    results = box(page, "#results")
    take(page, "report.png", WIDTH, 0, results["y"] + results["height"] + 16)
    page.look(WIDTH, dark=True)
    page.run("document.querySelectorAll('details.group').forEach((one) => { one.open = true; })")
    take(page, "report-model.png", WIDTH, box(page, "details.group:last-of-type")["y"], MODEL_HEIGHT)


def terminal(page: Page, name: str, text: str) -> None:
    """A command and what it prints, on a terminal of so many columns, in its colours."""
    console = Console(record=True, width=COLUMNS, file=Path(os.devnull).open("w"), force_terminal=True)  # noqa: SIM115
    console.print(Text.from_ansi(text))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "terminal.html"
        file.write_text(console.export_html(theme=MONOKAI, inline_styles=True, code_format=TERMINAL), encoding="utf-8")
        page.look(1600, dark=True)
        page.open(file)
        all_of_it = box(page, "pre")
        take(page, name, all_of_it["width"], 0, all_of_it["height"])


def said(run: str) -> str:
    """The output of the command in a real terminal."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "benchmarks", "compare", run]
    process = subprocess.Popen(command, cwd=ROOT, stdout=theirs, stderr=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    text = bytearray()
    try:
        while block := os.read(ours, 1 << 16):
            text += block
    except OSError:
        pass  # that is how a terminal ends
    os.close(ours)
    process.wait()
    return text.decode().replace("\r\n", "\n")


def box(page: Page, selector: str) -> dict[str, float]:
    """Where the first such element lies, in CSS pixels from the top of an unscrolled page."""
    corners = "(({x, y, width, height}) => ({x, y, width, height}))"
    found: dict[str, float] = page.run(f"{corners}(document.querySelector('{selector}').getBoundingClientRect())")
    return found


def take(page: Page, name: str, width: float, top: float, height: float) -> None:
    """A part of the page as a picture of the pages."""
    clip = {"x": 0, "y": top, "width": width, "height": height, "scale": SCALE}
    picture = page.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    (PICTURES / name).write_bytes(base64.b64decode(picture["data"]))
    print(f"docs/images/{name}")


def main(run: RunFolder) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, browser(Path(profile)) as page:
        report(page, run)
        terminal(page, "terminal.png", f"$ python -m benchmarks compare {run.id}\n{said(run.id)}")


if __name__ == "__main__":
    main(find(next(iter(sys.argv[1:]), None), BUILD.results))
