"""comparison.json: what was written is read again, and whatever else it holds is an error of one line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.compare.accuracy import Answer, Arrow, Confusion, Differing, Stage
from benchmarks.compare.comparison import Cause, Change, ComparedPhone, Comparison, Gate, Layer, Model, Row
from benchmarks.compare.comparison_json import decode, encode, read, write
from benchmarks.compare.latency import Latency, Ratio, Round, Sustained
from benchmarks.formats.errors import ComparisonError
from tests.benchmarks.comparisons import comparison
from tests.benchmarks.formats.test_results_hostile import JSON

SMALL = comparison(models=1, phones=1, inputs=200, variants=("fp32", "int8"))


@pytest.mark.parametrize("virtual", [True, False])
@pytest.mark.parametrize("truth_known", [True, False])
def test_what_was_written_is_read_again(virtual: bool, truth_known: bool, tmp_path: Path) -> None:
    made = comparison(virtual=virtual, truth_known=truth_known, hostile=True)
    write(tmp_path / "comparison.json", made)
    assert read(tmp_path / "comparison.json") == made


def test_an_unknown_field_is_ignored_and_a_missing_one_refused() -> None:
    record = json.loads(encode(SMALL))
    assert decode(json.dumps({**record, "news": 1}).encode()) == SMALL
    del record["rows"][0]["flips"]
    with pytest.raises(ComparisonError, match=r"comparison.json: \$\.rows\[0\]\.flips is missing, not .*; run python"):
        decode(json.dumps(record).encode())


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("format", "handset.comparison/2", "format is 'handset.comparison/2'"),
        ("verdict", "MAYBE", "verdict is 'MAYBE', not one of PASS, FAIL, INCONCLUSIVE"),
        ("rows.0.threads", -1, r"rows\[0\]\.threads is -1, not an integer from 0"),
        ("rows.0.threads", 1.5, "not an integer"),
        ("rows.0.threads", True, "not an integer"),
        ("rows.0.stages.0.accuracy", 1.1, "not a number from 0 to 1"),
        ("rows.0.latency.p50_ms", 1e300, "not a number from 0 to"),
        ("rows.0.latency.p50_ms", "20", "not a number from 0 to"),
        ("rows.0.latency.interval_ms", {"low": 2, "high": 1}, "an interval from 2.0 to 1.0 is none"),
        ("rows.0.phone", "another", "phone 'another' is named, but is not there"),
        ("rows.1.id", SMALL.rows[0].id, "stands there twice"),
        ("ratios.0.against", "nothing", "row 'nothing' is named"),
        ("rows.0.confusions.0.counts", [[1]], "is not 10 by 10"),
        ("phones.0.title", "two\nlines", "not a line of 1 to 4096 characters"),
        ("pictures", {"a": "<svg>"}, r"pictures\['a'\] is '<svg>', not a PNG"),
    ],
)
def test_what_cannot_be_is_refused_by_name(path: str, value: object, said: str) -> None:
    record = json.loads(encode(SMALL))
    *way, last = path.split(".")
    place: Any = record
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = value
    with pytest.raises(ComparisonError, match=said) as caught:
        decode(json.dumps(record).encode())
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ComparisonError, match="cannot be opened, No such file or directory; run python -m benchmarks"):
        read(tmp_path / "comparison.json")


def test_every_field_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")
    section = page.partition("## `handset.comparison/1`")[2]
    kinds = (
        Comparison,
        ComparedPhone,
        Model,
        Row,
        Gate,
        Cause,
        Layer,
        Stage,
        Arrow,
        Differing,
        Confusion,
        Latency,
        Round,
    )
    names = {field for kind in (*kinds, Ratio, Sustained, Change, Answer) for field in kind.__struct_encode_fields__}
    documented = set(re.findall(r"`([a-z0-9_]+)(?:\[.*?)?`", section))
    assert names - documented == set()


@given(st.binary(max_size=300))
def test_any_bytes_are_an_error(data: bytes) -> None:
    with pytest.raises(ComparisonError):
        decode(data)


@given(st.data())
def test_any_json_in_any_place_is_one_line_of_error_or_a_comparison(data: st.DataObject) -> None:
    record = json.loads(encode(SMALL))
    place: Any = record
    while True:
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    try:
        read_again = decode(json.dumps(record).encode())
    except ComparisonError as error:
        assert "\n" not in str(error)
    else:
        assert decode(encode(read_again)) == read_again
