"""A probe on the desktop runner: all tensors of a model for every input, as the interpreter itself gives them."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.evaluation.all_tensors import ProbedModel
from benchmarks.formats.archive import ArchiveReader
from benchmarks.formats.errors import ResultError
from benchmarks.formats.job import Accelerator, Job, ProbeJob, read_job
from benchmarks.formats.probe_result import GivenTensor, OkProbe
from benchmarks.formats.result import ErrorKind
from benchmarks.formats.results import StoredResult, encode, read_result
from benchmarks.runners.desktop.runner import run
from metadata.graph import read_graph
from metadata.probes import MAX_BYTES, probed, with_outputs
from tests.benchmarks.runner_jobs import finished, written
from tests.golden.jobs.__main__ import FOLDER
from tests.golden.jobs.cases import stored as zipped

GOLDEN = ("tensors_fp32", "tensors_fp16", "tensors_dynamic", "tensors_int8", "tensors_digits_int8")
MANY = 5000
Change = Callable[[OkProbe], OkProbe]


def golden_job(name: str) -> tuple[Job, bytes, Path]:
    """A golden job of tensors, its model, and its archive."""
    job = read_job(FOLDER / name)
    assert isinstance(job, Job)
    places = [FOLDER / name / path for path in (job.model.path, job.inputs.path)]
    return job, places[0].read_bytes(), places[1]


def probe_folder(folder: Path, name: str = "tensors_fp32") -> tuple[Path, ProbeJob]:
    """A folder with a probe of the golden job's model: its job, the copy of the model and the archive."""
    golden, model, archive = golden_job(name)
    copy, _ = with_outputs(model, probed(read_graph(model)).tensors)
    folder.mkdir()
    (folder / "model.tflite").write_bytes(copy)
    (folder / "inputs.zip").write_bytes(archive.read_bytes())
    job = ProbeJob(
        id="probe-1",
        model=replace(golden.model, path="model.tflite", sha256=hashlib.sha256(copy).hexdigest(), size_bytes=len(copy)),
        inputs=replace(golden.inputs, path="inputs.zip"),
        threads=1,
        accelerator=Accelerator.CPU,
        xnnpack=True,
    )
    return written(folder, job), job


def result_of(folder: Path, out: Path) -> StoredResult:
    return finished(run(folder, out))


@pytest.mark.parametrize("name", GOLDEN)
def test_a_probe_gives_every_tensor_of_every_input(name: str, tmp_path: Path) -> None:
    folder, job = probe_folder(tmp_path / "job", name)
    stored = result_of(folder, tmp_path / "out")
    golden, model, archive = golden_job(name)
    here = ProbedModel(model)
    outputs = tuple(dict.fromkeys((*here.graph.outputs, *probed(here.graph).tensors)))
    assert [tensor.name for tensor in stored.probe.tensors] == [here.graph.tensors[index].name for index in outputs]
    given = list(stored.values())
    assert len(given) == job.inputs.count > 1
    with archive.open("rb") as file:
        for values, (_, data) in zip(given, ArchiveReader(file, golden.inputs.count), strict=True):
            sized = here.graph.tensors[here.graph.inputs[0]]
            expected = here.run(np.frombuffer(data, str(sized.dtype)).reshape(sized.shape))
            for index, value in zip(outputs, values, strict=True):
                assert value.dtype == expected[index].dtype
                assert np.array_equal(value, expected[index])


def test_a_probe_on_another_model_than_its_job_names_fails_with_a_result_of_its_own_kind(tmp_path: Path) -> None:
    folder, _ = probe_folder(tmp_path / "job")
    data = bytearray((folder / "model.tflite").read_bytes())
    data[-1] ^= 1
    (folder / "model.tflite").write_bytes(data)
    stored = result_of(folder, tmp_path / "out")
    assert stored.result.error is not None
    assert stored.result.error.kind is ErrorKind.MODEL_REFUSED
    assert isinstance(stored.result.job, ProbeJob)
    with pytest.raises(ResultError, match="model-refused"):
        list(stored.values())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["probe-1.result.json"]


def test_a_flattened_tensor_may_be_as_long_as_a_probe_allows() -> None:
    told = {"name": "flatten", "dtype": "float32", "shape": [1, 112 * 112 * 32], "scale": None, "zero_point": None}
    assert msgspec.convert(told, GivenTensor).size_bytes == 4 * 112 * 112 * 32
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(told | {"shape": [1, MAX_BYTES + 1]}, GivenTensor)


WRONG: dict[str, tuple[Change, str]] = {
    "inputs": (lambda ok: replace(ok, inputs=ok.inputs + 1), "inputs, its job"),
    "tensors": (lambda ok: replace(ok, tensors=ok.tensors[1:]), "bytes, its counts need"),
    "model": (lambda ok: replace(ok, model_sha256="0" * 64), "it ran another model"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_result_whose_sizes_do_not_fit_is_refused(name: str, tmp_path: Path) -> None:
    change, words = WRONG[name]
    folder, _ = probe_folder(tmp_path / "job")
    stored = result_of(folder, tmp_path / "out")
    stored.path.write_bytes(encode(change(stored.probe)))
    with pytest.raises(ResultError, match=words):
        read_result(stored.path)


def test_a_cancelled_probe_leaves_nothing(tmp_path: Path) -> None:
    """It has many inputs, so that it is not done before it is cancelled."""
    folder, job = probe_folder(tmp_path / "job", "tensors_digits_int8")
    data = zipped({f"{number}.tensor": bytes(28 * 28) for number in range(MANY)})
    (folder / "inputs.zip").write_bytes(data)
    inputs = replace(job.inputs, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data), count=MANY)
    written(folder, replace(job, inputs=inputs))
    work = run(folder, tmp_path / "out")
    next(work)
    work.close()
    assert [path.name for path in (tmp_path / "out").glob("*") if path.suffix != ".json"] == []
