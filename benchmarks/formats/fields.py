"""The fields of a JSON object that somebody else wrote: every type and range is a claim until it is checked here.

Bytes in, plain values out. Whatever is wrong raises the error that the caller chose, in one line that names the field.
"""

import json
import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NoReturn, Self, TypeVar

from benchmarks.formats.errors import BenchmarkError

INT64_MAX = (1 << 63) - 1
NOT_IN_A_LINE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
LINE = re.compile(f"[^{NOT_IN_A_LINE}]{{1,4096}}")
SHA256 = re.compile(r"[0-9a-f]{64}")

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one object. `what` is what an error calls it, `remedy` what it asks the reader to do."""

    record: Mapping[str, Any]
    what: str
    error: type[BenchmarkError]
    remedy: str

    @classmethod
    def parse(cls, data: bytes, what: str, error: type[BenchmarkError], remedy: str) -> Self:
        """The object that `data` is the JSON of."""
        try:
            return cls.of(json.loads(data.decode("utf-8"), parse_constant=_no_constant), what, error, remedy)
        except (ValueError, RecursionError) as reason:
            raise error(f"{what} is not JSON ({_one_line(reason)}); {remedy}") from reason

    @classmethod
    def of(cls, record: object, what: str, error: type[BenchmarkError], remedy: str) -> Self:
        """`record`, which has to be an object."""
        if not isinstance(record, Mapping):
            raise error(f"{what} is {reprlib.repr(record)}, not an object; {remedy}")
        return cls(record, what, error, remedy)

    def refuse(self, name: str, wanted: str) -> NoReturn:
        """Say that the field is something else than `wanted`."""
        got = reprlib.repr(self.record[name]) if name in self.record else "missing"
        raise self.error(f"{self.what}: {name} is {got}, not {wanted}; {self.remedy}")

    def format(self, known: str) -> None:
        """Refuse any other format than `known`."""
        if self.record.get("format") != known:
            self.refuse("format", repr(known))

    def text(self, name: str) -> str:
        """1 to 4096 characters that UTF-8 can hold, none of them a control character."""
        value = self.record.get(name)
        if not isinstance(value, str) or not LINE.fullmatch(value):
            self.refuse(name, "a line of 1 to 4096 characters")
        return value

    def sha256(self, name: str) -> str:
        value = self.record.get(name)
        if not isinstance(value, str) or not SHA256.fullmatch(value):
            self.refuse(name, "a lower-case hex sha256")
        return value

    def integer(self, name: str, low: int = 0, high: int = INT64_MAX) -> int:
        value = self.record.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.refuse(name, f"an integer from {low} to {high}")
        return value

    def number(self, name: str, low: float, high: float) -> float:
        """A finite number; an integer is one too."""
        value = self.record.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
            self.refuse(name, f"a number from {low:g} to {high:g}")
        return float(value)

    def integers(self, name: str, low: int = 0, high: int = INT64_MAX) -> tuple[int, ...]:
        values = self.record.get(name)
        if not isinstance(values, list):
            self.refuse(name, "a list")
        return tuple(replace(self, record={name: value}).integer(name, low, high) for value in values)

    def flag(self, name: str) -> bool:
        value = self.record.get(name)
        if not isinstance(value, bool):
            self.refuse(name, "true or false")
        return value

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        value = self.record.get(name)
        if not isinstance(value, str) or value not in set(choices):
            self.refuse(name, f"one of {', '.join(choices)}")
        return choices(value)

    def child(self, name: str) -> "Fields":
        """The object in the field."""
        value = self.record.get(name)
        if not isinstance(value, Mapping):
            self.refuse(name, "an object")
        return Fields(value, f"{self.what}: {name}", self.error, self.remedy)

    def optional(self, name: str, read: Callable[[str], T]) -> T | None:
        """None where the field is null, which it has to say; otherwise what `read` makes of it."""
        if name not in self.record:
            self.refuse(name, "there, null where it is not known")
        return None if self.record[name] is None else read(name)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def line_of(text: str) -> str:
    """`text` as one line that a field may hold."""
    return re.sub(f"[{NOT_IN_A_LINE}]", "?", " ".join(text.split()))[:4096]


def _one_line(error: BaseException) -> str:
    return line_of(str(error))
