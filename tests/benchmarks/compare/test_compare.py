"""From the raw results of a run to a comparison: what each stage answered, and no times of a virtual phone."""

import json
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.__main__ import main
from benchmarks.compare.accuracy import ArrowName, StageName
from benchmarks.compare.compare import compare
from benchmarks.compare.comparison import Comparison
from benchmarks.compare.comparison_json import decode, read
from benchmarks.console.places import Build
from benchmarks.evaluation.stats import Interval
from benchmarks.formats.job import Accelerator
from benchmarks.formats.manifest import Reference
from benchmarks.formats.result import Acceleration
from benchmarks.formats.run_folder import RunFolder
from benchmarks.runners.desktop.machine import device
from metadata.finding import warning
from tests.benchmarks.conftest import Start
from tests.benchmarks.runs_made import answer, build_with_run, change, edit_models, last, results


def compared(finished: Path, *runs: RunFolder) -> Comparison:
    return compare(runs or [last(finished)], Build(finished))


def shift_answers(run: RunFolder, part: str) -> None:
    """Change the results so that each answer is the next label."""
    for stored in results(run, part):
        answer(stored, np.roll(stored.outputs(), 1, axis=1))


def test_every_stage_has_its_accuracy_and_every_arrow_its_cost(finished: Path) -> None:
    comparison = compared(finished)
    assert (comparison.complete, len(comparison.rows), len(comparison.models)) == (True, 2, 2)
    for row in comparison.rows:
        assert [stage.name for stage in row.stages] == list(StageName)
        assert all((stage.evaluated, stage.expected) == (10, 10) for stage in row.stages)
        assert row.stages[0].agreement == 1
        accuracies = {stage.accuracy for stage in row.stages[1:]}
        assert len(accuracies) == 1
        assert None not in accuracies
        assert [arrow.name for arrow in row.arrows] == ["conversion", "runtime", "preprocessing", "whole"]
        assert all(arrow.inputs == 10 and (arrow.kl_divergence or 0) >= 0 for arrow in row.arrows)
        assert (row.complete, row.runner, row.accelerator_obtained, row.threads) == (True, "desktop", "cpu", 4)


def test_a_virtual_phone_has_no_times_and_says_so(finished: Path) -> None:
    for row in compared(finished).rows:
        assert (row.latency, row.peak_bytes) == (None, None)
        assert "a virtual phone: its times and memory are this computer's, and are left out" in row.remarks


def test_flipped_answers_are_listed_on_the_arrow_that_flipped_them_with_their_pictures(finished: Path) -> None:
    shift_answers(last(finished), "tiny-int8-images")
    comparison = compared(finished)
    row = next(row for row in comparison.rows if row.model == "tiny_int8")
    whole = next(arrow for arrow in row.arrows if arrow.name is ArrowName.WHOLE)
    assert row.flips == len(row.differing) == round(10 * (1 - whole.agreement)) > 0
    for differing in row.differing:
        assert differing.arrow is ArrowName.PREPROCESSING
        assert differing.before.label != differing.after.label
        assert differing.input.endswith((".raw", ".png"))
        assert differing.picture in comparison.pictures
    divergences = [differing.divergence for differing in row.differing]
    assert divergences == sorted(divergences, reverse=True)
    assert {len(line) for confusion in row.confusions for line in confusion.counts} == {10}
    assert all(sum(map(sum, confusion.counts)) + confusion.others == 10 for confusion in row.confusions)


@pytest.mark.parametrize("name", ["inputs.zip", "truth.json"])
def test_an_export_that_is_damaged_costs_the_pictures_and_nothing_else(finished: Path, name: str) -> None:
    shift_answers(last(finished), "tiny-int8-images")
    whole = compared(finished)
    (finished / "models" / ".tiny-1" / "reference" / name).write_bytes(b"")
    damaged = compared(finished)
    assert (whole.pictures == {}, damaged.pictures) == (False, {})
    assert [row.flips for row in damaged.rows] == [row.flips for row in whole.rows]


def test_a_flip_before_the_phone_is_the_conversions(finished: Path) -> None:
    path = last(finished).path / "references" / "tiny-keras.npy"
    np.save(path, np.roll(np.load(path), 1, axis=1))
    row = compared(finished).rows[0]
    assert row.flips > 0
    assert {differing.arrow for differing in row.differing} == {ArrowName.CONVERSION}


def test_results_of_another_processor_are_another_row(finished: Path) -> None:
    for stored in results(last(finished), "tiny-int8-images"):
        change(stored, lambda result: replace(result, device=replace(result.device, abi="riscv64")))
    rows = [row for row in compared(finished).rows if row.model == "tiny_int8"]
    assert {row.abi for row in rows} == {"riscv64", device().abi}


def test_results_of_another_accelerator_are_another_row(finished: Path) -> None:
    got = Acceleration(Accelerator.GPU, Accelerator.CPU, None, None, "no delegate on this device")
    for stored in results(last(finished), "tiny-int8-images"):
        assert stored.result.job is not None
        job = replace(stored.result.job, accelerator=Accelerator.GPU)
        change(stored, lambda result, job=job: replace(result, accelerator=got, job=job))  # type: ignore[misc]
    rows = [row for row in compared(finished).rows if row.model == "tiny_int8"]
    assert [row.complete for row in rows] == [False, False]
    assert len({row.id for row in rows}) == 2
    assert any("gpu was asked for, cpu obtained: no delegate on this device" in row.remarks for row in rows)
    assert any("no result on tensors" in row.remarks for row in rows)


