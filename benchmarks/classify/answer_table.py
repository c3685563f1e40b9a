"""Answers as tables for a terminal. Values in, tables out; nothing is classified here."""

import os
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from benchmarks.classify.answers import PictureAnswer
from benchmarks.classify.stages import leaders
from benchmarks.evaluation.picture_files import printable

PAGE = 100  # pictures; one table of everything would keep a terminal waiting
GAP = 2  # one for the box, one for the padding
PROBABILITY = 7
LABEL_AT_MOST = 32
LEAST = 10


def pages(answers: Sequence[PictureAnswer], width: int) -> Iterator[Table | Text]:
    """What to print one below the other, `width` columns wide at most: the files' common folder, then tables."""
    folder = _common_folder([answer.file for answer in answers])
    names = [answer.file.removeprefix(folder) for answer in answers]
    labels = [printable(guess.label) for answer in answers for guess in answer.top]
    door = max(cell_len(answer.door or "") for answer in answers)
    free = width - PROBABILITY - 2 * GAP - (door + GAP if door else 0)
    label = max(LEAST, min(LABEL_AT_MOST, free - LEAST, max(map(cell_len, labels))))
    file = max(LEAST, min(free - label, max(map(cell_len, names))))
    if folder:
        yield Text(f"in {folder}\n")
    for start in range(0, len(answers), PAGE):
        table = _empty(file, label, door, header=start == 0)
        for name, answer in zip(names[start : start + PAGE], answers[start : start + PAGE], strict=True):
            _add(table, name, answer)
        yield table


def _common_folder(files: Sequence[str]) -> str:
    """The folder that all files lie below, as they begin: "photos/", or "" where there is none."""
    prefix = os.path.commonprefix([file[: file.rfind("/") + 1] for file in files])  # noqa: RUF071 - cut to whole names below
    return prefix[: prefix.rfind("/") + 1]


def _empty(file: int, label: int, door: int, header: bool) -> Table:
    table = Table(
        box=SIMPLE_HEAD,
        padding=(0, GAP - 1, 0, 0),
        show_edge=False,
        pad_edge=False,
        show_header=header,
        header_style="bold",
    )
    table.add_column("file", width=file, overflow="fold")
    table.add_column("label", width=label, overflow="fold")
    table.add_column("prob.", width=PROBABILITY, justify="right", no_wrap=True)
    if door:
        table.add_column("door", width=door, no_wrap=True)
    return table


def _add(table: Table, name: str, answer: PictureAnswer) -> None:
    """A row a label; the file and the door's answer stand beside the first, a blank line after the last of several."""
    last = len(answer.top) - 1
    for place, guess in enumerate(answer.top):
        row = [name if place == 0 else "", printable(guess.label), f"{guess.probability:.1%}"]
        if answer.door:
            row.append(answer.door if place == 0 else "")
        table.add_row(*row, style="dim" if place else "", end_section=place == last > 0)


def stage_table(title: str, answer: PictureAnswer, labels: Sequence[str], count: int) -> Table:
    """One picture's answers, a column a stage: every label that is among the `count` best of one of them."""
    table = Table(title=Text(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for stage in answer.stages:
        name = stage.name if stage.phone is None else f"{stage.phone}\n{stage.name}"
        table.add_column(Text(name), justify="right", no_wrap=True)
    for index in leaders(answer.stages, count):
        cells = (f"{stage.probabilities[index]:.2%}{' ◂' if stage.top == index else '  '}" for stage in answer.stages)
        table.add_row(Text(printable(labels[index])), *cells)
    return table
