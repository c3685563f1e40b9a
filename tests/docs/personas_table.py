"""The table of personas in docs/phones.md, from the personas themselves.

python -m tests.docs.personas_table --write
"""

import re
import sys
from pathlib import Path

from benchmarks.virtual_phone.persona import load, names

PAGE = Path(__file__).parents[2] / "docs" / "phones.md"
BLOCK = re.compile(r"(<!-- personas -->\n).*?(<!-- end of personas -->)", re.DOTALL)


def table() -> str:
    """One row a persona: its name, what it is, what a user reads, where it comes from."""
    rows = ["| persona | the phone | `make benchmark ARGS=--install` | sources |", "|---|---|---|---|"]
    for name in names():
        persona = load(name)
        said = "; ".join(f"`{_plain(words)}`" for words in persona.says)
        outcome = f"{persona.outcome}: {said}" if said else persona.outcome
        rows.append(f"| `{name}` | {_plain(persona.title)} | {outcome} | {_plain(', '.join(persona.sources))} |")
    return "\n".join(rows) + "\n"


def page(text: str) -> str:
    """The page with its table as it has to be."""
    return BLOCK.sub(lambda found: f"{found[1]}{table()}{found[2]}", text)


def _plain(text: str) -> str:
    return text.replace("|", r"\|").replace("`", "'")


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    PAGE.write_text(page(PAGE.read_text("utf-8")), encoding="utf-8")
