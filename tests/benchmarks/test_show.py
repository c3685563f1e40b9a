"""The plain table: three stages of accuracy, counts that add up, and no latency where it would not be a phone's."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.errors import ResultError, RunError
from benchmarks.formats import result_json
from benchmarks.formats.result import Blob
from benchmarks.formats.results import SUFFIX, read_result
from benchmarks.report.show import show
from benchmarks.report.summary import summarise
from benchmarks.runs.folder import RunFolder, find
from tests.benchmarks.conftest import Start
from tests.benchmarks.rig import start_with_app


@pytest.fixture
def build(start: Start, export: Path, tmp_path: Path) -> Path:
    """A build folder with one finished run of a virtual phone."""
    home = tmp_path / "build"
    shutil.copytree(export, home / "models")
    options = ["--tcp", start_with_app(start).address, "--rounds", "1", "--num-runs", "1", "--min-secs", "0", "--json"]
    assert main(["run", "--build", str(home), *options]) == 0
    return home


def as_a_phone(run: RunFolder, samples_ms: list[float]) -> None:
    """Have the run say that its phone was real, and that every inference took these times."""
    for path in (run.path / "Virtual_phone-virtual-1").glob(f"*latency*{SUFFIX}"):
        times = np.zeros((len(samples_ms), 3), "<i8")
        times[:, 2] = np.array(samples_ms) * 1e6
        result = read_result(path).result
        assert result.run is not None
        blob = path.with_name(result.run.timings.path)
        blob.write_bytes(times.tobytes())
        named = Blob(blob.name, hashlib.sha256(times.tobytes()).hexdigest(), times.nbytes)
        timed = replace(result.run, timings=named, samples=len(samples_ms))
        path.write_bytes(result_json.encode(replace(result, virtual=False, run=timed)))
    for path in (run.path / "Virtual_phone-virtual-1").glob(f"*{SUFFIX}"):
        path.write_bytes(result_json.encode(replace(read_result(path).result, virtual=False, peak_bytes=50_000_000)))
    run.tell("Virtual phone-virtual-1", virtual=False, title="Pixel (S1)")


def test_accuracy_has_three_stages_and_the_counts_add_up(build: Path) -> None:
    (phone,) = summarise(find(None, build / "results")).phones
    for row in phone.rows:
        assert (row.keras.agreement, row.keras.evaluated) == (1, 10)
        assert row.keras.accuracy is not None
        assert row.tflite.accuracy == row.tensors.accuracy == row.images.accuracy
        assert (row.tensors.evaluated, row.tensors.expected) == (row.images.evaluated, row.images.expected) == (10, 10)
        assert 0 <= (row.images.agreement or -1) <= 1


def test_a_virtual_phone_shows_no_times_and_says_so(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = summarise(find(None, build / "results"))
    assert all(row.latency is None and row.peak_bytes is None for phone in summary.phones for row in phone.rows)
    capsys.readouterr()
    assert main(["show", "--build", str(build)]) == 0
    said = capsys.readouterr().out
    assert "Virtual phone (virtual-1) · virtual" in said
    assert "its times and memory are this computer's, and are left out" in said
    assert "40 of 40 inputs evaluated" in said


def test_a_phones_times_are_shown_with_p99_only_from_300_samples(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = find(None, build / "results")
    as_a_phone(run, [1.0] * 259 + [5.0] * 40)
    latency = summarise(run).phones[0].rows[0].latency
    assert latency is not None
    assert (latency.samples, latency.p50_ms, latency.p90_ms, latency.p99_ms) == (299, 1.0, 5.0, None)
    show(summarise(run), as_json=False)
    assert "p99 needs 300 samples; run more --rounds" in capsys.readouterr().out
    as_a_phone(run, [1.0] * 260 + [5.0] * 40)
    latency = summarise(run).phones[0].rows[0].latency
    assert latency is not None
    assert latency.p99_ms == 5.0
    show(summarise(run), as_json=False)
    said = capsys.readouterr().out
    assert "50 MB" in said
    assert "virtual" not in said.partition("\n")[0]


def test_a_result_that_was_changed_is_refused(build: Path) -> None:
    run = find(None, build / "results")
    blob = next(run.path.glob("*/*.outputs.bin"))
    blob.write_bytes(bytes(len(blob.read_bytes())))
    with pytest.raises(ResultError, match="has another sha256"):
        summarise(run)


def test_an_unfinished_run_shows_what_there_is(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = find(None, build / "results")
    for path in run.path.glob("*/*-images-*"):
        path.unlink()
    run.tell("Virtual phone-virtual-1", complete=False, ended="phone S1 went away")
    run.finish(True)
    show(summarise(run), as_json=False)
    said = capsys.readouterr().out
    assert "20 of 40 inputs evaluated" in said
    assert "10/20" in said
    assert "failed: phone S1 went away" in said
    assert "not complete; the same command again finishes it" in said


def test_json_has_everything_that_the_table_has(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["show", "--build", str(build), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)["phones"][0]["rows"][0]
    assert set(row) == {"recipe", "variant", "keras", "tflite", "tensors", "images", "latency", "peak_bytes"}


def test_a_run_that_does_not_exist_names_those_that_do(build: Path, tmp_path: Path) -> None:
    (name,) = (path.name for path in (build / "results").iterdir())
    with pytest.raises(RunError, match=f"no run other below .*; there are: {name}"):
        find("other", build / "results")
    with pytest.raises(RunError, match="run make benchmark first"):
        find(None, tmp_path / "none")


def test_a_run_of_another_format_is_refused(build: Path) -> None:
    run = find(None, build / "results")
    (run.path / "run.json").write_text('{"format": "handset.run/9"}')
    with pytest.raises(RunError, match=r"has format 'handset\.run/9'; this kit reads 'handset\.run/1'"):
        find(run.id, build / "results")
