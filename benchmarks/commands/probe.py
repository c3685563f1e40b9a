"""Fetch the tensors of models from the phones that ran them, and compare them with this computer's, layer by layer."""

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.compare.accuracy import ArrowName
from benchmarks.console.places import Build
from benchmarks.console.terminal import Terminal
from benchmarks.explain.compared_row import ComparedRow
from benchmarks.explain.model_explorer import FILE as NODE_DATA
from benchmarks.explain.model_explorer import node_data
from benchmarks.explain.phone_layers import ProbedTensors, compare_with_phone
from benchmarks.formats.atomic import make_folder
from benchmarks.formats.declared import indented, write
from benchmarks.formats.errors import BenchmarkError, RunError
from benchmarks.formats.job import Accelerator
from benchmarks.formats.layers_file import Layers, probed_file
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from benchmarks.formats.results import SUFFIX, read_result
from benchmarks.formats.run_folder import folder_name
from benchmarks.phones.admission import Admission, locked
from benchmarks.runs.outcome import Settings
from benchmarks.runs.probe_plan import PlannedProbe, ProbeArchives, plan_probes
from benchmarks.runs.worker import Worker
from metadata.output import write_whole

INPUTS = 10
"""How many inputs' tensors are fetched: of those that the phone answers most otherwise."""
FOLDER = "probes"
GONE = "the export no longer holds this file or its inputs; run make benchmark again"


def probe(rows: Sequence[ComparedRow], phones: Sequence[Admission], build: Build, terminal: Terminal) -> list[str]:
    """Fetch each row's tensors from its phone, and write its layers into the run; a line for each that failed."""
    attached = {folder_name(phone.name): phone for phone in phones}
    problems = []
    for row in rows:
        try:
            layers = _layers_of(row, attached, build, terminal)
            path = probed_file(row.stored.folder, row.stored.model_name)
            make_folder(path.parent)
            write_whole(path, indented(write(layers, path.name, RunError, "run it again")))
            write_whole(path.with_name(f"{path.stem}.{NODE_DATA}"), node_data(layers))
        except BenchmarkError as problem:
            problems.append(f"{row.stored.model_name}: its layers are not known: {problem}")
    return problems


def _layers_of(row: ComparedRow, attached: dict[str, Admission], build: Build, terminal: Terminal) -> Layers:
    if row.recipe is None or row.variant is None:
        raise RunError(GONE)
    phone = attached.get(row.stored.folder.name)
    if phone is None:
        raise RunError(f"phone {row.stored.folder.name} is not attached; attach it")
    return _fetched(row, row.recipe, row.variant, phone, build, terminal)


def _fetched(
    row: ComparedRow,
    recipe: ExportedRecipe,
    variant: ExportedVariant,
    phone: Admission,
    build: Build,
    terminal: Terminal,
) -> Layers:
    """The row's layers. What a probe that was interrupted has fetched already is in the run's folder."""
    places, run, results = _most_different(row), row.stored.run.id, row.stored.folder / FOLDER / row.stored.model_name
    make_folder(build.archives)
    with tempfile.TemporaryDirectory(dir=build.archives) as folder:
        planned = plan_probes(variant, recipe.evaluation_set(None).at(places), Path(folder))
        _run_jobs(row, [job for part in planned for job in part], phone, results, terminal)
    parts = [
        [ProbedTensors(read_result(results / f"{job.job_id(run)}{SUFFIX}"), job.outputs) for job in part]
        for part in planned
    ]
    with terminal.stage(f"{variant.title}: layers on {len(places)} inputs", len(places)) as stage:
        layers = compare_with_phone(row, recipe, variant, places, parts, stage.advance)
    shutil.rmtree(results)
    with contextlib.suppress(OSError):  # another model's probes were interrupted
        results.parent.rmdir()
    return layers


def _run_jobs(
    row: ComparedRow, jobs: Sequence[PlannedProbe], phone: Admission, results: Path, terminal: Terminal
) -> None:
    """As the row was measured; RunError when the phone did not give all of them."""
    used = row.stored.context
    settings = Settings(threads=used.threads, accelerator=Accelerator(used.accelerator_asked))
    stop, bar = threading.Event(), terminal.bar(phone.title)
    with locked(phone.lock):
        worker = Worker(phone.phone, row.stored.run.id, results, ProbeArchives(), settings, stop, bar, phone.vitals)
        outcome = worker.work(jobs)
    problems = [*(failure.message for failure in outcome.failures), outcome.ended]
    if (problem := next(filter(None, problems), None)) is not None:
        raise RunError(problem)


def _most_different(row: ComparedRow) -> list[int]:
    """The inputs whose answers the phone's runtime changes most, the most different first."""
    change = next((one for one in row.changes if one.name is ArrowName.RUNTIME), None)
    if change is None:
        raise RunError("the phone has no answers on tensors; run make benchmark again")
    distances = np.nan_to_num(change.distances, nan=np.inf)
    return [int(at) for at in np.argsort(-distances, kind="stable")[:INPUTS]]
