"""What is wrong with JSON that does not fit its declaration, in one line: where, what is there, what belongs there."""

import json
import re
import reprlib
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect as types

from metadata.errors import MetadataError

NOT_IN_A_LINE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_CONTROL = re.compile(f"[{NOT_IN_A_LINE}]")
MACHINE_MADE = re.compile("Expected|Invalid (enum )?value|Number out of range|Integer value out of range")
UNKNOWN = re.compile("Object contains unknown field `(.+)`")
MISSING = re.compile("Object missing required field `(.+)`")
STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
PLAIN = {types.NoneType: "null", types.BoolType: "true or false", types.StrType: "a text"}
MOST_KEYS = 64
"""In larger mappings the key is not named: it is found by trying each."""


def explained(message: str, text: str, kind: Any) -> str:
    """msgspec's `message` about the JSON `text`, with the value that is there and the words of the declaration."""
    problem, _, place = message.rpartition(" - at ")
    problem, path = (problem, place.strip("`")) if problem else (message, "$")
    if path.startswith("key"):
        return f"a key in {path.rpartition('`')[2]} does not fit: {line_of(problem)}"
    info, value, path = _at(path, place, text, kind)
    unknown, missing = UNKNOWN.fullmatch(problem), MISSING.fullmatch(problem)
    if unknown is not None:
        known = (field.encode_name for one in plain_types(info) for field in one.fields)
        return line_of(f"{path}.{short(unknown[1])[1:-1]} is no name known here; choose from {', '.join(known)}")
    if missing is None and not MACHINE_MADE.match(problem):  # a rule over several fields
        return line_of(problem if path == "$" else f"{path}: {problem}")
    if missing is not None:
        info, value, path = _inner(info, missing[1], value), msgspec.UNSET, f"{path}.{missing[1]}"
    got = "missing" if missing is not None else "something else" if value is msgspec.UNSET else short(value)
    return line_of(f"{path} is {got}, not {' or '.join(dict.fromkeys(words(info)))}")


def _at(path: str, place: str, text: str, kind: Any) -> tuple[Any, Any, str]:
    """The type and the value at `path`, UNSET where they cannot be had, and the path with its keys."""
    try:
        whole = value = json.loads(text)
    except (ValueError, RecursionError):  # it was refused before its end was read
        whole = value = msgspec.UNSET
    info, shown = types.type_info(kind), "$"
    for name, index in STEP.findall(path):
        key: Any = name or (int(index) if index.isdigit() else _culprit(whole, value, place, kind))
        info = _inner(info, key, value)
        shown += f"[{short(key)}]" if index == "..." and key is not None else f".{name}" if name else f"[{index}]"
        try:
            value = value[key]
        except (LookupError, TypeError):
            value = msgspec.UNSET
    return info, value, shown


def _culprit(whole: Any, mapping: Any, place: str, kind: Any) -> str | None:
    """The key whose value does not fit: alone in its mapping it is refused at the same place."""
    if not isinstance(mapping, dict) or len(mapping) > MOST_KEYS:
        return None
    every = dict(mapping)
    for key, value in every.items():
        mapping.clear()
        mapping[key] = value
        try:
            msgspec.convert(whole, kind)
        except (msgspec.ValidationError, MetadataError) as error:
            if str(error).rpartition(" - at ")[2] == place:
                return str(key)
    mapping.update(every)
    return None


def _inner(info: Any, key: Any, value: Any) -> Any:
    """The type of what is under `key` in `value`, which is to be of this type; None where nothing is known of it."""
    for kind in plain_types(info):
        if isinstance(kind, types.StructType):
            if key == kind.tag_field:
                return types.LiteralType(
                    tuple(one.tag for one in plain_types(info) if isinstance(one, types.StructType))
                )
            if isinstance(value, dict) and value.get(kind.tag_field, kind.tag) != kind.tag:
                continue  # another one of a union
            for field in kind.fields:
                if field.encode_name == key:
                    return field.type
        elif isinstance(kind, types.DictType):
            return kind.value_type
        elif isinstance(kind, types.TupleType):
            return kind.item_types[key]
        elif isinstance(kind, (types.ListType, types.VarTupleType)):
            return kind.item_type
    return None


def plain_types(info: Any) -> Iterator[Any]:
    """The types that `info` may be, without metadata and unions."""
    if isinstance(info, types.Metadata):
        yield from plain_types(info.type)
    elif isinstance(info, types.UnionType):
        for kind in info.types:
            yield from plain_types(kind)
    else:
        yield info


def words(info: Any) -> Iterator[str]:
    """What a declared type wants, one text for each kind of value that it takes."""
    match info:
        case types.Metadata(extra={"words": str(told)}):
            yield told
        case types.Metadata():
            yield from words(info.type)
        case types.UnionType():
            for kind in info.types:
                yield from words(kind)
        case types.IntType() | types.FloatType():
            yield f"{'an integer' if isinstance(info, types.IntType) else 'a number'}{_bounds(info.ge, info.le)}"
        case types.EnumType():
            yield f"one of {', '.join(str(choice.value) for choice in info.cls)}"
        case types.LiteralType():
            yield " or ".join(repr(value) for value in info.values)
        case types.ListType() | types.VarTupleType():
            yield f"a list{_bounds(info.min_length, info.max_length)}"
        case types.TupleType():
            yield f"a list of {len(info.item_types)}"
        case _:
            yield PLAIN.get(type(info), "an object")


def _bounds(low: float | None, high: float | None) -> str:
    bounds = [
        f" {word} {bound:g}" if isinstance(bound, float) else f" {word} {bound}"
        for word, bound in (("from", low), ("to", high))
        if bound is not None
    ]
    return "".join(bounds)


def short(value: object) -> str:
    """The value in a few characters."""
    return reprlib.repr(value)


def line_of(text: str) -> str:
    """`text` as one line that a field may hold."""
    return _CONTROL.sub("?", " ".join(text.split()))[:4096]
