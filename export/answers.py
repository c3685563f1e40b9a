"""What a classifier answers to pictures. Pictures in, frozen values out; nothing is printed or drawn here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.evaluation.desktop import ModelRunner, Probabilities
from export.classifier import PackedClassifier
from export.data.pictures import Picture, batches, shown
from export.errors import ClassifyError
from export.recipe import Progress
from metadata.errors import PictureError

ROUNDING = 0.01  # an 8-bit output reaches 1 only within its scale


@dataclass(frozen=True, slots=True)
class Prediction:
    """A label, its index among the model's outputs, and how probable the model finds it, 0 to 1."""

    label: str
    index: int
    probability: float


@dataclass(frozen=True, slots=True)
class PictureAnswer:
    """The most probable labels of one picture, best first; `door` is None where nobody asked for it."""

    file: str
    top: tuple[Prediction, ...]
    door: str | None

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it; probabilities with six significant digits."""
        top = [
            {"label": guess.label, "index": guess.index, "probability": float(f"{guess.probability:.6g}")}
            for guess in self.top
        ]
        return {"file": self.file, "top": top, "door": self.door}


@dataclass(frozen=True, slots=True)
class ClassifyOptions:
    """How many labels a picture, whether the door is to answer, and how many pictures are to be shown."""

    top: int = 5
    door: bool = False
    thumbnails: int = 0


@dataclass(frozen=True, slots=True)
class PictureAnswers:
    """All answers in the order of the files; `thumbnails` are those of the first, `skipped` counts unreadable files."""

    answers: tuple[PictureAnswer, ...]
    thumbnails: tuple[Image.Image, ...]
    skipped: int


def classify(
    files: Sequence[Path], classifier: PackedClassifier, asked: ClassifyOptions, progress: Progress
) -> PictureAnswers:
    """The answer to every file that can be read; each other one is named through `progress`.

    ClassifyError when the door is asked of a model without one, when not one file can be read, and when the model
    answers with something else than probabilities.
    """
    if asked.door and classifier.door is None:
        raise ClassifyError(
            f"--door: {classifier.title} has no doggy-door rule; "
            "take a model of ImageNet's 1000 labels, such as efficientnet_lite0"
        )
    answers: list[PictureAnswer] = []
    thumbnails: list[Image.Image] = []
    with progress.stage(f"classify with {classifier.title}", len(files)) as stage:
        stage.advance(0, "loading TensorFlow Lite")
        runner = classifier.runner()
        for batch in batches(files, classifier.image, asked.thumbnails):
            pictures = list(_readable(batch, progress))
            if pictures:
                answers += _answered(pictures, runner, classifier, asked)
            thumbnails += [picture.thumbnail for picture in pictures if picture.thumbnail is not None]
            stage.advance(len(batch), f"{len(answers):,} of {len(files):,} pictures")
    if not answers:
        raise ClassifyError(f"nothing could be classified: {len(files)} of {len(files)} files cannot be read")
    return PictureAnswers(tuple(answers), tuple(thumbnails[: asked.thumbnails]), len(files) - len(answers))


def _readable(batch: Sequence[Picture | PictureError], progress: Progress) -> Iterator[Picture]:
    for one in batch:
        if isinstance(one, Picture):
            yield one
        else:
            progress.say(f"skipped {one}")


def _answered(
    pictures: list[Picture], runner: ModelRunner, classifier: PackedClassifier, asked: ClassifyOptions
) -> Iterator[PictureAnswer]:
    probabilities = runner.run(np.stack([picture.levels for picture in pictures]))
    low, high = float(probabilities.min()), float(probabilities.max())
    if not (low >= -ROUNDING and high <= 1 + ROUNDING):  # so put, it refuses NaN too
        raise ClassifyError(
            f"{classifier.title} answers with numbers from {low:.3g} to {high:.3g}, which are no probabilities; "
            "convert it with a softmax as its last layer"
        )
    for picture, row in zip(pictures, probabilities, strict=True):
        top = top_predictions(row, classifier.labels, asked.top)
        door = classifier.door.answer(top[0].index) if asked.door and classifier.door else None
        yield PictureAnswer(shown(picture.file), top, door)


def top_predictions(probabilities: Probabilities, labels: Sequence[str], count: int) -> tuple[Prediction, ...]:
    """The `count` most probable labels of one (labels,) row, best first; a tie goes to the lower index."""
    order = np.argsort(-probabilities, kind="stable")[:count]
    return tuple(Prediction(labels[index], int(index), float(probabilities[index])) for index in order)
