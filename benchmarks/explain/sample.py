"""A few inputs to try suspects on: those that differ most, and some that do not differ. This room reads pictures."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.explain.case import Case, StageChange
from benchmarks.explain.preprocess_variant import Pictures
from benchmarks.formats.manifest import ExportedRecipe

DIFFERING, CALM = 18, 6


@dataclass(frozen=True, slots=True)
class Sample:
    """`indices` into the inputs of the run, in their order."""

    indices: npt.NDArray[np.intp]
    pictures: Pictures

    @property
    def count(self) -> int:
        return len(self.indices)


def choose(step: StageChange) -> npt.NDArray[np.intp]:
    """The inputs furthest apart and the nearest, without repeats, in ascending order; ties by the lower index."""
    order = np.argsort(-step.distances, kind="stable")
    return np.sort(order if len(order) <= DIFFERING + CALM else np.r_[order[:DIFFERING], order[-CALM:]])


def take(case: Case, recipe: ExportedRecipe, step: StageChange) -> Sample:
    """The sample of that arrow, read from the export's inputs; InputsError or ManifestError when they are not there."""
    indices = choose(step)
    chosen = recipe.evaluation_set(len(case.desktop.ids)).at(indices)
    encoded = [data for _, batch in chosen.encoded(len(indices)) for data in batch]
    return Sample(indices, Pictures(chosen.ids, tuple(encoded), recipe.image))
