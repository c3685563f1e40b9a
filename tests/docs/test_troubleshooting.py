"""docs/troubleshooting.md has a heading for every text the kit says, and none that it never says."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from tests.docs.messages import VARIES, Message, every_literal, messages

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
HEADING = re.compile(r"^#### `(.+)`$", re.MULTILINE)
FEWEST_LETTERS = 7
"""A heading with fewer letters of its own would match anything; a text with fewer only passes on another's words."""
MOST_TEXTS = 12
"""A heading for more texts than this explains none of them."""

INTERNAL = {
    "benchmarks/virtual_phone/apk.py": "said as Android does; a user reads adb/failures.py's words",
    "benchmarks/virtual_phone/commandline.py": "the virtual phone's shell, which only the kit types into",
    "benchmarks/virtual_phone/daemon.py": "said to an adb client that breaks the protocol",
    "benchmarks/virtual_phone/sync.py": "said to an adb client that breaks the protocol",
    "export/own_models/tflite_file.py: a ready .tflite file has no model": "the export never asks a ready file for one",
    "metadata/digit.py": "arrays that the kit's own code passes",
    "metadata/ranges.py": "every tensor of the converter's files has a quantisation record",
    "metadata/preprocess.py: colour mode …": "pictures that the kit's own code passes",
}


def headings() -> list[str]:
    return [plain(heading) for heading in HEADING.findall(PAGE.read_text("utf-8"))]


@cache
def all_messages() -> tuple[Message, ...]:
    return tuple(replace(message, text=plain(message.text)) for message in messages())


def letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


def plain(text: str) -> str:
    """As compared: one line, no backticks, and one … for several in a row."""
    return re.sub(rf"{VARIES}+", VARIES, " ".join(text.replace("`", "").split()))


def fits(heading: str, text: str) -> bool:
    """Whether the heading's own words are those of the text, in their order, with anything in place of its …"""
    first, *middle, last = heading.split(VARIES) if VARIES in heading else (heading, "")
    if not middle and VARIES not in heading:
        return text == heading
    if not (text.startswith(first) and text.endswith(last)):
        return False
    at = len(first)
    for part in middle:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return at <= len(text) - len(last)


def is_internal(message: Message) -> bool:
    file = message.where.partition(":")[0]
    return file in INTERNAL or any(f"{file}: {message.text}".startswith(known) for known in INTERNAL)


def to_explain() -> Iterator[Message]:
    for message in all_messages():
        if letters(message.text) >= FEWEST_LETTERS and not is_internal(message):
            yield message


def test_every_text_has_a_heading() -> None:
    there = headings()
    missing = [
        f"{one.where}\n    #### `{one.text}`"
        for one in to_explain()
        if not any(fits(heading, one.text) for heading in there)
    ]
    assert not missing, f"docs/troubleshooting.md explains none of these {len(missing)}:\n" + "\n".join(missing)


def test_every_heading_is_something_that_the_kit_says() -> None:
    said = {one.text for one in all_messages()} | {plain(text) for text in every_literal()}
    dead = [heading for heading in headings() if not any(fits(heading, text) for text in said)]
    assert not dead, "nothing says:\n" + "\n".join(f"#### `{heading}`" for heading in dead)


def test_no_heading_is_so_wide_that_it_explains_nothing() -> None:
    covered = defaultdict(set)
    for heading in headings():
        for one in to_explain():
            if fits(heading, one.text):
                covered[heading].add(one.text)
    wide = [heading for heading, texts in covered.items() if len(texts) > MOST_TEXTS]
    assert not wide, wide
    assert not [heading for heading in headings() if letters(heading) < FEWEST_LETTERS and ": …" not in heading]


def test_no_heading_stands_twice() -> None:
    there = headings()
    assert len(there) == len(set(there)), sorted({one for one in there if there.count(one) > 1})


def test_what_is_internal_is_still_there() -> None:
    there = {f"{one.where.partition(':')[0]}: {one.text}" for one in all_messages()}
    assert not [known for known in INTERNAL if not any(one.startswith(known) for one in there)]


def test_every_link_within_the_page_leads_somewhere() -> None:
    page = PAGE.read_text("utf-8")
    anchors = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#{2,3} ([^`\n]+)$", page, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors
