"""Read tables out of a FlatBuffer that may be damaged or hostile. Bytes in, plain values out; no schema here.

A `FlatBuffer` is the bytes and a reading budget; a `Table` is a cursor on one table in it. Every offset is checked
before it is followed, so whatever the bytes say the outcome is a value or a ModelFileError. Reading follows
a schema of fixed depth, so it cannot loop; the budget stops small files that refer to the same vector again and again
and so would take hours. Layout: https://flatbuffers.dev/internals
"""

import struct
from dataclasses import dataclass
from typing import Any, Self

from metadata.errors import ModelFileError

MAX_TEXT_BYTES = 1 << 20
READS_PER_BYTE = 4
READS_AT_LEAST = 1 << 16


@dataclass(slots=True)
class FlatBuffer:
    """The bytes of one FlatBuffer and how many of them may still be read."""

    data: memoryview
    budget_bytes: int

    @classmethod
    def of(cls, data: bytes | memoryview) -> Self:
        """A FlatBuffer over `data`, which is not copied."""
        return cls(memoryview(data), max(READS_AT_LEAST, READS_PER_BYTE * len(data)))

    def root(self, identifier: bytes, kind: str) -> "Table":
        """The root table of a `kind`; ModelFileError when the four bytes after its offset are not `identifier`."""
        got = bytes(self.data[4:8])
        if got != identifier:
            raise ModelFileError(f"not a {kind}: bytes 4 to 8 are {got!r}, not {identifier!r}; give another file")
        return Table(self, self.offset(0))

    def span(self, at: int, size_bytes: int) -> memoryview:
        """`size_bytes` bytes from `at`, or ModelFileError when they are not all inside the file."""
        if at < 0 or size_bytes < 0 or at + size_bytes > len(self.data):
            raise ModelFileError(
                f"bytes {at} to {at + size_bytes} are needed but the file has {len(self.data)}; cut off or damaged"
            )
        return self.data[at : at + size_bytes]

    def spend(self, size_bytes: int) -> None:
        """Take `size_bytes` from the budget; ModelFileError when it is used up."""
        self.budget_bytes -= size_bytes
        if self.budget_bytes < 0:
            raise ModelFileError("the file refers to far more than it holds; damaged or made to stall its reader")

    def scalars(self, code: str, at: int, count: int) -> tuple[Any, ...]:
        """`count` little-endian values of struct format `code` from `at`."""
        size_bytes = count * struct.calcsize(code)
        part = self.span(at, size_bytes)
        self.spend(size_bytes)
        return struct.unpack(f"<{count}{code}", part)

    def offset(self, at: int) -> int:
        """Where the unsigned forward offset stored at `at` leads: to a table, vector or string inside the file."""
        target = at + int(self.scalars("I", at, 1)[0])
        self.span(target, 4)
        return target


class Table:
    """A cursor on one table. Slots are field numbers as in the schema; an absent field gives its default or None."""

    __slots__ = ("_buffer", "_vtable", "_vtable_bytes", "at")

    def __init__(self, buffer: FlatBuffer, at: int) -> None:
        self._buffer = buffer
        self.at = at
        self._vtable = at - int(buffer.scalars("i", at, 1)[0])
        self._vtable_bytes = int(buffer.scalars("H", self._vtable, 1)[0])
        buffer.span(self._vtable, self._vtable_bytes)

    def place(self, slot: int) -> int | None:
        """Where the field's bytes are, or None when the table does not have it."""
        entry = 4 + 2 * slot
        if entry + 2 > self._vtable_bytes:
            return None
        distance = int(self._buffer.scalars("H", self._vtable + entry, 1)[0])
        return self.at + distance if distance else None

    def _vector(self, slot: int) -> tuple[int, int]:
        """(where the first element is, how many elements) of a vector field; no elements when it is absent."""
        start = self.target(slot)
        if start is None:
            return 0, 0
        return start + 4, int(self._buffer.scalars("I", start, 1)[0])

    @property
    def slot_count(self) -> int:
        """How many fields the writer's schema had, written or not."""
        return max(0, self._vtable_bytes - 4) // 2

    def has(self, slot: int) -> bool:
        """Whether the field is written at all."""
        return self.place(slot) is not None

    def integer(self, slot: int, code: str, default: int = 0) -> int:
        """An integer field of struct format `code`."""
        at = self.place(slot)
        return default if at is None else int(self._buffer.scalars(code, at, 1)[0])

    def target(self, slot: int) -> int | None:
        """Where the offset in a field leads: to a table, a vector or a string."""
        at = self.place(slot)
        return None if at is None else self._buffer.offset(at)

    def targets(self, slot: int) -> tuple[int, ...]:
        """Where each offset of a vector leads."""
        first, count = self._vector(slot)
        self._buffer.span(first, 4 * count)
        return tuple(self._buffer.offset(first + 4 * index) for index in range(count))

    def table(self, slot: int) -> "Table | None":
        """A table field."""
        target = self.target(slot)
        return None if target is None else Table(self._buffer, target)

    def tables(self, slot: int) -> "tuple[Table, ...]":
        """A vector of tables."""
        return tuple(Table(self._buffer, target) for target in self.targets(slot))

    def length(self, slot: int) -> int:
        """How many elements a vector has; none when it is absent."""
        return self._vector(slot)[1]

    def numbers(self, slot: int, code: str) -> tuple[Any, ...]:
        """A vector of numbers of struct format `code`."""
        first, count = self._vector(slot)
        return self._buffer.scalars(code, first, count)

    def blob(self, slot: int) -> memoryview:
        """A vector of bytes, not copied."""
        first, count = self._vector(slot)
        return self._buffer.span(first, count)

    def text(self, slot: int) -> str | None:
        """A string field; bytes that are not UTF-8 are shown as U+FFFD, because names are only shown."""
        if not self.has(slot):
            return None
        first, count = self._vector(slot)
        if count > MAX_TEXT_BYTES:
            raise ModelFileError(f"a string of {count} bytes; the limit is {MAX_TEXT_BYTES}, the file is damaged")
        self._buffer.spend(count)
        return bytes(self._buffer.span(first, count)).decode("utf-8", "replace")
