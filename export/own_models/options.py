"""What the options of `python -m export MODEL` and the model's input shape state: ImageSpec, card, screen, door."""

import argparse
import re
from dataclasses import replace
from pathlib import Path

from export.data.split_names import nfc
from export.errors import OwnModelError
from export.own_models.keras_config import BatchShape
from export.own_models.normalisation import InputNormalisation
from export.recipe import Screen
from metadata.card import DigitLayout, ImageSpec, ModelCard, Resize, per_channel
from metadata.door import IMAGENET_DOOR, Door
from metadata.labels import read_labels, shipped_labels
from metadata.support_metadata import SupportMetadata

CHANNELS = (1, 3)
LARGEST_DIGIT = 64  # pixels a side
KINDS = {"dog": ("dog", "dogs"), "cat": ("cat", "cats")}
MISSING_NORMALISATION = (
    "--mean and --std are missing, and nothing in a model says what it was trained on: "
    "--mean 127.5 --std 127.5 for [-1, 1], --mean 0 --std 255 for [0, 1], --mean 0 --std 1 where the model rescales by "
    "itself; or give --eval-dir, labelled pictures, to learn which fits"
)


def size_of(name: str, shape: BatchShape, requested: tuple[int, int] | None) -> tuple[int, int, int]:
    """(height, width, channels) of the input; OwnModelError where it is no picture, or its size is unknown."""
    text = "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"
    if len(shape) == 4 and shape[3] not in CHANNELS and shape[1] in CHANNELS:
        raise OwnModelError(
            f"{name} takes {text}: channels first, which phones do not run; build it with "
            "data_format='channels_last' and load its weights"
        )
    if len(shape) != 4 or shape[3] not in CHANNELS:
        raise OwnModelError(f"{name} takes {text}, no picture; an image classifier takes (n, height, width, 1 or 3)")
    _, height, width, channels = shape
    if requested is not None and (height or requested[0], width or requested[1]) != requested:
        raise OwnModelError(
            f"{name} takes {text}, which --size {requested[0]}x{requested[1]} cannot change; leave it out"
        )
    height, width = requested or (height, width)
    if height is None or width is None or channels is None:
        raise OwnModelError(f"{name} takes {text}, pictures of any size; choose one with --size, such as 224x224")
    return height, width, channels


def screen_of(options: argparse.Namespace, size: tuple[int, int, int]) -> Screen:
    """The screen of `--screen`; without it, digit for small grey pictures and gallery for all others."""
    if options.screen is not None:
        return Screen(options.screen)
    return Screen.DIGIT if size[2] == 1 and max(size[:2]) <= LARGEST_DIGIT else Screen.GALLERY


def normalisation_of(options: argparse.Namespace, channels: int) -> InputNormalisation | None:
    """What `--mean`, `--std` and `--order` state; None where labelled pictures are to propose it.

    OwnModelError where only one of mean and deviation is stated, or neither of them and there are no pictures.
    """
    if (options.mean is None) != (options.std is None) or (options.mean is None and options.eval_dir is None):
        raise OwnModelError(MISSING_NORMALISATION)
    if options.order == "bgr" and channels == 1:
        raise OwnModelError("--order bgr is for three channels, and this model has one; leave it out")
    if options.mean is None:
        return None
    mean, std = per_channel(options.mean, channels), per_channel(options.std, channels)
    return InputNormalisation(mean, std, options.order == "bgr")


def image_of(
    options: argparse.Namespace,
    size: tuple[int, int, int],
    screen: Screen,
    normalisation: InputNormalisation | None,
    packed: ImageSpec | None = None,
) -> ImageSpec:
    """The preprocessing that the options state, else that of a `.tflite` file, `packed`; CardError for wrong values."""
    height, width, channels = size
    stated = normalisation or InputNormalisation((0.0,) * channels, (1.0,) * channels)
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
    """The card: each field from the command line, else from a `.tflite` file's metadata (`packed`), else a default."""

    def field(name: str, default: str = "") -> str:
        return getattr(options, name) or getattr(packed, name, None) or default

    return ModelCard(
        name=name_of(options),
        description=field("description", f"{len(labels)} labels, from {nfc(options.model.resolve().name)}"),
        version=field("version", "1"),
        author=field("author"),
        license=field("license"),
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
    return options.name or re.sub(r"[^a-z0-9]+", "_", nfc(options.model.resolve().stem).lower()).strip("_")


def door_of(options: argparse.Namespace, labels: tuple[str, ...]) -> Door | None:
    """The doggy-door rule, where `--door` asks for it; OwnModelError where the labels have no dog or no cat."""
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