def test_no_serial_number_is_in_what_is_shared(finished: Path) -> None:
    run = last(finished)
    serial = run.record.phones["Virtual_phone-virtual-1"].serial
    note = warning("OTHER-USER", f"user 10 of {serial} is in front", "switch to the owner")
    run.update_phone("Virtual phone-virtual-1", ended=f"phone {serial} (virtual-1) went away", notes=(note,))
    assert main(["compare", "--build", str(finished)]) == 0
    written = (run.path / "comparison.json").read_text()
    assert "virtual-1" not in written
    assert serial not in written
    (phone,) = read(run.path / "comparison.json").phones
    assert phone.failures == (f"phone {phone.serial_hash[:6]} ({phone.serial_hash[:6]}) went away",)
    assert phone.notes == (f"OTHER-USER: user 10 of {phone.serial_hash[:6]} is in front",)


def test_a_run_of_before_names_inputs_by_their_numbers(finished: Path) -> None:
    run = last(finished)
    (run.path / "references" / "tiny-inputs.json").unlink()
    shift_answers(run, "tiny-int8-images")
    row = next(row for row in compared(finished).rows if row.model == "tiny_int8")
    assert all(differing.input.isdecimal() and differing.after.label.isdecimal() for differing in row.differing)


def test_an_unfinished_run_shows_what_there_is(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = last(finished)
    for path in run.path.glob("*/*-images-*"):
        path.unlink()
    run.update_phone("Virtual phone-virtual-1", complete=False, ended="phone S1 went away")
    run.finish(True)
    capsys.readouterr()
    assert main(["compare", "--build", str(finished)]) == 2
    said = capsys.readouterr().out
    assert "20 of 40 inputs evaluated" in said
    assert "10/20" in said
    assert "failed: phone S1 went away" in said
    assert "INCONCLUSIVE, not complete; the same command again finishes it" in said
    assert "agreement with Keras was not measured" in said


def test_json_is_the_file_that_was_written(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["compare", "--build", str(finished), "--json"]) == 0
    printed = decode(capsys.readouterr().out.encode())
    assert printed == read(last(finished).path / "comparison.json")
    assert printed.rows[0].stages[0].name is StageName.KERAS


def test_several_runs_stand_side_by_side(start: Start, export: Path, finished: Path) -> None:
    first = last(finished)
    second = build_with_run(start, export, finished.parent, "--limit", "4")
    runs = (first.id, last(second).id)
    assert main(["compare", "--together", *runs, "--build", str(finished)]) == 0
    comparison = read(last(finished).path.with_name(f"{runs[1]}-together") / "comparison.json")
    assert comparison.runs == runs
    assert len({row.id for row in comparison.rows}) == 4
    assert [row.stages[3].evaluated for row in comparison.rows] == [10, 10, 4, 4]


def test_of_a_ready_file_the_desktops_tflite_stands_for_keras(finished: Path) -> None:
    run = last(finished)
    edit_models(run, reference=Reference.TFLITE)
    shift_answers(last(finished), "tiny-int8-images")
    fp32, int8 = compared(finished).rows
    assert (fp32.stages[0].evaluated, fp32.stages[0].expected, fp32.complete) == (0, 0, True)
    assert [arrow.name for arrow in fp32.arrows] == ["runtime", "preprocessing", "whole"]
    assert (fp32.stages[1].agreement, fp32.flips, int8.flips) == (1, 0, 10)
    assert [confusion.stage for confusion in fp32.confusions] == [StageName.TFLITE, StageName.IMAGES]
    assert not any(line.startswith("no result") for line in fp32.remarks)


TRAINED = {
    "preprocessing": "tf_bilinear",
    "inputs": 10,
    "training_accuracy": 0.9,
    "accuracy": 0.8,
    "delta_points": -10.0,
    "delta_interval": [-20.0, 1.5],
    "agreement": 0.9,
    "agreement_interval": [0.6, 0.98],
    "max_probability_difference": 0.3,
}


def set_training(run: RunFolder, record: dict[str, object]) -> None:
    path = run.path / "references" / "tiny-inputs.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "trained_with": record}))


def test_what_the_trainings_preprocessing_cost_is_the_first_arrow(finished: Path) -> None:
    set_training(last(finished), TRAINED)
    for row in compared(finished).rows:
        arrow = row.arrows[0]
        assert (arrow.name, arrow.inputs, arrow.delta_points) == (ArrowName.TRAINING, 10, -10.0)
        assert arrow.delta_interval == Interval(-20.0, 1.5)
        assert (arrow.lost, arrow.kl_divergence) == (None, None)
        assert row.arrows[-1].name is ArrowName.WHOLE


def test_only_columns_that_are_shown_are_explained(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--build", str(finished)]) in (0, 1)
    said = capsys.readouterr().out
    assert "kernels: the largest difference" in said
    assert "verdict: of the gates" in said
    assert "p50" not in said, "a virtual phone has no times"
    assert "memory: of the app" not in said
