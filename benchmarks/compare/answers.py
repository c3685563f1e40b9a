"""What each row of a comparison answered to each input, for a later run to be paired with: in its file, and as arrays.

Version 1.0.0 wrote them beside the comparison, as `handset.answers/1`; such a file is still read.
"""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from benchmarks.formats.declared import Declared, Line, Sha256, about, read_file
from benchmarks.formats.errors import ComparisonError
from benchmarks.formats.job import MAX_COUNT

FORMAT = "handset.answers/1"
FILE = "answers.json"
REMEDY = "compare the run again"
STORED = np.dtype("<u2")
LABELS = 1 << 16

Labels = npt.NDArray[np.int64]
ListedLabels = Annotated[tuple[Annotated[int, Meta(ge=0, lt=LABELS)], ...], Meta(min_length=1)]


class PackedAnswers(Declared, frozen=True):
    """Label indices as zlib of little-endian uint16, one an input in their order; in JSON they are base64."""

    inputs_sha256: Sha256
    top: Annotated[bytes, about("what the last stage answered, minus the truth if known, modulo 65536")]
    truth: Annotated[Line | None, about("its key in `truths`; null where not all of it is known")]


class ListedAnswers(Declared, frozen=True):
    """The same as lists of numbers, as version 1.0.0 wrote them."""

    inputs_sha256: Sha256
    top: ListedLabels
    truth: ListedLabels | None


class AnswersFile(Declared, frozen=True, tag_field="format", tag=FORMAT):
    """`answers.json` of version 1.0.0."""

    rows: Mapping[Line, ListedAnswers]


@dataclass(frozen=True, slots=True)
class TopAnswers:
    """Each input's top-1 label index at the row's last stage, and the truth where all of it is known.

    ComparisonError where there is no input, or another number of truths than of answers.
    """

    inputs_sha256: str
    top: Labels
    truth: Labels | None

    def __post_init__(self) -> None:
        if not len(self.top) or (self.truth is not None and len(self.truth) != len(self.top)):
            truths = "no" if self.truth is None else len(self.truth)
            raise ComparisonError(f"{len(self.top)} answers with {truths} truths cannot be paired; {REMEDY}")

    @classmethod
    def unpack(cls, packed: PackedAnswers, truths: Mapping[str, bytes]) -> Self:
        """The arrays; ComparisonError where their bytes are damaged."""
        top, truth = _labels(packed.top), None if packed.truth is None else _labels(truths[packed.truth])
        if truth is not None and len(truth) == len(top):
            top = (top + truth) % LABELS
        return cls(packed.inputs_sha256, top, truth)


def pack(answers: Mapping[str, TopAnswers]) -> tuple[dict[str, PackedAnswers], dict[str, bytes]]:
    """As `comparison.json` holds them: the answers by row, which are mostly right, and each truth once."""
    packed, truths = {}, {}
    for row, one in answers.items():
        key, top = None, one.top
        if one.truth is not None:
            data, top = _packed(one.truth), (one.top - one.truth) % LABELS
            key = hashlib.sha256(data).hexdigest()[:16]
            truths[key] = data
        packed[row] = PackedAnswers(one.inputs_sha256, _packed(top), key)
    return packed, truths


def read_listed(path: Path) -> dict[str, TopAnswers]:
    """The answers in an `answers.json`, by row; ComparisonError, one line, where they cannot be read."""
    rows = read_file(path, AnswersFile, ComparisonError, REMEDY).rows
    return {name: _of_lists(one) for name, one in rows.items()}


def _of_lists(listed: ListedAnswers) -> TopAnswers:
    truth = None if listed.truth is None else np.array(listed.truth, np.int64)
    return TopAnswers(listed.inputs_sha256, np.array(listed.top, np.int64), truth)


def _packed(labels: Labels) -> bytes:
    return zlib.compress(labels.astype(STORED).tobytes(), 9)


def _labels(packed: bytes) -> Labels:
    try:
        stream = zlib.decompressobj()
        data = stream.decompress(packed, STORED.itemsize * MAX_COUNT)
        if not stream.eof:
            raise ValueError("they are cut, or too many")
        return np.frombuffer(data, STORED).astype(np.int64)
    except (zlib.error, ValueError) as error:
        raise ComparisonError(f"answers by input are damaged ({error}); {REMEDY}") from error
