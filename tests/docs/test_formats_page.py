"""docs/formats.md and docs/schemas are what the declarations say, and every format that is declared is in both."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs import formats_page
from tests.docs.formats_page import DECLARATIONS, PAGE, SCHEMAS, main, page, schemas

WRITTEN = Path(__file__).parents[1] / "golden" / "formats" / "1.0.0"


FILES = [
    path
    for path in sorted(WRITTEN.rglob("*.json"))
    if any(f'"{name}"' in path.read_text("utf-8")[:60] for name in DECLARATIONS)
]


def test_the_page_has_the_tables_of_the_declarations() -> None:
    text = PAGE.read_text("utf-8")
    assert page(text) == text, "run python -m tests.docs.formats_page --write"
    assert set(re.findall(r"<!-- fields: (\S+) -->", text)) == set(DECLARATIONS)


def test_the_schemas_are_those_of_the_declarations() -> None:
    there = {path.name: path.read_bytes() for path in SCHEMAS.iterdir()}
    assert there == schemas(), "run python -m tests.docs.formats_page --write"


def missing(value: Any, schema: dict[str, Any], parts: dict[str, Any]) -> Iterator[str]:
    """Fields that the schema wants and an object does not have; of a union, those of the part of the same status."""
    if "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    for option in schema.get("anyOf", ()):
        inner = parts.get(option.get("$ref", "").rpartition("/")[2], option)
        statuses = inner.get("properties", {}).get("status", {}).get("enum")
        if not isinstance(value, dict) or (statuses and value["status"] not in statuses):
            continue
        if inner.get("type") == "object":
            yield from missing(value, inner, parts)
    if isinstance(value, dict):
        yield from (name for name in schema.get("required", ()) if name not in value)
        for name, inner in schema.get("properties", {}).items():
            yield from missing(value[name], inner, parts) if name in value else ()
    elif isinstance(value, list) and schema.get("items"):
        for one in value:
            yield from missing(one, schema["items"], parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_schemas_want_no_field_that_a_file_of_1_0_0_lacks(path: Path) -> None:
    written = json.loads(path.read_bytes())
    schema = json.loads(schemas()[f"{written['format'].replace('/', '-')}.json"])
    assert list(missing(written, schema, schema["$defs"])) == []


def test_a_page_of_yesterday_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(formats_page, "ROOT", tmp_path)
    monkeypatch.setattr(formats_page, "PAGE", tmp_path / "formats.md")
    monkeypatch.setattr(formats_page, "SCHEMAS", tmp_path / "schemas")
    (tmp_path / "formats.md").write_text("<!-- fields: handset.job/1 -->\nold\n<!-- end of fields -->\n")
    for words, code in (([], 1), (["--write"], 0), ([], 0)):
        monkeypatch.setattr(sys, "argv", ["formats_page", *words])
        assert main() == code
    assert "| `threads` | integer, 1 to 64 |" in (tmp_path / "formats.md").read_text()
