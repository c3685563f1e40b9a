"""docs/phones.md has every persona with its sources and its outcome."""

from tests.docs.personas_table import BLOCK, PAGE, page


def test_the_page_has_the_table_of_the_personas() -> None:
    text = PAGE.read_text("utf-8")
    assert BLOCK.search(text)
    assert page(text) == text, "run python -m tests.docs.personas_table --write"
