"""What the desktop answers, kept in a run's folder so that the run can be read after the next export.

`references/` has for every recipe the truth, the inputs' names and the labels, and for Keras and every variant an array
of probabilities. Read again they are claims like everything else: what does not fit is a RunError.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.formats.atomic import atomic_write
from benchmarks.formats.declared import Count, Declared, about, read_file
from benchmarks.formats.errors import RunError
from benchmarks.formats.inputs import Inputs
from benchmarks.formats.manifest import ExportedRecipe
from benchmarks.formats.mismatch import line_of
from benchmarks.formats.variant_record import TrainedWithRecord

FOLDER = "references"
KERAS = "keras"

Labels = tuple[Count | None, ...]
Probabilities = npt.NDArray[np.float32]


class DescribedInputs(Declared, frozen=True, kw_only=True):
    """`<recipe>-inputs.json`: what a recipe was asked, beside its truth."""

    ids: Annotated[tuple[str, ...], about("names of the inputs, in their order")]
    labels: Annotated[tuple[str, ...], about("`labels[i]` names output `i`")]
    trained_with: Annotated[TrainedWithRecord | None, about("as in the manifest")]


@dataclass(frozen=True, slots=True)
class DesktopSide:
    """One variant on the desktop: both arrays are float32 (inputs, labels); `truth` is None where any of it is unknown.

    `training` is None where the export was not told how the model's training prepared its inputs.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    truth: npt.NDArray[np.int64] | None
    keras: Probabilities
    tflite: Probabilities
    training: TrainedWithRecord | None


def keep(run: Path, recipe: ExportedRecipe, inputs: Inputs, answers: Mapping[str, Probabilities]) -> None:
    """Write down a recipe's inputs and the desktop's `answers` to them, by `keras` and variant."""
    folder = run / FOLDER
    for answered, probabilities in answers.items():
        with atomic_write(folder / f"{recipe.name}-{answered}.npy") as file:
            np.save(file, probabilities)
    described = DescribedInputs(ids=inputs.ids, labels=recipe.labels, trained_with=recipe.trained_with)
    for name, data in (("truth", msgspec.json.encode(inputs.truth)), ("inputs", msgspec.json.encode(described))):
        with atomic_write(folder / f"{recipe.name}-{name}.json") as file:
            file.write(data)


def read(run: Path, recipe: str, variant: str) -> DesktopSide:
    """The desktop's side of one variant; RunError when it is not there, or does not fit together."""
    folder, remedy = run / FOLDER, "run it again"
    try:
        keras, tflite = (np.load(folder / f"{recipe}-{name}.npy", allow_pickle=False) for name in (KERAS, variant))
        truth = read_file(folder / f"{recipe}-truth.json", Labels, RunError, remedy)
        path = folder / f"{recipe}-inputs.json"
        described = read_file(path, DescribedInputs, RunError, remedy) if path.exists() else None
        return _fitting(keras, tflite, truth, described)
    except (OSError, ValueError) as error:
        why = line_of(str(error))
        raise RunError(f"{folder}: the references of {recipe} cannot be read ({why}); {remedy}") from error


def _fitting(
    keras: Probabilities, tflite: Probabilities, truth: tuple[int | None, ...], described: DescribedInputs | None
) -> DesktopSide:
    """ValueError where counts or types are not those of one evaluation."""
    count, width = keras.shape
    for array in (keras, tflite):
        if array.shape != (count, width) or array.dtype != np.float32 or not are_probabilities(array):
            raise ValueError(f"not {count} × {width} probabilities")
    ids = described.ids if described else tuple(map(str, range(count)))
    labels = described.labels if described else tuple(map(str, range(width)))
    if (len(truth), len(ids), len(labels)) != (count, count, width) or not count:
        raise ValueError(f"{len(truth)} truths, {len(ids)} names and {len(labels)} labels for {count} × {width}")
    if any(label is not None and label >= width for label in truth):
        raise ValueError("a truth that is no label")
    known = None if None in truth else np.array(truth, np.int64)
    names, words = (tuple(line_of(text) or "?" for text in texts) for texts in (ids, labels))
    return DesktopSide(names, words, known, keras, tflite, described.trained_with if described else None)


def are_probabilities(answers: Probabilities) -> bool:
    """Whether every value is 0 to 1, as near as float32 and quantisation come to it."""
    return bool(answers.size and answers.min() >= -1e-3 and answers.max() <= 1 + 1e-3)
