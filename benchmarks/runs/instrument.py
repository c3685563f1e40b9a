"""Read what `am instrument -w -r` prints. Text in, values out; no phone here.

Its exit code is no evidence: it is 0 after a crash. What counts is the code that it prints, −1 for an app that ended by
itself, and the keys of the app's own result.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

OK = -1
LINE = re.compile(r"INSTRUMENTATION_(STATUS|STATUS_CODE|RESULT|CODE|FAILED|ABORTED): ?(.*)")
TAIL_LINES = 40


@dataclass(frozen=True, slots=True)
class InstrumentationEnd:
    """How an instrumentation ended. `code` is None when none was printed; `output` is the end of what was printed."""

    code: int | None
    values: Mapping[str, str]
    output: str

    @property
    def is_ok(self) -> bool:
        """Whether the app came to its own end, which is not yet a result."""
        return self.code == OK


def follow(lines: Iterable[str], on_progress: Callable[[int, int], None]) -> InstrumentationEnd:
    """Read to the end; `on_progress` gets (done, total) of every status that has them. A value may span lines."""
    status: dict[str, str] = {}
    values: dict[str, str] = {}
    tail: list[str] = []
    code = None
    open_value: tuple[dict[str, str], str] | None = None
    for line in lines:
        tail = [*tail[1 - TAIL_LINES :], line]
        found = LINE.fullmatch(line)
        if found is None:
            if open_value is not None:
                known, key = open_value
                known[key] += f"\n{line}"
            continue
        word, rest = found.groups()
        open_value = None
        if word in ("STATUS", "RESULT"):
            known = status if word == "STATUS" else values
            key, _, known[key] = rest.partition("=")
            open_value = known, key
        elif word == "STATUS_CODE":
            _report(status, on_progress)
            status = {}
        elif word == "CODE":
            code = _integer(rest)
    return InstrumentationEnd(code, values, "\n".join(tail))


def _report(status: Mapping[str, str], on_progress: Callable[[int, int], None]) -> None:
    done, total = _integer(status.get("done", "")), _integer(status.get("total", ""))
    if done is not None and total is not None:
        on_progress(done, total)


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d+", text.strip()) else None
