"""README.ko.md is README.md in Korean: the same parts in the same order, the same commands to the letter."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH, KOREAN = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.ko.md"))
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def outline(page: str) -> list[int]:
    """The levels of the headings, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", BLOCK.sub("", page), re.MULTILINE)]


def test_both_have_the_same_headings() -> None:
    assert outline(KOREAN) == outline(ENGLISH)


def test_both_show_the_same_commands_and_tables_to_the_letter() -> None:
    assert BLOCK.findall(KOREAN) == BLOCK.findall(ENGLISH)


@pytest.mark.parametrize("pattern", [r"\]\(([^)]+)\)", r"^\|", r"^(?:- |\d\. )"])
def test_both_have_the_same_links_rows_and_points(pattern: str) -> None:
    pages = (BLOCK.sub("", page).replace("README.ko.md", "README.md") for page in (KOREAN, ENGLISH))
    found = [re.findall(pattern, page, re.MULTILINE) for page in pages]
    assert found[0] == found[1]


def test_both_name_the_same_words_of_code() -> None:
    """What stands in backticks is typed or read, and the same in every language."""
    korean, english = (sorted(re.findall(r"`([^`\n]+)`", BLOCK.sub("", page))) for page in (KOREAN, ENGLISH))
    assert korean == english


def test_the_translation_is_korean() -> None:
    prose = BLOCK.sub("", KOREAN)
    assert len(re.findall(r"[가-힣]", prose)) > len(re.findall(r"[A-Za-z]", prose)) / 2
