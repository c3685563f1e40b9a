"""Files that version 1.0.0 wrote are read, with the values that they had."""

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from benchmarks.compare import baseline, comparison_json
from benchmarks.compare.answers import TopAnswers
from benchmarks.explain.explanation import Explanations
from benchmarks.formats import desktop_answers, inputs
from benchmarks.formats.declared import read_file
from benchmarks.formats.errors import ManifestError, RunError
from benchmarks.formats.job import decode_job
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.models_file import ModelsFile
from benchmarks.formats.result import ErrorKind
from benchmarks.formats.results import SUFFIX, decode, encode, read_result
from benchmarks.formats.run_folder import RunFolder
from benchmarks.runs.run_spec import fingerprint_of

GOLDEN = Path(__file__).parents[2] / "golden"
WRITTEN = GOLDEN / "formats" / "1.0.0"
RESULTS = sorted(WRITTEN.rglob(f"*{SUFFIX}"))
JOBS = [path for path in sorted(GOLDEN.glob("jobs/*/job.json")) if not path.parent.name.startswith("fails_job")]


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.name.removesuffix(SUFFIX))
def test_a_result_is_read_and_written_as_it_was(path: Path) -> None:
    stored = read_result(path)
    assert json.loads(encode(stored.result)) == with_fields_of_today(json.loads(path.read_bytes()))
    assert stored.result.not_in_front is None  # not known of an app that did not say it
    if stored.result.run is not None:
        answers = stored.probabilities()
        assert answers.dtype == np.float32
        assert np.allclose(answers.sum(axis=1), 1, atol=0.02)


def with_fields_of_today(result: Any) -> Any:
    """The record of a result with the fields that version 1.0.0 did not have; nothing is known of them."""
    states = {name: result[name] | {"in_front": None, "screen_on": None} for name in ("state_before", "state_after")}
    used = result["accelerator"] and result["accelerator"] | {"partitions": None}
    device = result["device"] | {"page_bytes": None}
    return result | states | {"device": device, "accelerator": used, "front_losses": None}


def test_why_a_job_failed_is_read() -> None:
    failed = [decode(path.read_bytes(), path.name) for path in RESULTS if path.name.startswith("fails_")]
    assert [one.error and one.error.kind for one in failed] == [ErrorKind.JOB_REFUSED, ErrorKind.INPUT_FAILED]


def test_a_manifest_is_read_and_written_as_it_was() -> None:
    whole = (WRITTEN / "manifest.json").read_bytes()
    read = read_file(WRITTEN / "manifest.json", ModelsFile, ManifestError, "export again")
    today = {"numerically_same": False, "inputs_to_decide": None, "notes": ()}
    assert known(without(msgspec.to_builtins(read), today)) == known(json.loads(whole))
    recipe = Manifest.read(WRITTEN).recipes["digits_cnn"]
    assert (recipe.input_count, recipe.image.channels, recipe.default_variant) == (10_000, 1, "dynamic")


def without(value: Any, today: dict[str, Any]) -> Any:
    """The same without the fields that version 1.0.0 did not have, each of which has the value that is given here."""
    if isinstance(value, dict):
        for name in value.keys() & today.keys():
            assert value[name] == today[name], name
        return {name: without(inner, today) for name, inner in value.items() if name not in today}
    return [without(inner, today) for inner in value] if isinstance(value, (list, tuple)) else value


def known(value: Any) -> Any:
    """The same without what is null: in a manifest, a tensor's scale was left out where there is none."""
    if isinstance(value, dict):
        return {name: known(inner) for name, inner in value.items() if inner is not None}
    return [known(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def test_a_run_is_read_and_written_as_it_was_and_goes_on_with_the_same_command() -> None:
    run = RunFolder.read(WRITTEN)
    written = json.loads((WRITTEN / "run.json").read_bytes())
    phones = {name: phone_of_today(phone) for name, phone in written["phones"].items()}
    models = [model | {"notes": []} for model in written["models"]]
    assert json.loads(msgspec.json.encode(run.record)) == written | {"packed": [], "phones": phones, "models": models}
    assert fingerprint_of(run.record) == run.record.fingerprint
    (phone,) = run.record.phones.values()
    assert (phone.title, phone.vitals and phone.vitals.temperature_c) == ("Virtual phone (virtual-1)", 29.0)


def phone_of_today(phone: Any) -> Any:
    """A phone's record with the fields that version 1.0.0 did not have; nothing is known of them."""
    unknown: dict[str, Any] = {
        "user": None,
        "awake": None,
        "savers": [],
        "page_bytes": None,
        "set_by_hand": [],
        "refused": [],
    }
    return phone | {"notes": [], "vitals": phone["vitals"] | unknown}


def test_inputs_are_read_and_written_as_they_were(tmp_path: Path) -> None:
    read = inputs.read(WRITTEN)
    assert (len(read.ids), read.truth[:3], read.labelled) == (10, (0, 1, 2), True)
    written = inputs.write(tmp_path, ((name, b"", label) for name, label in zip(read.ids, read.truth, strict=True)))
    assert (written.ids, written.truth) == (read.ids, read.truth)
    assert json.loads((tmp_path / "truth.json").read_bytes()) == json.loads((WRITTEN / "truth.json").read_bytes())


def test_the_desktop_s_answers_are_read() -> None:
    desktop = desktop_answers.read(WRITTEN, "tiny", "int8")
    assert desktop.tflite.shape == (6, 10)
    assert desktop.truth is not None
    assert (desktop.truth.tolist(), desktop.labels[:2], desktop.training) == (list(range(6)), ("zero", "one"), None)


def test_a_comparison_is_read_with_the_answers_beside_it() -> None:
    written = json.loads((WRITTEN / "comparison.json").read_bytes())
    again = json.loads(comparison_json.encode(comparison_json.read(WRITTEN / "comparison.json")))
    today: dict[str, Any] = {
        "numerically_same": False,
        "inputs_to_decide": None,
        "answers": {},
        "truths": {},
        "comparable": True,
        "notes": [],
        "partitions": None,
        "probed": None,
    }
    assert without(again, today) == written
    comparison = baseline.read(WRITTEN)
    answers = comparison.answers
    listed = json.loads((WRITTEN / "answers.json").read_bytes())["rows"]
    assert answers.keys() == listed.keys()
    for name, packed in answers.items():
        assert TopAnswers.unpack(packed, comparison.truths).top.tolist() == listed[name]["top"]


def test_an_explanation_is_read_and_written_as_it_was() -> None:
    read = read_file(WRITTEN / "explanation.json", Explanations, RunError, "run it again")
    again = json.loads(msgspec.json.encode(read))
    assert without(again, {"probed": None}) == json.loads((WRITTEN / "explanation.json").read_bytes())


@pytest.mark.parametrize("path", JOBS, ids=lambda path: path.parent.name)
def test_a_job_is_read_and_written_as_it_was(path: Path) -> None:
    job = decode_job(path.read_bytes())
    assert json.loads(job.encode()) == json.loads(path.read_bytes()) == msgspec.to_builtins(job)
