"""What the desktop answers, kept in a run's folder so that the run can be read after the next export.

`references/` has for every recipe the truth, the inputs' names and the labels, and for Keras and every variant an array
of probabilities. Read again they are claims like everything else: what does not fit is a RunError.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.formats.atomic import atomic_write
from benchmarks.formats.errors import RunError
from benchmarks.formats.fields import line_of
from benchmarks.formats.inputs import Inputs
from benchmarks.formats.manifest import ExportedRecipe
from benchmarks.formats.typed import build

FOLDER = "references"
KERAS = "keras"

Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TrainingArrow:
    """What leaving the training's preprocessing for the ImageSpec cost in Keras, as the export measured it."""

    inputs: int
    delta_points: float | None
    delta_interval: tuple[float, ...] | None
    agreement: float
    agreement_interval: tuple[float, ...]
    max_probability_difference: float


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
    training: TrainingArrow | None


def keep(run: Path, recipe: ExportedRecipe, inputs: Inputs, answers: Mapping[str, Probabilities]) -> None:
    """Write down a recipe's inputs and the desktop's `answers` to them, by `keras` and variant."""
    folder = run / FOLDER
    for answered, probabilities in answers.items():
        with atomic_write(folder / f"{recipe.name}-{answered}.npy") as file:
            np.save(file, probabilities)
    described = {"ids": inputs.ids, "labels": recipe.labels, "trained_with": recipe.trained_with}
    for name, record in (("truth", inputs.truth), ("inputs", described)):
        with atomic_write(folder / f"{recipe.name}-{name}.json") as file:
            file.write(json.dumps(record).encode())


def read(run: Path, recipe: str, variant: str) -> DesktopSide:
    """The desktop's side of one variant; RunError when it is not there, or does not fit together."""
    folder = run / FOLDER
    try:
        arrays = [np.load(folder / f"{recipe}-{name}.npy", allow_pickle=False) for name in (KERAS, variant)]
        truth = json.loads((folder / f"{recipe}-truth.json").read_text(encoding="utf-8"))
        described = folder / f"{recipe}-inputs.json"
        record = json.loads(described.read_text(encoding="utf-8")) if described.exists() else {}
        return _fitting(arrays[0], arrays[1], truth, record)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        why = line_of(str(error))
        raise RunError(f"{folder}: the references of {recipe} cannot be read ({why}); run it again") from error


def _fitting(keras: Probabilities, tflite: Probabilities, truth: list[int | None], record: Any) -> DesktopSide:
    """ValueError where counts or types are not those of one evaluation."""
    count, width = keras.shape
    for array in (keras, tflite):
        if array.shape != (count, width) or array.dtype != np.float32 or not are_probabilities(array):
            raise ValueError(f"not {count} × {width} probabilities")
    ids = record.get("ids") or [str(index) for index in range(count)]
    labels = record.get("labels") or [str(index) for index in range(width)]
    if (len(truth), len(ids), len(labels)) != (count, count, width) or not count:
        raise ValueError(f"{len(truth)} truths, {len(ids)} names and {len(labels)} labels for {count} × {width}")
    known = None if None in truth else np.array(truth)
    if known is not None and (known.dtype != np.int64 or known.min() < 0 or known.max() >= width):
        raise ValueError("a truth that is no label")
    names, words = (tuple(line_of(text) or "?" for text in texts) for texts in (ids, labels))
    told = record.get("trained_with")
    training = None if told is None else build(TrainingArrow, told, "trained_with")
    return DesktopSide(names, words, known, keras, tflite, training)


def are_probabilities(answers: Probabilities) -> bool:
    """Whether every value is 0 to 1, as near as float32 and quantisation come to it."""
    return bool(answers.size and answers.min() >= -1e-3 and answers.max() <= 1 + 1e-3)
