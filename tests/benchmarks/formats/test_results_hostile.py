"""Whatever a result file holds: an error, never a wrong number."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.formats.errors import ResultError
from benchmarks.formats.results import encode, read_result
from tests.benchmarks.sample_results import EVALUATION, OUTPUTS, TIMES, evaluation, saved


@given(share=st.floats(0, 1, exclude_max=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_result_that_was_cut_anywhere_is_an_error(tmp_path: Path, share: float) -> None:
    data = encode(evaluation(tmp_path)).rstrip()
    with pytest.raises(ResultError):
        read_result(saved(tmp_path, data[: int(len(data) * share)]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_in_any_place_is_an_error_or_changes_no_number(tmp_path: Path, data: st.DataObject) -> None:
    whole = evaluation(tmp_path)
    record = json.loads(encode(whole))
    place: Any = record
    key = data.draw(st.sampled_from(sorted(place)))
    while isinstance(place[key], dict) and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)))
    place[key] = data.draw(JSON)
    try:
        stored = read_result(saved(tmp_path, json.dumps(record).encode()), job=EVALUATION)
    except ResultError as error:
        assert "\n" not in str(error)
    else:
        assert stored.result.run is not None
        assert np.array_equal(stored.outputs(), OUTPUTS)
        assert np.array_equal(np.stack(stored.timings(), 1), TIMES)
        assert stored.result.job == EVALUATION


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ResultError):
        read_result(saved(tmp_path, data))
