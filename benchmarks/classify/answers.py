"""What a classifier answers to pictures on this computer. Pictures in, frozen values out; nothing is printed here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.classify.packed import PackedClassifier
from benchmarks.classify.stages import REFERENCES, TFLITE, StageAnswer, best
from benchmarks.console.terminal import Terminal
from benchmarks.evaluation.desktop import ModelRunner, Probabilities, reference_runner
from benchmarks.evaluation.picture_files import printable
from benchmarks.evaluation.pictures import Picture, batches
from benchmarks.formats.errors import InputsError, ModelError
from metadata.errors import PictureError

ROUNDING = 0.01  # an 8-bit output reaches 1 only within its scale


@dataclass(frozen=True, slots=True)
class Prediction:
    """A label, its index among the model's outputs, and how probable the model finds it, 0 to 1."""

    label: str
    index: int
    probability: float

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it, with six significant digits."""
        return {"label": self.label, "index": self.index, "probability": float(f"{self.probability:.6g}")}


@dataclass(frozen=True, slots=True)
class PictureAnswer:
    """The most probable labels of one picture, best first; `door` is None where nobody asked for it.

    `stages` are all labels' probabilities: the reference's where it was asked for, then those of TFLite.
    """

    file: str
    top: tuple[Prediction, ...]
    door: str | None
    stages: tuple[StageAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassifyOptions:
    """How many labels a picture, whether the door is to answer, how many pictures are to be shown, and whether what
    the model was made from is to answer too.
    """

    top: int = 5
    door: bool = False
    thumbnails: int = 0
    reference: bool = False


@dataclass(frozen=True, slots=True)
class PictureAnswers:
    """All answers in the order of the files that could be read; `skipped` counts the others.

    `thumbnails` are those of the first pictures.
    """

    answers: tuple[PictureAnswer, ...]
    files: tuple[Path, ...]
    thumbnails: tuple[Image.Image, ...]
    skipped: int


def classify(
    files: Sequence[Path], classifier: PackedClassifier, options: ClassifyOptions, terminal: Terminal
) -> PictureAnswers:
    """The answer to every file that can be read; each other one is named on `terminal`.

    ModelError when the door is asked of a model without one, and when the model answers with something else than
    probabilities; InputsError when not one file can be read.
    """
    if options.door and classifier.recipe.door is None:
        raise ModelError(
            f"--door: {classifier.title} has no doggy-door rule; "
            "take a model of ImageNet's 1000 labels, such as efficientnet_lite0"
        )
    answers: list[PictureAnswer] = []
    readable: list[Path] = []
    thumbnails: list[Image.Image] = []
    with terminal.stage(f"classify with {classifier.title}", len(files)) as stage:
        stage.advance(0, "loading TensorFlow Lite")
        runners = _runners(classifier, options.reference)
        for batch in batches(files, classifier.recipe.image, options.thumbnails):
            pictures = list(_readable(batch, terminal))
            if pictures:
                answers += _answered(pictures, runners, classifier, options)
            readable += [picture.file for picture in pictures]
            thumbnails += [picture.thumbnail for picture in pictures if picture.thumbnail is not None]
            stage.advance(len(batch), f"{len(answers):,} of {len(files):,} pictures")
    if not answers:
        raise InputsError(f"nothing could be classified: {len(files)} of {len(files)} files cannot be read")
    skipped = len(files) - len(answers)
    return PictureAnswers(tuple(answers), tuple(readable), tuple(thumbnails[: options.thumbnails]), skipped)


def _runners(classifier: PackedClassifier, with_reference: bool) -> dict[str, ModelRunner]:
    """By the name of its stage what answers on this computer, in the order of the stages."""
    runners: dict[str, ModelRunner] = {}
    recipe = classifier.recipe
    if with_reference and recipe.reference in REFERENCES:
        runners[REFERENCES[recipe.reference]] = reference_runner(recipe.model.checked(), recipe.image)
    return runners | {TFLITE: classifier.runner()}


def _readable(batch: Sequence[Picture | PictureError], terminal: Terminal) -> Iterator[Picture]:
    for item in batch:
        if isinstance(item, Picture):
            yield item
        else:
            terminal.say(f"skipped {item}")


def _answered(
    pictures: Sequence[Picture],
    runners: Mapping[str, ModelRunner],
    classifier: PackedClassifier,
    options: ClassifyOptions,
) -> Iterator[PictureAnswer]:
    levels = np.stack([picture.levels for picture in pictures])
    answers = {name: runner.run(levels) for name, runner in runners.items()}
    low, high = float(answers[TFLITE].min()), float(answers[TFLITE].max())
    if not (low >= -ROUNDING and high <= 1 + ROUNDING):  # written this way, it refuses NaN too
        raise ModelError(
            f"{classifier.title} answers with numbers from {low:.3g} to {high:.3g}, which are no probabilities; "
            "convert it with a softmax as its last layer"
        )
    rule = classifier.recipe.door if options.door else None
    for index, picture in enumerate(pictures):
        top = top_predictions(answers[TFLITE][index], classifier.recipe.labels, options.top)
        stages = tuple(StageAnswer(name, None, rows[index]) for name, rows in answers.items())
        door = None if rule is None else rule.answer(top[0].index)
        yield PictureAnswer(printable(picture.file), top, door, stages)


def top_predictions(probabilities: Probabilities, labels: Sequence[str], count: int) -> tuple[Prediction, ...]:
    """The `count` most probable labels of one (labels,) row, best first; a tie goes to the lower index."""
    return tuple(Prediction(labels[index], index, float(probabilities[index])) for index in best(probabilities, count))
