"""One model on one phone in one run, and everything that is known of it. Read here, judged elsewhere."""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.errors import RunError
from benchmarks.formats.job import InputKind, Mode
from benchmarks.formats.manifest import Manifest, Recipe, Variant
from benchmarks.formats.results import SUFFIX, StoredResult, read_result
from benchmarks.report.accuracy import ArrowName, StageName
from benchmarks.runs.folder import Record, RunFolder

Probabilities = npt.NDArray[np.float32]
ARROWS = {
    StageName.TFLITE: ArrowName.CONVERSION,
    StageName.TENSORS: ArrowName.RUNTIME,
    StageName.IMAGES: ArrowName.PREPROCESSING,
}
PARTING = 0.02
"""A difference in any probability that is worth a word, though every answer stays."""


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow with what its two stages answered, float32 (inputs, labels), and the truth where it is known."""

    name: ArrowName
    before: Probabilities
    after: Probabilities
    truth: npt.NDArray[np.object_]

    @property
    def flipped(self) -> npt.NDArray[np.intp]:
        """Which inputs have another top-1; ties go to the lower index."""
        return np.flatnonzero(self.before.argmax(axis=1) != self.after.argmax(axis=1))

    @property
    def distances(self) -> npt.NDArray[np.float64]:
        """How far the answers to each input are apart, (inputs,): half the sum of all differences, 0 to 1."""
        distances: npt.NDArray[np.float64] = np.abs(self.after - self.before).sum(axis=1, dtype=np.float64) / 2
        return distances

    @property
    def max_difference(self) -> float:
        return float(np.abs(self.after - self.before).max())

    @property
    def delta_points(self) -> float | None:
        """Accuracy after minus before, in percentage points; None where the truth is not known."""
        if any(label is None for label in self.truth):
            return None
        right = [float((answers.argmax(axis=1) == self.truth).mean()) for answers in (self.before, self.after)]
        return 100 * (right[1] - right[0])

    @property
    def parts(self) -> bool:
        """Whether anything differs here that is worth an explanation."""
        return self.flipped.size > 0 or self.max_difference > PARTING


@dataclass(frozen=True, slots=True)
class Case:
    """One model on one phone.

    `recipe` and `variant` are None when the manifest no longer has the file that was run; then there is nothing to try
    suspects on. `results` are the evaluations that came home, `failed` the jobs that did not.
    """

    run: str
    phone: str
    phone_title: str
    name: str
    """`<recipe>_<variant>`."""
    sha256: str
    recipe: Recipe | None
    variant: Variant | None
    truth: npt.NDArray[np.object_]
    answers: Mapping[StageName, Probabilities]
    results: Mapping[StageName, StoredResult]
    failed: tuple[StoredResult, ...]
    earlier: tuple["Earlier", ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The arrows between the stages that are there; a missing stage is stepped over."""
        there = [stage for stage in StageName if stage in self.answers]
        return tuple(
            Step(ARROWS[after], self.answers[before], self.answers[after], self.truth)
            for before, after in pairwise(there)
        )

    @property
    def whole(self) -> Step:
        """From Keras to the last stage that is there."""
        last = [stage for stage in StageName if stage in self.answers][-1]
        return Step(ArrowName.WHOLE, self.answers[StageName.KERAS], self.answers[last], self.truth)

    def fed(self) -> npt.NDArray[Any] | None:
        """What the phone fed its model for the pictures; None where the run did not ask for it."""
        images = self.results.get(StageName.IMAGES)
        return None if images is None else images.fed()


@dataclass(frozen=True, slots=True)
class Earlier:
    """What another file of the same name answered to the same inputs on the desktop, kept by an earlier run."""

    run: str
    sha256: str
    answers: Probabilities


def cases(run: RunFolder, manifest: Manifest, runs: Sequence[RunFolder] = ()) -> Iterator[Case]:
    """Every model of the run on every phone of it. `runs` are those to look for earlier files in.

    RunError or ResultError when what the run keeps is not whole.
    """
    for name, phone in run.record["phones"].items():
        stored = [
            *(read_result(path) for path in sorted((run.path / name).glob(f"*{SUFFIX}"))),
            *failed(run.path / name),
        ]
        for model in run.record["models"]:
            yield case_of(run, (name, phone.get("title", name)), model, stored, manifest, runs)


