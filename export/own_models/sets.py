"""Pictures to calibrate a user's model on, and to compare its variants on: the user's where there are any."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from benchmarks.evaluation.picture_files import files_below, passed_over
from benchmarks.evaluation.pictures import Picture, batches
from export.data import folders, mnist, photographs
from export.data.class_folders import training_folders
from export.errors import SourceError
from export.recipe import BuildContext, Entry, Evaluation, Screen
from export.source import Source
from metadata.card import ImageSpec, Polarity
from metadata.errors import PictureError
from metadata.labels import shipped_labels
from metadata.preprocess import Pixels, pixels

MNIST_SIDE = 28

Truth = npt.NDArray[np.int64]


def source(screen: Screen) -> Source:
    """Where the kit's own pictures for a screen come from."""
    return mnist.SOURCE if screen is Screen.DIGIT else photographs.SOURCE


def calibration(
    context: BuildContext, image: ImageSpec, screen: Screen, folder: Path | None, count: int = photographs.CALIBRATION
) -> Pixels:
    """At most `count` preprocessed pictures, uint8 (N, height, width, channels); SourceError where there are none."""
    if folder is not None:
        return _from_folder(context, image, folder, count)
    if screen is Screen.GALLERY:
        context.progress.say("  no --calibration: calibrated on crops of the kit's five photographs")
        return photographs.calibration(context, image, count)
    context.progress.say("  no --calibration: calibrated on digits of MNIST's training set")
    digits = mnist.load(context.path(mnist.SOURCE)).train.pictures
    chosen = np.random.default_rng(context.choices.seed).permutation(len(digits))[:count]
    return np.stack([pixels(_picture_of(digits[index], image), image) for index in chosen])


def _from_folder(context: BuildContext, image: ImageSpec, folder: Path, count: int) -> Pixels:
    place, parts = f"--calibration {folder}", training_folders(folder)
    if parts != [folder]:
        context.progress.say(f"{place}: calibrated on the pictures for training alone")
    files = [files_below(part) for part in parts]
    if others := [file for part in files for file in part.others]:
        context.progress.say(passed_over(place, others))
    found = [file for part in files for file in part.pictures]
    if not found:
        raise SourceError(f"--calibration {folder} holds no pictures; give a folder of them, sub-folders or not")
    order = np.random.default_rng(context.choices.seed).permutation(len(found))[:count]
    chosen = [found[index] for index in order]
    read = [picture for batch in batches(chosen, image) for picture in batch]
    unreadable = [error for error in read if isinstance(error, PictureError)]
    folders.report_skipped(place, unreadable, len(chosen), context.progress.say)
    return np.stack([picture.levels for picture in read if isinstance(picture, Picture)])


def evaluation(context: BuildContext, image: ImageSpec, screen: Screen, labels: tuple[str, ...]) -> Evaluation:
    """The user's labelled pictures, else the kit's: then without truth, unless the labels are the ten digits."""
    if context.choices.eval_dir is not None:
        return folders.labelled_folder(context.choices.eval_dir, context.progress.say, labels)
    if screen is Screen.GALLERY:
        context.progress.say("  no --eval-dir: unlabelled crops of photographs, which show agreement, not accuracy")
        return photographs.evaluation(context)
    known = labels == shipped_labels("digits")
    judged = "labelled, as the labels are the ten digits" if known else "which show agreement, not accuracy"
    context.progress.say(f"  no --eval-dir: MNIST's test digits, {judged}")
    return Evaluation("MNIST test set", _digits(context, image, known))


def _digits(context: BuildContext, image: ImageSpec, known: bool) -> Iterator[Entry]:
    test = mnist.load(context.path(mnist.SOURCE)).test
    raw = (image.height, image.width, image.channels, image.crop) == (MNIST_SIDE, MNIST_SIDE, 1, None)
    for index, (digit, label) in enumerate(zip(test.pictures, test.labels, strict=True)):
        picture, truth = _picture_of(digit, image), int(label) if known else None
        if raw:
            yield Entry(f"{index:05d}.raw", picture.tobytes(), truth)
        else:
            file = io.BytesIO()
            picture.save(file, "PNG", compress_level=1)
            yield Entry(f"{index:05d}.png", file.getvalue(), truth)


def _picture_of(digit: Pixels, image: ImageSpec) -> Image.Image:
    picture = Image.fromarray(digit[..., 0])
    dark = image.digit is not None and image.digit.polarity is Polarity.DARK_ON_LIGHT
    return ImageOps.invert(picture) if dark else picture


def labelled_sample(
    folder: Path, image: ImageSpec, labels: tuple[str, ...], count: int, seed: int
) -> tuple[Pixels, Truth]:
    """At most `count` labelled pictures in random order: levels (N, height, width, channels) and truth (N,)."""
    found = folders.find(folder, (labels,)).pictures
    chosen = [found[index] for index in np.random.default_rng(seed).permutation(len(found))[:count]]
    read = [picture for batch in batches([path for _, path, _ in chosen], image) for picture in batch]
    # The evaluation set has reported the unreadable ones already.
    pairs = [
        (item.levels, label) for item, (_, _, label) in zip(read, chosen, strict=True) if isinstance(item, Picture)
    ]
    return np.stack([levels for levels, _ in pairs]), np.array([label for _, label in pairs], np.int64)
