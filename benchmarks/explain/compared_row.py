"""One model on one phone in one run, with everything that an explanation needs of it. Read here, judged elsewhere."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from benchmarks.compare.accuracy import ARROW_TO, ArrowName, StageName
from benchmarks.compare.row_results import RowResults
from benchmarks.evaluation.stats.probabilities import MIN_DIFFERENCE
from benchmarks.formats import desktop_answers
from benchmarks.formats.desktop_answers import DesktopSide, Probabilities
from benchmarks.formats.errors import RunError
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest
from benchmarks.formats.results import SUFFIX, StoredResult, read_result
from benchmarks.formats.run_folder import RunFolder


@dataclass(frozen=True, slots=True)
class StageChange:
    """What one arrow changes: the answers of its two stages, float32 (inputs, labels), and the truth if it is known."""

    name: ArrowName
    before: Probabilities
    after: Probabilities
    truth: npt.NDArray[np.int64] | None

    @property
    def flipped(self) -> npt.NDArray[np.intp]:
        """The inputs whose top-1 changes; of equal probabilities the lower index is the top-1."""
        return np.flatnonzero(self.before.argmax(axis=1) != self.after.argmax(axis=1))

    @property
    def distances(self) -> npt.NDArray[np.float64]:
        """How much the answers to each input differ, (inputs,): half the sum of all |Δp|, 0 to 1."""
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
    def differs(self) -> bool:
        """Whether the difference is large enough to be explained."""
        return self.flipped.size > 0 or self.max_difference > MIN_DIFFERENCE

    def at(self, indices: npt.NDArray[np.intp]) -> Self:
        """The same arrow on these inputs alone."""
        truth = None if self.truth is None else self.truth[indices]
        return type(self)(self.name, self.before[indices], self.after[indices], truth)

    def reproduced_by(self, answers: Probabilities) -> tuple[float, str]:
        """(the share of the difference that `answers` reproduce, a text of how many flipped answers they give)."""
        same = answers.argmax(axis=1) == self.after.argmax(axis=1)
        share = reproduced_share(self.after, self.before, answers)
        return share, f"{same[self.flipped].sum()} of {len(self.flipped)} flipped answers"


def reproduced_share(seen: npt.NDArray[Any], expected: npt.NDArray[Any], values: npt.NDArray[Any]) -> float:
    """1 − Σ|seen − values| / Σ|seen − expected|, at least 0.

    1 means that `values` are what was seen, 0 that they are no nearer to it than what was expected.
    """
    wide = seen.astype(np.float64)
    return max(0.0, 1 - float(np.abs(wide - values).sum() / np.abs(wide - expected).sum()))


@dataclass(frozen=True, slots=True)
class EarlierFile:
    """Another file of the same name, and its answers to the same inputs on the desktop, kept by an earlier run."""

    run: str
    sha256: str
    answers: Probabilities


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One model on one phone in one run.

    `recipe` and `variant` are None when the manifest no longer has the file or the inputs of the run; then no
    hypothesis can be tried. `answers` holds the stages that were measured, `failed` the jobs that never succeeded.
    """

    stored: RowResults
    recipe: ExportedRecipe | None
    variant: ExportedVariant | None
    desktop: DesktopSide
    answers: Mapping[StageName, Probabilities]
    failed: tuple[StoredResult, ...]
    earlier: tuple[EarlierFile, ...]

    @property
    def sha256(self) -> str:
        """The hash of the file that the phone was to run."""
        return self.stored.model.sha256

    @property
    def changes(self) -> tuple[StageChange, ...]:
        """The arrows between the stages that were measured; an arrow leads over a stage that is missing."""
        return tuple(
            StageChange(ARROW_TO[after], self.answers[before], self.answers[after], self.desktop.truth)
            for before, after in pairwise(self.answers)
        )

    def model_inputs(self) -> npt.NDArray[Any] | None:
        """What the phone gave its model for the pictures; None unless the run asked for it (--model-inputs)."""
        images = self.stored.evaluation(StageName.IMAGES)
        return None if images is None else images.fed()


def read_row(stored: RowResults, manifest: Manifest, runs: Sequence[RunFolder]) -> ComparedRow:
    """The row with its answers. `runs` are searched for earlier files of the model.

    RunError or ResultError when a file of the run is damaged.
    """
    desktop = stored.desktop()
    answers = {stage: stored.answers(stage, desktop) for stage in StageName}
    model = stored.model
    recipe = manifest.recipes.get(model.recipe)
    variant = None if recipe is None else recipe.variants.get(model.variant)
    if (
        recipe is None
        or variant is None
        or (variant.file.sha256, recipe.inputs.sha256) != (model.sha256, model.inputs_sha256)
    ):
        recipe = variant = None
    return ComparedRow(
        stored=stored,
        recipe=recipe,
        variant=variant,
        desktop=desktop,
        answers={stage: values for stage, values in answers.items() if values is not None},
        failed=tuple(_failed(stored)),
        earlier=tuple(_earlier(stored, runs)),
    )


def _failed(results: RowResults) -> Iterator[StoredResult]:
    """The model's jobs that failed on this phone and that no later attempt finished."""
    for path in sorted(results.folder.glob("*.failed-*.json")):
        if path.with_name(f"{path.name.partition('.failed-')[0]}{SUFFIX}").exists():
            continue
        failure = read_result(path)
        if failure.result.job is not None and failure.result.job.model.sha256 == results.model.sha256:
            yield failure


def _earlier(stored: RowResults, runs: Sequence[RunFolder]) -> Iterator[EarlierFile]:
    """Every other file that a run had under this name, for these inputs; the newest run first."""
    model = stored.model
    known = {model.sha256}
    for run in reversed([run for run in runs if run.id != stored.run.id]):
        for other in run.record.models:
            is_same = (other.name, other.inputs_sha256, other.inputs) == (model.name, model.inputs_sha256, model.inputs)
            if is_same and other.sha256 not in known:
                known.add(other.sha256)
                with contextlib.suppress(RunError):  # that run's references are lost or damaged
                    side = desktop_answers.read(run.path, model.recipe, model.variant)
                    yield EarlierFile(run.id, other.sha256, side.tflite)
