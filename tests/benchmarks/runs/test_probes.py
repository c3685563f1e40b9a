"""Probes of a variant: planned in parts that a phone can return, carried out by a worker, and fetched only once."""

import threading
from pathlib import Path

import numpy as np
import pytest

from benchmarks.evaluation.all_tensors import ProbedModel
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.inputs import Inputs
from benchmarks.formats.job import is_id
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest
from benchmarks.formats.results import SUFFIX, read_result
from benchmarks.runs.outcome import PhoneOutcome
from benchmarks.runs.probe_plan import PlannedProbe, ProbeArchives, plan_probes
from benchmarks.runs.worker import Worker
from benchmarks.virtual_phone.daemon import VirtualPhone
from metadata.graph import read_graph
from metadata.preprocess import normalised
from metadata.probes import probed
from tests.benchmarks.conftest import Attach, Start
from tests.benchmarks.rig import QUICK, RUN, Told, left_on, start_with_app

Parts = tuple[tuple[PlannedProbe, ...], ...]


def exported(export: Path, name: str) -> tuple[ExportedRecipe, ExportedVariant, Inputs]:
    """A recipe of the tiny export, one of its variants, and its inputs in another order."""
    recipe = next(iter(Manifest.read(export).recipes.values()))
    inputs = recipe.evaluation_set(None)
    return recipe, recipe.variants[name], inputs.at(range(len(inputs.ids) - 1, -1, -1))


def fetch(
    virtual: VirtualPhone, attach: Attach, planned: Parts, results: Path, told: Told | None = None
) -> PhoneOutcome:
    jobs = [job for part in planned for job in part]
    worker = Worker(attach(virtual), RUN, results, ProbeArchives(), QUICK, threading.Event(), told or Told())
    return worker.work(jobs)


@pytest.mark.parametrize("name", ["fp32", "int8"])
def test_a_phone_gives_every_tensor_of_every_input(
    name: str, start: Start, attach: Attach, export: Path, tmp_path: Path
) -> None:
    recipe, variant, inputs = exported(export, name)
    virtual = start_with_app(start)
    planned = plan_probes(variant, inputs, tmp_path)
    outcome = fetch(virtual, attach, planned, tmp_path / "results")
    assert (outcome.ended, outcome.failures, outcome.left_behind) == (None, [], None)
    assert left_on(virtual) == []
    ((job,),) = planned
    here, model = ProbedModel(variant.file.path.read_bytes()), Classifier.of(variant.file.path.read_bytes())
    levels = np.concatenate(list(inputs.batches(recipe.image, 8)))
    values = read_result(tmp_path / "results" / f"{job.job_id(RUN)}{SUFFIX}").values()
    for given, one in zip(values, normalised(levels, recipe.image, model.quantization), strict=True):
        expected = here.run(one[None])
        assert all(np.array_equal(value, expected[index]) for index, value in zip(job.outputs, given, strict=True))


def test_parts_have_every_input_and_every_tensor_once(export: Path, tmp_path: Path) -> None:
    _, variant, inputs = exported(export, "fp32")
    graph = read_graph(variant.file.path.read_bytes())
    tensors = probed(graph).tensors
    whole_bytes = sum(graph.size_bytes(index) for index in tensors)
    for limit_bytes in (whole_bytes // 3, 2 * whole_bytes + 100):
        folder = tmp_path / str(limit_bytes)
        folder.mkdir()
        planned = plan_probes(variant, inputs, folder, limit_bytes)
        assert sum(part[0].archive.count for part in planned) == len(inputs.ids)
        for part in planned:
            seen = [index for job in part for index in job.outputs if index not in graph.outputs]
            assert seen == [index for index in tensors if index not in graph.outputs]
        assert len(planned[0]) > 1 or planned[0][0].archive.count == 2
        jobs = [job for part in planned for job in part]
        ids = [job.job_id(RUN) for job in jobs]
        assert len(set(ids)) == len(jobs)
        assert all(map(is_id, ids))
        assert [job.title.rsplit(", ", 1)[1] for job in jobs[:2]] == [f"part {n} of {len(jobs)}" for n in (1, 2)]


def test_what_was_fetched_is_not_fetched_again_and_other_inputs_are(
    start: Start, attach: Attach, export: Path, tmp_path: Path
) -> None:
    _, variant, inputs = exported(export, "fp32")
    virtual = start_with_app(start)
    for number, (some, jobs) in enumerate(((inputs, 1), (inputs, 0), (inputs.first(2), 1))):
        told, folder = Told(), tmp_path / str(number)
        folder.mkdir()
        outcome = fetch(virtual, attach, plan_probes(variant, some, folder), tmp_path / "results", told)
        assert (outcome.is_complete, len(told.jobs)) == (True, jobs)
