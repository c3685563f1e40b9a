"""Strings of devices and files are escaped: invisible characters are shown, and no syntax is active."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.report.escaping import FORMULA_STARTS, LONGEST, csv_cell, markdown, visible

ANY = st.text(st.characters())


@given(ANY)
def test_what_is_visible_is_one_line_that_every_encoding_takes(text: str) -> None:
    shown = visible(text)
    assert shown.encode("utf-8").decode() == shown
    assert len(shown.splitlines()) <= 1
    assert "\x00" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Pixel 8", "Pixel 8"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("a\ud800b", "a⟨U+D800⟩b"),
        ("a\x1b[31mb", "a⟨U+001B⟩[31mb"),
        ("a\nb\tc", "a b c"),
        ("a\ufffeb", "a⟨U+FFFE⟩b"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("𝄞 🐕", "𝄞 🐕"),
    ],
)
def test_controls_and_marks_of_direction_are_named_and_letters_stay(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_text_without_end_is_cut() -> None:
    assert visible("x" * 5000) == "x" * LONGEST + "…"


@given(st.sampled_from(["=", "+", "-", "@", "\t=", "\r@", " =", "＝", "\u200e="]), ANY)
def test_no_cell_begins_as_a_formula(start: str, rest: str) -> None:
    cell = csv_cell(start + rest)
    assert not cell.lstrip().startswith(FORMULA_STARTS)


@given(st.lists(ANY, min_size=1, max_size=4))
def test_cells_come_back_out_of_a_csv_file(cells: list[str]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerow([csv_cell(cell) for cell in cells])
    file.seek(0)
    assert next(csv.reader(file)) == [csv_cell(cell) for cell in cells]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b", r"a\|b"),
        ("<script>", r"\<script\>"),
        ("[x](javascript:y)", r"\[x\]\(javascript:y\)"),
        ("@torvalds", "@<!-- -->torvalds"),
        ("#12", r"\#<!-- -->12"),
        ("http://evil", "http:<!-- -->//evil"),
        ("&lt;", r"\&lt;"),
    ],
)
def test_markdown_neither_marks_nor_mentions_nor_links(text: str, written: str) -> None:
    assert markdown(text) == written
