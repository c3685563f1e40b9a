"""The answers of all stages to one picture, and where they part. Values in, values out.

Each step from stage to stage changes one thing: Keras to desktop TFLite the conversion, on to the phone's tensors the
runtime, and on to the phone's own pictures the preprocessing. A model that came as a TFLite file begins with TFLite.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.evaluation.desktop import Probabilities
from benchmarks.evaluation.stats.probabilities import MIN_DIFFERENCE
from benchmarks.formats.manifest import Reference

REFERENCES = {Reference.KERAS: "Keras", Reference.TENSORFLOW: "TensorFlow"}
TFLITE, TENSORS, PICTURES = "TFLite", "tensors", "pictures"
CAUSES = {TFLITE: "conversion", TENSORS: "the phone's runtime", PICTURES: "preprocessing on the phone"}


@dataclass(frozen=True, slots=True)
class StageAnswer:
    """The answer of one stage: probabilities of all labels, float32 (labels,). `phone` is None on this computer.

    `input_differences` counts the values of the model input that differ from this computer's; None where not known.
    """

    name: str
    phone: str | None
    probabilities: Probabilities
    input_differences: int | None = None

    @property
    def top(self) -> int:
        return int(self.probabilities.argmax())


@dataclass(frozen=True, slots=True)
class StageDistance:
    """One step from stage to stage, and what it changes; `input_differences` as the stage has it."""

    to: str
    phone: str | None
    cause: str
    max_difference: float
    top_changed: bool
    input_differences: int | None

    @property
    def parts(self) -> bool:
        return self.top_changed or self.max_difference > MIN_DIFFERENCE


def distances(stages: Sequence[StageAnswer]) -> Iterator[StageDistance]:
    """From every stage to the next; the tensors of every phone are compared with TFLite on this computer."""
    desktop = before = stages[0]
    for after in stages[1:]:
        if after.phone is None:
            desktop = after
        before = desktop if after.name == TENSORS else before
        yield StageDistance(
            to=after.name,
            phone=after.phone,
            cause=CAUSES[after.name],
            max_difference=float(np.abs(after.probabilities - before.probabilities).max()),
            top_changed=before.top != after.top,
            input_differences=after.input_differences,
        )
        before = after


def best(probabilities: Probabilities, count: int) -> list[int]:
    """The indices of the `count` highest of (labels,) probabilities, best first; a tie goes to the lower index."""
    return [int(index) for index in np.argsort(-probabilities, kind="stable")[:count]]


def leaders(stages: Sequence[StageAnswer], count: int) -> list[int]:
    """Every label that is among the `count` best of any stage, in the first stage's order; ties by the lower index."""
    indices = {index for stage in stages for index in best(stage.probabilities, count)}
    return sorted(indices, key=lambda index: (-float(stages[0].probabilities[index]), index))


def sentence(distance: StageDistance) -> str:
    """One step in words."""
    where = distance.to if distance.phone is None else f"{distance.phone}, {distance.to}"
    count = distance.input_differences
    inputs = "" if count is None else f"; {count} values of the model input differ"
    change = "another answer" if distance.top_changed else "the same answer"
    mark = "parts here: " if distance.parts else ""
    return f"{where}: {mark}{change}, max |Δp| {distance.max_difference:.1e} by {distance.cause}{inputs}"


def to_json(stages: Sequence[StageAnswer], labels: Sequence[str], count: int) -> dict[str, Any]:
    """`stages`, each with its `count` best labels, and `arrows`, the steps between them."""
    return {
        "stages": [
            {
                "stage": stage.name,
                "phone": stage.phone,
                "top": [
                    {"index": index, "label": labels[index], "probability": float(stage.probabilities[index])}
                    for index in best(stage.probabilities, count)
                ],
            }
            for stage in stages
        ],
        "arrows": [{**asdict(distance), "parts": distance.parts} for distance in distances(stages)],
    }
