"""`python -m tests.docs.layer_pictures`: the pictures of explain.md's example, a virtual phone with one wrong layer.

In whatever the phone runs, the weights of one layer are in another order, and it does not notice. What is typed is what
a user types; it wants Chromium and the exported efficientnet_lite0, and takes two minutes.
"""

import contextlib
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from benchmarks.__main__ import main
from benchmarks.console.places import BUILD
from benchmarks.formats.run_folder import RunFolder, find
from benchmarks.phones import choice
from benchmarks.report.write import PAGE
from benchmarks.runners.desktop.runner import desktop_runner
from tests.benchmarks.browser import Page, browser
from tests.benchmarks.explain.faulty_phone import faulty_phone
from tests.docs.pictures import WIDTH, box, take, terminal

MODEL, VARIANT, INPUTS = "efficientnet_lite0", "int8", "40"
OPERATOR = 23
"""Of the 64 operators: the last convolution of a block."""


def make(build: Path) -> tuple[RunFolder, str]:
    """A run below `build`, and what `explain --layers` says of it."""
    (build / "models").symlink_to(BUILD.models)
    phone = ["--device", "virtual", "--runner", "desktop", "--build", str(build)]
    said = io.StringIO()
    with mock.patch.object(choice, "job_runner", lambda _: faulty_phone(desktop_runner, "stale_weights", OPERATOR)):
        measured = main(["run", *phone, "--models", MODEL, "--variants", VARIANT, "--limit", INPUTS, *_quick()])
        with contextlib.redirect_stdout(said):
            explained = main(["explain", "--layers", *phone])
    assert (measured, explained) == (1, 0), "the run has to fail a gate, and to be explained"
    return find(None, build / "results"), said.getvalue()


def _quick() -> Sequence[str]:
    return "--rounds", "1", "--num-runs", "1", "--min-secs", "0"


def report(page: Page, run: RunFolder) -> None:
    """The row's causes and its layers."""
    page.look(WIDTH, dark=False)
    page.open(run.path / PAGE)
    row, plot = box(page, "article.row"), box(page, ".along")
    take(page, "layers.png", WIDTH, row["y"] - 12, plot["y"] + plot["height"] + 12 - (row["y"] - 12))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        (profile := Path(home) / "profile").mkdir()
        made, said = make(Path(home))
        with browser(profile) as tab:
            report(tab, made)
            terminal(tab, "layers-terminal.png", f"$ make explain LAYERS=1 DEVICE=virtual\n{said}")
