"""One picture through every stage, desktop and phone, and where the answers part. Computing here, no printing.

Each arrow changes one thing: Keras to desktop TFLite the conversion, on to the phone's tensors the runtime, and on to
the phone's own pictures the preprocessing. Of a model that came as a TFLite file there is nothing before that.
"""

import secrets
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.evaluation.desktop import Probabilities, TfliteRunner, reference_runner
from benchmarks.explain.compared_row import MIN_DIFFERENCE
from benchmarks.formats import inputs
from benchmarks.formats.errors import RunError
from benchmarks.formats.job import InputKind, Mode
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, NamedFile, Reference
from benchmarks.formats.results import SUFFIX, StoredResult, read_result
from benchmarks.phones.admission import Admission, locked
from benchmarks.runs.input_archives import InputArchives
from benchmarks.runs.outcome import PhoneProgress, Settings
from benchmarks.runs.plan import PlannedJob
from benchmarks.runs.worker import Worker
from metadata.hashes import sha256_of
from metadata.picture import decode
from metadata.preprocess import pixels

TOP = 5
REFERENCES = {Reference.KERAS: "Keras", Reference.TENSORFLOW: "TensorFlow"}
CAUSES = {"TFLite": "conversion", "tensors": "the phone's runtime", "pictures": "preprocessing on the phone"}


@dataclass(frozen=True, slots=True)
class StageAnswer:
    """What one way says: probabilities of all labels, float32 (labels,). `phone` is None on this computer."""

    name: str
    phone: str | None
    probabilities: Probabilities

    @property
    def top(self) -> int:
        return int(self.probabilities.argmax())


@dataclass(frozen=True, slots=True)
class StageDistance:
    """One step from stage to stage. `fed_values` counts values of the fed tensor that differ; None where not known."""

    to: str
    phone: str | None
    cause: str
    max_difference: float
    top_changed: bool
    fed_values: int | None

    @property
    def parts(self) -> bool:
        return self.top_changed or self.max_difference > MIN_DIFFERENCE


@dataclass(frozen=True, slots=True)
class Classified:
    """One variant's answers to the picture, stage by stage, and a line for each phone that did not answer."""

    variant: ExportedVariant
    labels: tuple[str, ...]
    stages: tuple[StageAnswer, ...]
    arrows: tuple[StageDistance, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """An encoded picture."""

    name: str
    data: bytes


def on_desktop(picture: EncodedPicture, recipe: ExportedRecipe, variant: ExportedVariant) -> tuple[StageAnswer, ...]:
    """What the model was made from, where that is known, and desktop TFLite; PictureError for what is no picture."""
    levels = pixels(decode(picture.data, picture.name), recipe.image)[np.newaxis]
    tflite = TfliteRunner(variant.file.checked().read_bytes(), recipe.image).run(levels)[0]
    stage = StageAnswer("TFLite", None, tflite)
    if recipe.reference not in REFERENCES:
        return (stage,)
    reference = reference_runner(recipe.model.checked(), recipe.image).run(levels)[0]
    return StageAnswer(REFERENCES[recipe.reference], None, reference), stage


def on_phone(
    picture: EncodedPicture,
    recipe: ExportedRecipe,
    variant: ExportedVariant,
    phone: Admission,
    work: Path,
    progress: PhoneProgress,
) -> tuple[tuple[StageAnswer, StageAnswer], int]:
    """The phone on tensors and on the picture, and how many fed values differ; RunError when it did not answer."""
    one = only(picture, recipe, work / "inputs")
    steps = [PlannedJob(variant, Mode.EVALUATE, kind, 0) for kind in InputKind]
    run = f"classify-{secrets.token_hex(4)}"
    parcels = InputArchives(work, {recipe.name: one}, None)
    with locked(phone.lock):
        settings = Settings(return_fed=True)
        worker = Worker(phone.phone, run, work / run, parcels, settings, threading.Event(), progress)
        outcome = worker.work(steps)
    problem = outcome.ended or next((failure.message for failure in outcome.failures), None)
    if problem is not None:
        raise RunError(problem)
    tensors, images = (read_result(work / run / f"{step.job_id(run)}{SUFFIX}") for step in steps)
    stages = (_stage("tensors", phone, tensors), _stage("pictures", phone, images))
    return stages, _differing(tensors, images)


def compare(stages: Sequence[StageAnswer], fed_values: int | None = None) -> Iterator[StageDistance]:
    """The arrows between stages that follow each other; `fed_values` belongs to the last one."""
    for before, after in pairwise(stages):
        yield StageDistance(
            to=after.name,
            phone=after.phone,
            cause=CAUSES[after.name],
            max_difference=float(np.abs(after.probabilities - before.probabilities).max()),
            top_changed=before.top != after.top,
            fed_values=fed_values if after.name == "pictures" else None,
        )


def only(picture: EncodedPicture, recipe: ExportedRecipe, folder: Path) -> ExportedRecipe:
    """`recipe` with the picture as its whole evaluation set, which is written into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    inputs.write(folder, [(f"picture{Path(picture.name).suffix}", picture.data, None)])
    files = (_named(folder / inputs.ARCHIVE), _named(folder / inputs.TRUTH))
    return replace(recipe, inputs=files[0], truth=files[1], input_count=1)


def _named(path: Path) -> NamedFile:
    return NamedFile(path, sha256_of(path), path.stat().st_size)


def _stage(name: str, phone: Admission, result: StoredResult) -> StageAnswer:
    return StageAnswer(name, phone.title, result.probabilities()[0])


def _differing(tensors: StoredResult, images: StoredResult) -> int:
    desktop, phone = tensors.fed(), images.fed()
    if desktop is None or phone is None:
        raise RunError("the phone did not send the fed tensors; update the benchmark app with --install")
    return int((desktop != phone).sum())
