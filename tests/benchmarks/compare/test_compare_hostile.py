"""Damaged results, references and runs are an error of one line, never a number."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from benchmarks.formats.errors import ResultError, RunError
from benchmarks.formats.run_folder import find
from tests.benchmarks.compare.test_compare import TRAINED, compared, set_training
from tests.benchmarks.runs_made import answer, last, results


def test_a_result_that_was_changed_is_refused(finished: Path) -> None:
    blob = next(last(finished).path.glob("*/*.outputs.bin"))
    blob.write_bytes(bytes(len(blob.read_bytes())))
    with pytest.raises(ResultError, match="has another sha256"):
        compared(finished)


@pytest.mark.parametrize("value", [-1.0, 7.0])
def test_outputs_that_are_no_probabilities_are_refused(finished: Path, value: float) -> None:
    (stored,) = results(last(finished), "tiny-fp32-images")
    outputs = stored.outputs().copy()
    outputs[0, 0] = value
    answer(stored, outputs)
    with pytest.raises(ResultError, match="its outputs are not 10 × 10 probabilities; run the job again"):
        compared(finished)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_answer_that_is_no_number_says_nothing_and_the_row_says_so(finished: Path, value: float) -> None:
    """Half precision overflows on some phones: a measured fact of this model there, not a damaged file."""
    (stored,) = results(last(finished), "tiny-fp32-images")
    outputs = stored.outputs().copy()
    outputs[[0, 3], 1] = value
    answer(stored, outputs)
    row = next(row for row in compared(finished).rows if row.model == "tiny_fp32")
    assert "2 of 10 answers on images are NaN or infinite, and count as no answer" in row.remarks
    assert [stage.evaluated for stage in row.stages] == [10] * 4
    (step,) = (arrow for arrow in row.arrows if arrow.name == "preprocessing")
    assert step.max_difference > 0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tiny-truth.json", b"[1, 2]"),
        ("tiny-truth.json", b"{"),
        ("tiny-truth.json", b"[0,1,2,3,4,5,6,7,8,99]"),
        ("tiny-keras.npy", b"\x93NUMPY"),
        ("tiny-inputs.json", b'{"ids": 3}'),
        ("tiny-inputs.json", b"[]"),
    ],
)
def test_references_that_do_not_fit_are_one_line(finished: Path, name: str, data: bytes) -> None:
    (last(finished).path / "references" / name).write_bytes(data)
    with pytest.raises(
        RunError, match=r"(of tiny cannot be read|\.json:|\.json is not JSON) .*; run it again$"
    ) as caught:
        compared(finished)
    assert "\n" not in str(caught.value)


def test_a_run_that_does_not_exist_names_those_that_do(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=f"no run other below .*; there are: {last(finished).id}"):
        find("other", finished / "results")
    with pytest.raises(RunError, match="run make benchmark first"):
        find(None, tmp_path / "none")


def test_a_run_of_another_format_is_refused(finished: Path) -> None:
    run = last(finished)
    (run.path / "run.json").write_text(json.dumps({"format": "handset.run/9"}))
    with pytest.raises(RunError, match=r"format is 'handset\.run/9', not 'handset\.run/1'"):
        find(run.id, finished / "results")


@pytest.mark.parametrize(
    "wrong",
    [{"threads": "four"}, {"rounds": -1}, {"models": {}}, {"models": [3]}, {"models": [{}]}, {"phones": []},
     {"phones": {"a": 1}}, {"accelerator": None}, {"sustain_s": "long"}],
)  # fmt: skip
def test_a_run_that_cannot_be_is_one_line(finished: Path, wrong: dict[str, object]) -> None:
    run = last(finished)
    (run.path / "run.json").write_text(json.dumps(msgspec.to_builtins(run.record) | wrong))
    with pytest.raises(RunError, match=r"run\.json: .*; choose another run") as caught:
        find(run.id, finished / "results")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong", [{"agreement": 2}, {"delta_interval": [1, -1]}, {"agreement_interval": [0.1]}, {"inputs": "ten"}]
)
def test_a_training_that_cannot_be_is_refused(finished: Path, wrong: dict[str, object]) -> None:
    set_training(last(finished), TRAINED | wrong)
    with pytest.raises(RunError, match="run it again"):
        compared(finished)
