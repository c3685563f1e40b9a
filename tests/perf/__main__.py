"""`make perf`: what the kit promises about its own speed, measured now, on this machine, as ratios where it can be."""

import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

from rich.console import Console
from rich.table import Table

from benchmarks.console.terminal import quiet, uncut
from tests.perf.commands import ROOT
from tests.perf.ratio import Ratio

ROOMS = (
    "preprocess",
    "kotlin",
    "evaluation",
    "conversion",
    "features",
    "vgg16",
    "link",
    "comparison",
    "report",
    "virtual",
    "layers",
    "commands",
)
NAME_WIDTH = 84
"""Of the longest name, so that the columns of all rooms are below each other."""


def main(rooms: list[str]) -> int:
    """Measure these rooms, or all, and print each as it is done; exit code 1 when a promise is not kept."""
    kept = True
    for room in rooms or ROOMS:
        with quiet(ROOT / "build" / "logs" / "perf.log") as terminal, terminal.stage(room, 1):
            ratios = _measured(room)
        uncut(Console()).print(_table(ratios))
        kept = kept and all(ratio.ok for ratio in ratios)
    return 0 if kept else 1


def _table(ratios: list[Ratio]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2))
    table.add_column(min_width=NAME_WIDTH)
    table.add_column(justify="right", min_width=8)
    table.add_column(justify="right", min_width=6)
    table.add_column()
    for ratio in ratios:
        promised = "" if ratio.target is None else f"{'≤' if ratio.at_most else '≥'} {ratio.target:g}"
        verdict = "" if ratio.target is None else "kept" if ratio.ok else "[red]NOT KEPT[/]"
        table.add_row(ratio.name, f"{ratio.value:.3g}", promised, verdict)
    return table


def _measured(room: str) -> list[Ratio]:
    """The room's figures, from a process of its own: what one leaves in memory is in the peak of all it starts."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        ratios: list[Ratio] = process.submit(import_module(f"tests.perf.{room}").measure).result()
        return ratios


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
