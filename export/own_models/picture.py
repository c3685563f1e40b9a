"""What a model is fed, and what it says of itself: from its input's shape, and from the command line."""

import argparse
import re
from dataclasses import replace
from pathlib import Path

from export.errors import OwnModelError
from export.own_models.feeding import Feeding
from export.own_models.keras_config import BatchShape
from export.recipe import Screen
from metadata.card import DigitLayout, ImageSpec, ModelCard, Resize, per_channel
from metadata.door import IMAGENET_DOOR, Door
from metadata.labels import read_labels, shipped_labels
from metadata.support_metadata import SupportMetadata

CHANNELS = (1, 3)
LARGEST_DIGIT = 64  # pixels a side
KINDS = {"dog": ("dog", "dogs"), "cat": ("cat", "cats")}
ASK = (
    "--mean and --std are missing, and nothing in a model says what it was trained on: "
    "--mean 127.5 --std 127.5 for [-1, 1], --mean 0 --std 255 for [0, 1], --mean 0 --std 1 where the model rescales by "
    "itself; or give --eval-dir, labelled pictures, to be told which fits"
)


def size_of(name: str, shape: BatchShape, given: tuple[int, int] | None) -> tuple[int, int, int]:
    """(height, width, channels) of the input; OwnModelError for what is no picture, or of unknown size."""
    fed = "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"
    if len(shape) == 4 and shape[3] not in CHANNELS and shape[1] in CHANNELS:
        raise OwnModelError(
            f"{name} is fed {fed}: channels first, which phones do not run; build it with "
            "data_format='channels_last' and load its weights"
        )
    if len(shape) != 4 or shape[3] not in CHANNELS:
        raise OwnModelError(f"{name} is fed {fed}, no picture; an image classifier takes (n, height, width, 1 or 3)")
    _, height, width, channels = shape
    if given is not None and (height or given[0], width or given[1]) != given:
        raise OwnModelError(f"{name} is fed {fed}, which --size {given[0]}x{given[1]} cannot change; leave it out")
    height, width = given or (height, width)
    if height is None or width is None or channels is None:
        raise OwnModelError(f"{name} is fed {fed}, pictures of any size; choose one with --size, such as 224x224")
    return height, width, channels


def screen_of(options: argparse.Namespace, size: tuple[int, int, int]) -> Screen:
    """The screen asked for; else digit for small grey pictures, and gallery for all others."""
    if options.screen is not None:
        return Screen(options.screen)
    return Screen.DIGIT if size[2] == 1 and max(size[:2]) <= LARGEST_DIGIT else Screen.GALLERY


def feeding_of(options: argparse.Namespace, channels: int) -> Feeding | None:
    """As stated; None where it is to be proposed. OwnModelError for half of it, or none without pictures to tell."""
    if (options.mean is None) != (options.std is None) or (options.mean is None and options.eval_dir is None):
        raise OwnModelError(ASK)
    if options.order == "bgr" and channels == 1:
        raise OwnModelError("--order bgr is for three channels, and this model has one; leave it out")
    if options.mean is None:
        return None
    mean, std = per_channel(options.mean, channels), per_channel(options.std, channels)
    return Feeding(mean, std, options.order == "bgr")


def image_of(
    options: argparse.Namespace,
    size: tuple[int, int, int],
    screen: Screen,
    feeding: Feeding | None,
    packed: ImageSpec | None = None,
) -> ImageSpec:
    """The spec as stated, else as a ready file has it `packed`; CardError where the numbers cannot be right."""
    height, width, channels = size
    stated = feeding or Feeding((0.0,) * channels, (1.0,) * channels)
    layout = (packed and packed.digit) or DigitLayout()
    return ImageSpec(
        height=height,
        width=width,
        channels=channels,
        mean=stated.mean,
        std=stated.std,
        crop=getattr(options, "crop", packed.crop if packed else None),
        resize=options.resize or (packed.resize if packed else Resize.PILLOW_BILINEAR),
        digit=replace(layout, polarity=options.digit or layout.polarity) if screen is Screen.DIGIT else None,
    )


def card_of(
    options: argparse.Namespace, image: ImageSpec, labels: tuple[str, ...], packed: SupportMetadata | None = None
) -> ModelCard:
    """The card: what the command line says, else what a ready file says, else what can be said of any model."""

    def said(field: str, otherwise: str = "") -> str:
        return getattr(options, field) or getattr(packed, field, None) or otherwise

    return ModelCard(
        name=name_of(options),
        description=said("description", f"{len(labels)} labels, from {options.model.resolve().name}"),
        version=said("version", "1"),
        author=said("author"),
        license=said("license"),
        image=image,
        labels=labels,
    )


def labels_of(path: Path | None) -> tuple[str, ...]:
    """The labels; OwnModelError where no file is given, LabelError for one that cannot be used."""
    if path is None:
        raise OwnModelError("--labels is missing; give a text file with one label a line, in the order of the outputs")
    return read_labels(path)


def name_of(options: argparse.Namespace) -> str:
    """The name asked for, else the file's, in lower case and with _ for everything but letters and digits."""
    return options.name or re.sub(r"[^a-z0-9]+", "_", options.model.resolve().stem.lower()).strip("_")


def door_of(options: argparse.Namespace, labels: tuple[str, ...]) -> Door | None:
    """The doggy-door rule where asked for; OwnModelError where the labels know no dog or no cat."""
    if not options.door:
        return None
    if labels == shipped_labels("imagenet"):
        return IMAGENET_DOOR
    found = {
        kind: [index for index, label in enumerate(labels) if label.strip().lower() in names]
        for kind, names in KINDS.items()
    }
    if not all(found.values()):
        raise OwnModelError("--door needs labels dog and cat, or the kit's 1000 of ImageNet; leave it out")
    (dog, *_), (cat, *_) = found["dog"], found["cat"]
    return Door(dog=(dog, dog), cat=(cat, cat))
