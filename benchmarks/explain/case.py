"""One model on one phone in one run, and everything that is known of it. Read here, judged elsewhere."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.compare.accuracy import ArrowName, StageName
from benchmarks.compare.row_results import RowResults
from benchmarks.formats import desktop_answers
from benchmarks.formats.desktop_answers import DesktopSide, Probabilities
from benchmarks.formats.errors import RunError
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest
from benchmarks.formats.results import SUFFIX, StoredResult, read_result
from benchmarks.formats.run_folder import RunFolder

ARROWS = {
    StageName.TFLITE: ArrowName.CONVERSION,
    StageName.TENSORS: ArrowName.RUNTIME,
    StageName.IMAGES: ArrowName.PREPROCESSING,
}
PARTING = 0.02
"""A difference in any probability that is worth a word, though every answer stays."""


@dataclass(frozen=True, slots=True)
class StageChange:
    """One arrow with what its two stages answered, float32 (inputs, labels), and the truth where it is known."""

    name: ArrowName
    before: Probabilities
    after: Probabilities
    truth: npt.NDArray[np.int64] | None

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
        if self.truth is None:
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
    suspects on. `answers` are of the stages that are there, `failed` the jobs that never came to an answer.
    """

    row: RowResults
    recipe: ExportedRecipe | None
    variant: ExportedVariant | None
    desktop: DesktopSide
    answers: Mapping[StageName, Probabilities]
    failed: tuple[StoredResult, ...]
    earlier: tuple["Earlier", ...]

    @property
    def sha256(self) -> str:
        """Of the file that was to run."""
        return str(self.row.model["sha256"])

    @property
    def steps(self) -> tuple[StageChange, ...]:
        """The arrows between the stages that are there; a missing stage is stepped over."""
        return tuple(
            StageChange(ARROWS[after], self.answers[before], self.answers[after], self.desktop.truth)
            for before, after in pairwise(self.answers)
        )

    def fed(self) -> npt.NDArray[Any] | None:
        """What the phone fed its model for the pictures; None where the run did not ask for it."""
        images = self.row.evaluation(StageName.IMAGES)
        return None if images is None else images.fed()


@dataclass(frozen=True, slots=True)
class Earlier:
    """What another file of the same name answered to the same inputs on the desktop, kept by an earlier run."""

    run: str
    sha256: str
    answers: Probabilities


def case_of(row: RowResults, manifest: Manifest, runs: Sequence[RunFolder]) -> Case:
    """The case of a row. `runs` are those to look for earlier files in.

    RunError or ResultError when what its run keeps is not whole.
    """
    desktop = row.desktop()
    found = ((stage, row.answers(stage, desktop)) for stage in StageName)
    recipe = manifest.recipes.get(row.model["recipe"])
    variant = None if recipe is None else recipe.variants.get(row.model["variant"])
    if recipe is None or variant is None or not _is_same(recipe, variant, row):
        recipe = variant = None
    return Case(
        row=row,
        recipe=recipe,
        variant=variant,
        desktop=desktop,
        answers={stage: answers for stage, answers in found if answers is not None},
        failed=tuple(_failed(row)),
        earlier=tuple(_earlier(row, runs)),
    )


def _is_same(recipe: ExportedRecipe, variant: ExportedVariant, row: RowResults) -> bool:
    return (variant.file.sha256, recipe.inputs.sha256) == (row.model["sha256"], row.model["inputs_sha256"])


def _failed(row: RowResults) -> Iterator[StoredResult]:
    """The model's jobs that failed on this phone, and that no later attempt brought to an answer."""
    for path in sorted(row.folder.glob("*.failed-*.json")):
        if path.with_name(f"{path.name.partition('.failed-')[0]}{SUFFIX}").exists():
            continue
        stored = read_result(path)
        if stored.result.job is not None and stored.result.job.model.sha256 == row.model["sha256"]:
            yield stored


def _earlier(row: RowResults, runs: Sequence[RunFolder]) -> Iterator[Earlier]:
    """One for each other file that a run had under this name, on these inputs."""
    model = row.model
    seen = {model["sha256"]}
    for other in reversed([one for one in runs if one.id != row.run.id]):
        for theirs in other.record["models"]:
            same = all(theirs[key] == model[key] for key in ("recipe", "variant", "inputs_sha256", "inputs"))
            if same and theirs["sha256"] not in seen:
                seen.add(theirs["sha256"])
                with contextlib.suppress(RunError):  # an old run that lost its references has nothing to say
                    side = desktop_answers.read(other.path, model["recipe"], model["variant"])
                    yield Earlier(other.id, theirs["sha256"], side.tflite)
