"""A `Comparison` as the bytes of its `comparison.json`, and back. docs/formats.md has the file field by field.

It may come from another machine, from an older kit, or from nobody we know: what does not fit is a ComparisonError.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks.compare.comparison import FILE, FORMAT, Comparison
from benchmarks.formats.atomic import atomic_write
from benchmarks.formats.errors import ComparisonError
from benchmarks.formats.fields import Fields
from benchmarks.formats.typed import Misfit, build

LARGEST_BYTES = 64 << 20
REMEDY = "compare the run again"
PNG = re.compile(r"iVBORw0KGgo[A-Za-z0-9+/]*={0,2}")
"""The signature of a PNG in base64, and nothing else than base64."""


def encode(comparison: Comparison) -> bytes:
    """The whole of `comparison.json`, on one line."""
    record = {"format": FORMAT, **asdict(comparison)}
    return (json.dumps(record, allow_nan=False, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def decode(data: bytes, name: str = FILE) -> Comparison:
    """The comparison that `encode` wrote; ComparisonError, one line that calls it `name`, for anything else."""
    if len(data) > LARGEST_BYTES:
        raise ComparisonError(f"{name} has {len(data)} bytes, more than {LARGEST_BYTES}; {REMEDY}")
    fields = Fields.parse(data, name, ComparisonError, REMEDY)
    fields.format(FORMAT)
    try:
        comparison = build(Comparison, fields.record, "")
    except Misfit as misfit:
        raise ComparisonError(f"{name}: {misfit}; {REMEDY}") from misfit
    for problem in _problems(comparison):
        raise ComparisonError(f"{name}: {problem}; {REMEDY}")
    return comparison


def read(path: Path) -> Comparison:
    """The comparison in the file at `path`; ComparisonError when there is none that can be read."""
    try:
        with path.open("rb") as file:
            return decode(file.read(LARGEST_BYTES + 1), path.name)
    except OSError as error:
        raise ComparisonError(f"{path} cannot be read, {error.strerror}; run python -m benchmarks compare") from error


def write(path: Path, comparison: Comparison) -> None:
    """Put `comparison` at `path`, whole or not at all; StorageError when that cannot be."""
    with atomic_write(path) as file:
        file.write(encode(comparison))


def _problems(one: Comparison) -> Iterator[str]:
    """What cannot be though every field is of its type: names twice, names of nothing, intervals upside down."""
    yield from _twice("phone", (phone.id for phone in one.phones))
    yield from _twice("model", (model.id for model in one.models))
    yield from _twice("row", (row.id for row in one.rows))
    rows = {row.id for row in one.rows}
    yield from _unknown("phone", (row.phone for row in one.rows), {phone.id for phone in one.phones})
    yield from _unknown("model", (row.model for row in one.rows), {model.id for model in one.models})
    yield from _unknown("row", (name for ratio in one.ratios for name in (ratio.row, ratio.against)), rows)
    yield from _unknown("row", (sustained.row for sustained in one.sustained), rows)
    yield from _unknown("row", (change.row for change in one.changes), rows)
    yield from _unknown("row", (gate.row for gate in one.gates), rows)
    pictured = (input_.picture for row in one.rows for input_ in row.differing if input_.picture is not None)
    yield from _unknown("picture", pictured, one.pictures.keys())
    yield from (f"picture {key!r} is no PNG in base64" for key, data in one.pictures.items() if not PNG.fullmatch(data))
    yield from _confusions(one)


def _confusions(one: Comparison) -> Iterator[str]:
    for row in one.rows:
        for each in row.confusions:
            if [len(line) for line in each.counts] != [len(each.labels)] * len(each.labels):
                yield f"row {row.id!r}: the confusion of {each.stage} is not {len(each.labels)} by {len(each.labels)}"


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{what} {name!r} stands there twice"
        seen.add(name)


def _unknown(what: str, names: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    there = set(known)
    yield from (f"{what} {name!r} is named, but is not there" for name in names if name not in there)
