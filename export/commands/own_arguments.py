"""What `python -m export MODEL` takes, and when a command line means that."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from export.commands.arguments import add_evaluation_options, add_export_options
from export.networks.saved_model import is_saved_model
from export.own_models.keras_file import H5
from export.recipe import Screen
from metadata.card import Polarity, Resize
from metadata.command_line import OneLineParser, crop, numbers

FILES = (".keras", *H5, ".tflite")
# Options after which the next word is not theirs.
FLAGS = ("--door", "--force", "--json", "--trust")
EXAMPLES = """examples:
  python -m export model.keras --labels labels.txt --mean 127.5 --std 127.5
  python -m export model.h5 --labels labels.txt --mean 0 --std 255 --crop center:7/8 --eval-dir photos/
  python -m export saved_model/ --labels labels.txt --eval-dir photos/      mean and std are proposed, not assumed
  python -m export vgg.keras --labels imagenet.txt --mean 123.68,116.779,103.939 --std 1 --order bgr
  python -m export existing.tflite --labels labels.txt --mean 127.5 --std 127.5

mean and std are on pixels 0..255, value = (pixel - mean) / std; docs/own.md tells the rest.
"""


def is_meant(arguments: Sequence[str]) -> bool:
    """Whether a positional argument is a model file, or a folder with a SavedModel."""
    for before, word in zip(("", *arguments), arguments, strict=False):
        is_value = before.startswith("-") and "=" not in before and before not in FLAGS
        if not is_value and not word.startswith("-") and is_model(Path(word)):
            return True
    return False


def is_model(path: Path) -> bool:
    """Whether the path is named like a model file, or is a SavedModel."""
    return path.suffix.lower() in FILES or is_saved_model(path)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line as given; nothing is opened yet."""
    parser = OneLineParser(
        prog="python -m export model.keras",
        description="Bring your own model: convert it for a phone, and measure that it still answers as it did.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL", help="a .keras, .h5 or .tflite file, or the folder of a SavedModel")
    add("--labels", type=Path, metavar="FILE", help="one label a line, no index, in the order of the outputs")
    add("--mean", type=numbers, metavar="M", help="one number, or R,G,B, on pixels 0..255")
    add("--std", type=numbers, metavar="S", help="likewise")
    add("--order", choices=("rgb", "bgr"), default="rgb", help="of the channels, as trained (default: %(default)s)")
    add("--crop", type=_crop, default=argparse.SUPPRESS, metavar="center:NUM/DEN",
        help="central square of the picture, or none (default: none)")  # fmt: skip
    add("--resize", type=Resize, choices=tuple(Resize), metavar="FILTER",
        help=f"{', '.join(Resize)} (default: {Resize.PILLOW_BILINEAR})")  # fmt: skip
    add("--size", type=_size, metavar="HxW", help="of the input, where the model takes any")
    add("--calibration", type=Path, metavar="DIR", help="pictures to calibrate on, as the app will see them")
    add_evaluation_options(parser)
    add("--screen", type=Screen, choices=tuple(Screen), metavar="NAME",
        help=f"of the app: {', '.join(Screen)} (default: digit for small grey pictures, else gallery)")  # fmt: skip
    add("--digit", type=Polarity, choices=tuple(Polarity), metavar="POLARITY",
        help=f"how a digit looks: {', '.join(Polarity)} (default: the file's, {Polarity.LIGHT_ON_DARK})")  # fmt: skip
    add("--door", action="store_true", help="the doggy-door rule: labels dog and cat, or ImageNet's 1000")
    add("--trust", action="store_true", help="run the Python code in a model file's Lambda layers")
    add("--name", help="of the model (default: the file's)")
    add("--description", help="a sentence about it")
    add("--version", help="its version (default: 1)")
    add("--author", help="who made it")
    add("--license", help="its licence, as an SPDX identifier")
    add_export_options(parser, "calibration and samples")
    parser.set_defaults(list=False, all=False)
    return parser.parse_args(arguments)


def _crop(text: str) -> object:
    """ "center:7/8", "7/8" or "none"."""
    return crop(text.removeprefix("center:"))


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{0,4})[x×]([1-9]\d{0,4})", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write height x width, like 224x224")
    return int(found[1]), int(found[2])
