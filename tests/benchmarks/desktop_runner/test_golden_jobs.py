"""The golden jobs, read as the JVM tests read them, and run by the desktop runner."""

import json
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.formats.job import JOB_FILE, Accelerator, Mode, read_job
from benchmarks.formats.probe_result import GivenTensor
from benchmarks.formats.results import StoredResult
from metadata import reader
from tests.benchmarks.runner_jobs import golden_values, tensors_off
from tests.golden.jobs.__main__ import FOLDER, FORMAT, MODELS, result_of
from tests.golden.preprocess import port

README = (FOLDER / "README.md").read_text("utf-8")
CASES = sorted(path.parent for path in FOLDER.glob(f"*/{JOB_FILE}"))
EXPECTED: dict[Path, dict[str, Any]] = {
    folder: json.loads((folder / "expected.json").read_text("utf-8")) for folder in CASES
}
OK = [folder for folder in CASES if EXPECTED[folder]["status"] == "ok"]
PROBES = [folder for folder in OK if "tensors" in EXPECTED[folder]]
GOOD = [folder for folder in OK if folder not in PROBES]
BAD = [folder for folder in CASES if EXPECTED[folder]["status"] == "failed"]
LEVEL = 2 / 255
"""One of 255 levels in [-1, 1]."""

every_good_case = pytest.mark.parametrize("folder", GOOD, ids=lambda folder: folder.name)
every_bad_case = pytest.mark.parametrize("folder", BAD, ids=lambda folder: folder.name)


def golden(folder: Path, name: str, tensor: dict[str, Any]) -> npt.NDArray[Any]:
    little = np.dtype(tensor["dtype"]).newbyteorder("<")
    return np.fromfile(folder / name, little).reshape(tensor["shape"])


def furthest(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float:
    assert one.shape == other.shape
    assert one.dtype == other.dtype
    return float(np.abs(one.astype(np.float64) - other.astype(np.float64)).max())


@every_good_case
def test_the_desktop_runner_gives_the_golden_outputs(folder: Path, tmp_path: Path) -> None:
    expected, result = EXPECTED[folder], result_of(folder, tmp_path)
    assert furthest(result.outputs(), golden(folder, "expected.bin", expected["output"])) <= expected["tolerance"]
    fed = result.fed()
    assert (fed is None) == (expected["fed"] is None)
    if fed is not None:
        wanted = golden(folder, "expected_fed.bin", expected["fed"])
        assert furthest(fed, wanted) <= expected["fed_levels"] * LEVEL
    check_counts(result)


@pytest.mark.parametrize("folder", PROBES, ids=lambda folder: folder.name)
def test_the_desktop_runner_gives_the_golden_tensors_of_a_probe(folder: Path, tmp_path: Path) -> None:
    expected, result = EXPECTED[folder], result_of(folder, tmp_path)
    assert result.probe.tensors == msgspec.convert(expected["tensors"], tuple[GivenTensor, ...])
    wanted = golden_values(folder, result.probe.tensors)
    assert len(wanted) == result.probe.inputs == result.probe.job.inputs.count
    assert tensors_off(result.values(), wanted) <= expected["tolerance"]


def check_counts(stored: StoredResult) -> None:
    run, job = stored.run, stored.run.job
    assert (run.model_sha256, run.inputs_sha256) == (job.model.sha256, job.inputs.sha256)
    if job.mode is Mode.EVALUATE:
        assert (run.inputs, run.samples, run.warmup_ns) == (job.inputs.count, job.inputs.count, ())
    else:
        assert run.inputs == 1
        assert (run.samples, len(run.warmup_ns)) == (job.schedule.num_runs, job.schedule.warmup_runs)
    timings = stored.timings()
    assert (timings.invoke_ns > 0).all()
    assert run.virtual


@every_bad_case
def test_the_desktop_runner_refuses_for_the_golden_reason(folder: Path, tmp_path: Path) -> None:
    result = result_of(folder, tmp_path).result
    assert result.files == ()
    assert result.error is not None
    assert str(result.error.kind) == EXPECTED[folder]["error_kind"]
    assert [path.name for path in tmp_path.iterdir()] == [f"{folder.name}.result.json"]


@pytest.mark.parametrize("folder", [FOLDER / "images_fp32", FOLDER / "images_int8"], ids=lambda folder: folder.name)
def test_the_fed_tensors_are_those_of_the_page_carried_out_literally(folder: Path) -> None:
    """The same bytes by the port, which shares nothing with the package, from the pixels beside each picture."""
    job, expected = read_job(folder), EXPECTED[folder]
    model = reader.read(folder / job.model.path)
    assert model.image is not None
    tensor, quantization = model.file.inputs[0], None
    if tensor.quantization is not None:
        scale, zero_point = tensor.quantization.scales[0], tensor.quantization.zero_points[0]
        quantization = {"scale": scale, "zero_point": zero_point, "dtype": str(tensor.dtype)}
    pictures = FOLDER.parent / "preprocess"
    cases = json.loads((pictures / "cases.json").read_text("utf-8"))["cases"]
    by_name = {Path(case["picture"]).name: case for case in cases if case["picture"]}
    with zipfile.ZipFile(folder / "inputs.zip") as archive:
        names = archive.namelist()
    for name, fed in zip(names, golden(folder, "expected_fed.bin", expected["fed"]), strict=True):
        case = by_name[name]
        stored = np.frombuffer((pictures / case["pixels"]).read_bytes(), np.uint8).astype(np.int64)
        levels = port.turned(port.on_white(stored.reshape(case["height"], case["width"], 4)), case["orientation"])
        assert port.model_input(levels, model.image.to_json(), quantization) == fed.tobytes()


def test_what_was_obtained_is_said_when_another_accelerator_was_asked(tmp_path: Path) -> None:
    accelerator = result_of(FOLDER / "gpu_asked", tmp_path).result.accelerator
    assert accelerator is not None
    assert (accelerator.asked, accelerator.obtained) == (Accelerator.GPU, Accelerator.CPU)
    assert accelerator.delegated_nodes == 0
    assert accelerator.reason == "this machine's interpreter has no gpu delegate"


def test_every_error_kind_that_a_job_can_cause_has_a_golden_case() -> None:
    kinds = {EXPECTED[folder]["error_kind"] for folder in BAD}
    assert kinds == {"job-refused", "model-refused", "inputs-refused", "input-failed"}


def test_the_models_and_the_folder_stay_small() -> None:
    assert max(path.stat().st_size for path in MODELS.iterdir()) <= 50_000
    files = [path for folder in (FOLDER, MODELS) for path in folder.rglob("*") if "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files if path.is_file()) < 1_000_000
    assert len(GOOD) >= 10


def test_the_page_names_every_field_of_every_expectation() -> None:
    assert {field for expected in EXPECTED.values() for field in expected} == {
        *("format", "about", "status", "error_kind", "output", "tensors", "tolerance", "fed", "fed_levels")
    }
    assert all(f"| `{field}` |" in README for expected in EXPECTED.values() for field in expected)
    assert {expected["format"] for expected in EXPECTED.values()} == {FORMAT}
