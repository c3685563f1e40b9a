"""The same pictures on a phone: as tensors that this computer prepared, and as the pictures themselves."""

import secrets
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.classify.packed import PackedClassifier
from benchmarks.classify.stages import PICTURES, TENSORS, StageAnswer
from benchmarks.evaluation.picture_files import is_picture
from benchmarks.formats import inputs
from benchmarks.formats.errors import RunError
from benchmarks.formats.job import InputKind, Mode
from benchmarks.formats.manifest import ExportedRecipe, NamedFile
from benchmarks.formats.results import SUFFIX, read_result
from benchmarks.phones.admission import Admission, locked
from benchmarks.runs.input_archives import InputArchives
from benchmarks.runs.outcome import PhoneProgress, Settings
from benchmarks.runs.plan import PlannedJob
from benchmarks.runs.worker import Worker
from metadata.hashes import sha256_of


def on_phone(
    files: Sequence[Path], classifier: PackedClassifier, phone: Admission, progress: PhoneProgress
) -> list[tuple[StageAnswer, StageAnswer]]:
    """For every picture the phone's answer to its tensors and to itself; RunError when the phone did not answer."""
    steps = [PlannedJob(classifier.variant, Mode.EVALUATE, kind, 0) for kind in InputKind]
    run = f"classify-{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory() as name, locked(phone.lock):
        work = Path(name)
        recipe = _only(files, classifier.recipe, work / "inputs")
        archives = InputArchives(work, {recipe.name: recipe}, None)
        settings = Settings(return_fed=True)
        stop = threading.Event()
        worker = Worker(phone.phone, run, work / run, archives, settings, stop, progress, phone.vitals)
        outcome = worker.work(steps)
        problem = outcome.ended or next((failure.message for failure in outcome.failures), None)
        if problem is not None:
            raise RunError(problem)
        tensors, images = (read_result(work / run / f"{step.job_id(run)}{SUFFIX}") for step in steps)
        here, there = tensors.fed(), images.fed()
        if here is None or there is None:
            raise RunError("the phone did not send its model inputs; update the benchmark app with make install")
        differences = (here != there).reshape(len(files), -1).sum(axis=1)
        rows = zip(tensors.probabilities(), images.probabilities(), differences, strict=True)
        return [
            (StageAnswer(TENSORS, phone.title, first), StageAnswer(PICTURES, phone.title, second, int(count)))
            for first, second, count in rows
        ]


def _only(files: Sequence[Path], recipe: ExportedRecipe, folder: Path) -> ExportedRecipe:
    """`recipe` with the pictures as its whole evaluation set, which is written into `folder`."""
    folder.mkdir()
    inputs.write(folder, ((_entry(index, file), file.read_bytes(), None) for index, file in enumerate(files)))
    paths = folder / inputs.ARCHIVE, folder / inputs.TRUTH
    archive, truth = (NamedFile(path, sha256_of(path), path.stat().st_size) for path in paths)
    return replace(recipe, inputs=archive, truth=truth, input_count=len(files))


def _entry(index: int, file: Path) -> str:
    """The picture's name in the archive; its own ending only where that is a picture's."""
    return f"picture-{index}{file.suffix if is_picture(file.name) else ''}"
