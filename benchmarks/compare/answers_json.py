"""`answers.json` beside a comparison: what each row answered to each input, for a later run to be paired with."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.compare.compare import TopAnswers
from benchmarks.formats.atomic import atomic_write
from benchmarks.formats.errors import ComparisonError
from benchmarks.formats.fields import Fields

FORMAT = "handset.answers/1"
FILE = "answers.json"
LARGEST_BYTES = 256 << 20
MOST_LABELS = 1 << 16
REMEDY = "compare the run again"


def write(path: Path, answers: Mapping[str, TopAnswers]) -> None:
    """Put `answers`, by row, at `path`, whole or not at all."""
    rows = {
        name: {
            "inputs_sha256": one.inputs_sha256,
            "top": one.top.tolist(),
            "truth": None if one.truth is None else one.truth.tolist(),
        }
        for name, one in answers.items()
    }
    with atomic_write(path) as file:
        file.write((json.dumps({"format": FORMAT, "rows": rows}, separators=(",", ":")) + "\n").encode())


def read(path: Path) -> Mapping[str, TopAnswers]:
    """The answers at `path`, by row; ComparisonError, one line, for anything that `write` did not leave there."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ComparisonError(f"{path} cannot be read, {error.strerror}; {REMEDY}") from error
    if len(data) > LARGEST_BYTES:
        raise ComparisonError(f"{path} has more than {LARGEST_BYTES} bytes; {REMEDY}")
    fields = Fields.parse(data, path.name, ComparisonError, REMEDY)
    fields.format(FORMAT)
    rows = fields.child("rows")
    return {name: _row(rows.child(name)) for name in rows.record}


def _row(fields: Fields) -> TopAnswers:
    top, truth = _labels(fields, "top"), fields.optional("truth", lambda name: _labels(fields, name))
    if truth is not None and len(truth) != len(top):
        fields.refuse("truth", f"as long as top, {len(top)}")
    return TopAnswers(fields.sha256("inputs_sha256"), top, truth)


def _labels(fields: Fields, name: str) -> npt.NDArray[np.int64]:
    values = fields.record.get(name)
    if (
        not isinstance(values, list)
        or not values
        or not all(type(one) is int and 0 <= one < MOST_LABELS for one in values)
    ):
        fields.refuse(name, "a list of label indices")
    return np.array(values, np.int64)