def failed(folder: Path) -> tuple[StoredResult, ...]:
    """The results of jobs that failed on the phone whose results lie in `folder`."""
    return tuple(read_result(path) for path in sorted(folder.glob("*.failed-*.json")))


def case_of(
    run: RunFolder,
    phone: tuple[str, str],
    model: Record,
    stored: Sequence[StoredResult],
    manifest: Manifest,
    runs: Sequence[RunFolder],
) -> Case:
    """The case of `model`, a record of the run, on a phone (its folder's name and its title) with these results."""
    mine = [one for one in stored if one.result.job is not None and one.result.job.model.sha256 == model["sha256"]]
    results = {_stage(one): one for one in mine if one.result.run is not None and _is_evaluation(one)}
    recipe = manifest.recipes.get(model["recipe"])
    variant = None if recipe is None else recipe.variants.get(model["variant"])
    if recipe is None or variant is None or not _is_same(recipe, variant, model):
        recipe = variant = None
    return Case(
        run=run.id,
        phone=phone[0],
        phone_title=phone[1],
        name=f"{model['recipe']}_{model['variant']}",
        sha256=model["sha256"],
        recipe=recipe,
        variant=variant,
        truth=_truth(run, model["recipe"]),
        answers={
            StageName.KERAS: _reference(run, model["recipe"], "keras"),
            StageName.TFLITE: _reference(run, model["recipe"], model["variant"]),
            **_fitting(results, _reference(run, model["recipe"], "keras").shape),
        },
        results=results,
        failed=tuple(one for one in mine if one.result.error is not None),
        earlier=tuple(_earlier(model, run, runs)),
    )


def _fitting(results: Mapping[StageName, StoredResult], shape: tuple[int, ...]) -> dict[StageName, Probabilities]:
    """The phone's answers; a result that has not one row an input and one column a label is as good as none."""
    answers = {stage: one.probabilities() for stage, one in results.items()}
    return {stage: one for stage, one in answers.items() if one.shape == shape}


def _is_same(recipe: Recipe, variant: Variant, model: Record) -> bool:
    return (variant.file.sha256, recipe.inputs.sha256) == (model["sha256"], model["inputs_sha256"])


def _is_evaluation(one: StoredResult) -> bool:
    return one.result.job is not None and one.result.job.mode is Mode.EVALUATE


def _stage(one: StoredResult) -> StageName:
    of_tensors = one.result.job is not None and one.result.job.inputs.kind is InputKind.TENSORS
    return StageName.TENSORS if of_tensors else StageName.IMAGES


def _earlier(model: Record, run: RunFolder, runs: Sequence[RunFolder]) -> Iterator[Earlier]:
    """One for each other file that a run had under this name, on these inputs."""
    seen = {model["sha256"]}
    for other in reversed([one for one in runs if one.id != run.id]):
        for theirs in other.record["models"]:
            same = all(theirs[key] == model[key] for key in ("recipe", "variant", "inputs_sha256", "inputs"))
            if same and theirs["sha256"] not in seen:
                seen.add(theirs["sha256"])
                with contextlib.suppress(RunError):  # an old run that lost its references has nothing to say
                    yield Earlier(other.id, theirs["sha256"], _reference(other, model["recipe"], model["variant"]))


def _truth(run: RunFolder, recipe: str) -> npt.NDArray[np.object_]:
    path = run.path / "references" / f"{recipe}-truth.json"
    try:
        return np.array(json.loads(path.read_text(encoding="utf-8")), dtype=object)
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read ({error}); run it again") from error


def _reference(run: RunFolder, recipe: str, name: str) -> Probabilities:
    path = run.path / "references" / f"{recipe}-{name}.npy"
    try:
        answers: Probabilities = np.load(path)
    except (OSError, ValueError, EOFError) as error:
        raise RunError(f"{path} cannot be read ({error}); run it again") from error
    return answers
