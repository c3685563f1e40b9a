"""JSON that somebody else wrote, as a tree of frozen dataclasses: every type and bound is a claim until checked here.

A field's type says what may stand in it. Numbers are finite, and never negative unless their name is in `SIGNED`;
shares and chances, named in `SHARES`, are at most 1. A field that is missing is refused, one that is unknown ignored.
"""

import reprlib
from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from benchmarks.formats.fields import INT64_MAX, LINE

SIGNED = frozenset({"celsius", "delta_interval", "delta_points", "high", "limit", "low", "value"})
SHARES = frozenset({"accuracy", "agreement", "calibration_error", "confidence", "mcnemar_p", "saturated", "score"})
DEEPEST_TEXT = 1 << 17
"""Characters of a value of a mapping; every other text is a line of at most 4096."""

T = TypeVar("T")


class Misfit(ValueError):  # noqa: N818 - a value that does not fit, turned into the caller's own error at once
    """A value that is not what its field wants, in one line that names the field."""


def build(kind: type[T], value: object, place: str) -> T:
    """The `kind`, a dataclass, that the JSON object `value` describes; Misfit, which calls it `place`, otherwise."""
    made: T = _build(kind, value, place, "")
    return made


def _build(kind: Any, value: object, place: str, name: str) -> Any:
    origin = get_origin(kind)
    if origin in (UnionType, Union):
        (inner,) = (one for one in get_args(kind) if one is not type(None))
        return None if value is None else _build(inner, value, place, name)
    if origin is tuple:
        if not isinstance(value, list):
            _refuse(place, value, "a list")
        inner = get_args(kind)[0]
        return tuple(_build(inner, one, f"{place}[{index}]", name) for index, one in enumerate(value))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(value, place)
    if is_dataclass(kind):
        return _dataclass(kind, value, place)
    return _leaf(kind, value, place, name)


def _dataclass(kind: Any, value: object, place: str) -> Any:
    if not isinstance(value, Mapping):
        _refuse(place, value, "an object")
    inner = f"{place}." if place else ""
    made = {}
    for name, of in _hints(kind).items():
        if name not in value:
            raise Misfit(f"{inner}{name} is missing")
        made[name] = _build(of, value[name], f"{inner}{name}", name)
    try:
        return kind(**made)
    except ValueError as error:
        raise Misfit(f"{place}: {error}") from error


def _mapping(value: object, place: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        _refuse(place, value, "an object")
    for key, text in value.items():
        if not LINE.fullmatch(key):
            _refuse(place, key, "a line of 1 to 4096 characters as every key")
        if not isinstance(text, str) or len(text) > DEEPEST_TEXT or not text.isprintable():
            _refuse(f"{place}.{key}", text, f"at most {DEEPEST_TEXT} printable characters")
    return dict(value)


def _leaf(kind: Any, value: object, place: str, name: str) -> Any:
    if kind is bool:
        return value if isinstance(value, bool) else _refuse(place, value, "true or false")
    if kind is str:
        return value if isinstance(value, str) and LINE.fullmatch(value) else _refuse(place, value, "a line of text")
    if issubclass(kind, StrEnum):
        known = isinstance(value, str) and value in set(kind)
        return kind(value) if known else _refuse(place, value, f"one of {', '.join(kind)}")
    return _number(kind, value, place, name)


def _number(kind: type[int] | type[float], value: object, place: str, name: str) -> int | float:
    allowed: Any = int if kind is int else int | float
    if not isinstance(value, allowed) or isinstance(value, bool) or not abs(value) <= INT64_MAX:
        _refuse(place, value, "an integer" if kind is int else "a finite number")
    if value < 0 and name not in SIGNED:
        _refuse(place, value, "0 or more")
    if value > 1 and name in SHARES:
        _refuse(place, value, "a share, 0 to 1")
    return kind(value)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _refuse(place: str, value: object, wanted: str) -> NoReturn:
    raise Misfit(f"{place} is {reprlib.repr(value)}, not {wanted}")
