"""How a format is declared, read and written: a struct says which fields an object has and what may be in them.

Bytes in, structs out. What does not fit its declaration raises the error that the caller chose, in one line: the path
in the JSON, what is there, and what belongs there. Constructors check no bounds, so `write` reads its own bytes once.
A field without a default has to be there; unknown fields are ignored.
"""

import json
from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import msgspec
from msgspec import Meta
from msgspec import inspect as types

from benchmarks.formats.mismatch import NOT_IN_A_LINE, explained, line_of, short
from metadata.errors import MetadataError

LARGEST_BYTES = 256 << 20
INT64_MAX = (1 << 63) - 1
END = r"$(?!\n)"
"""The end of a pattern: `$` alone would accept a newline after it."""

T = TypeVar("T")
D = TypeVar("D", bound="Declared")


class Declared(msgspec.Struct, frozen=True):
    """The base of every declaration. Rules over several fields are in `__post_init__` and raise ValueError."""


def about(description: str) -> Meta:
    """What a field means, for docs/formats.md and its schema."""
    return Meta(description=description)


def text(pattern: str, words: str) -> Meta:
    """What a text has to match as a whole; errors and docs call it `words`."""
    return Meta(pattern=f"^{pattern}{END}", extra={"words": words})


Line = Annotated[str, text(f"[^{NOT_IN_A_LINE}]{{1,4096}}", "a line of 1 to 4096 characters")]
Text = Annotated[str, text(f"[^{NOT_IN_A_LINE}]{{0,131072}}", "at most 131072 printable characters")]
Sha256 = Annotated[str, text("[0-9a-f]{64}", "a lower-case hex sha256")]
Count = Annotated[int, Meta(ge=0, le=INT64_MAX)]
Positive = Annotated[int, Meta(ge=1, le=INT64_MAX)]
Number = Annotated[float, Meta(ge=0, le=float(INT64_MAX))]
Share = Annotated[float, Meta(ge=0, le=1)]


class _Named(msgspec.Struct):
    format: str


def read(data: bytes, kind: type[T], what: str, error: type[Exception], remedy: str) -> T:
    """The `kind` in the JSON `data`; `error`, whose message calls it `what`, where it is something else."""
    text = ""
    try:
        text = data.decode("utf-8")
        known = formats_of(cast("Hashable", kind))
        if known and (got := msgspec.json.decode(text, type=_Named).format) not in known:
            raise error(f"{what}: $.format is {short(got)}, not {' or '.join(map(repr, known))}; {remedy}")
        return msgspec.json.decode(text, type=kind)
    except MetadataError as reason:  # of a part that `metadata` declares
        raise error(f"{what}: {line_of(str(reason))}; {remedy}") from reason
    except msgspec.ValidationError as reason:
        raise error(f"{what}: {explained(str(reason), text, kind)}; {remedy}") from reason
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as reason:
        raise error(f"{what} is not JSON ({line_of(str(reason))}); {remedy}") from reason


def convert(record: object, kind: type[T], what: str, error: type[Exception], remedy: str) -> T:
    """As `read`, of a value that another format than JSON was read into."""
    try:
        return msgspec.convert(record, kind)
    except msgspec.ValidationError as reason:
        raise error(f"{what}: {explained(str(reason), json.dumps(record, default=str), kind)}; {remedy}") from reason


def read_file(path: Path, kind: type[T], error: type[Exception], remedy: str) -> T:
    """The `kind` in the file at `path`; `error`, one line, where it cannot be read or holds something else."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as reason:
        raise error(f"{path} cannot be opened, {reason.strerror}; {remedy}") from reason
    if len(data) > LARGEST_BYTES:
        raise error(f"{path} has more than {LARGEST_BYTES} bytes; {remedy}")
    return read(data, kind, str(path), error, remedy)


def write(value: Declared, what: str, error: type[Exception], remedy: str) -> bytes:
    """The JSON of `value` on one line; `error` where it would not be read again as what it is."""
    data = msgspec.json.encode(value, enc_hook=float)  # NumPy's numbers
    if read(data, type(value), what, error, remedy) != value:
        raise error(f"{what} would be read as something else than what was written; {remedy}")
    return data


def checked(make: Callable[[], D], what: str, error: type[Exception], remedy: str) -> D:
    """What `make` constructs, once it is right; `error` where a bound or a rule of its declaration is broken."""
    try:
        value = make()
    except ValueError as reason:
        raise error(f"{what}: {line_of(str(reason))}; {remedy}") from reason
    write(value, what, error, remedy)
    return value


def plain(value: Declared) -> Any:
    """The same as dictionaries, lists and plain values."""
    return msgspec.to_builtins(value, enc_hook=float)


def indented(data: bytes) -> bytes:
    """The same JSON, one field a line."""
    return msgspec.json.format(data, indent=1) + b"\n"


@cache
def formats_of(kind: Any) -> tuple[str, ...]:
    """The formats with their versions that a declaration, or each of several, is of; none for a part of one."""
    info = types.type_info(kind)
    every = info.types if isinstance(info, types.UnionType) else (info,)
    named = (_format_of(one) for one in every if isinstance(one, types.StructType))
    return tuple(dict.fromkeys(name for name in named if name is not None))


def _format_of(info: types.StructType) -> str | None:
    if info.tag_field == "format":
        return str(info.tag)
    named = next((field.type for field in info.fields if field.name == "format"), None)
    return str(named.values[0]) if isinstance(named, types.LiteralType) else None
