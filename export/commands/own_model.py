"""`python -m export MODEL`: from the command line to a recipe for a user's own model file."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from export import recipes
from export.commands.arguments import add_evaluation_options, add_export_options, trained_with, variants
from export.errors import OwnModelError, SourceError
from export.networks import saved_model
from export.networks.saved_model import is_saved_model
from export.own_models.keras_config import CONFIG, H5
from export.recipe import Choices, Recipe, Screen
from metadata.card import Polarity, Resize
from metadata.command_line import OneLineParser, crop, numbers, size

FILES = (".keras", *H5, ".tflite")
# Options without a value: the word after one of them stands by itself.
FLAGS = ("--door", "--force", "--json", "--trust")
SAVE_IT = "save the model with model.save('model.keras') where it was made, and give that"
CHECKPOINT = "checkpoint"  # the file that names the newest one
TO_KERAS = "build the model in Keras, load these weights, and save it with model.save('model.keras')"
# What else people have for a model: what it is, and how it becomes one of FILES.
OTHER_KINDS = {
    ".onnx": ("an ONNX model", "make a SavedModel of it with onnx2tf, and give that folder"),
    ".pt": ("a PyTorch model", "make a .tflite of it with litert-torch, or a SavedModel by ONNX and onnx2tf"),
    ".pth": ("a PyTorch model", "make a .tflite of it with litert-torch, or a SavedModel by ONNX and onnx2tf"),
    ".safetensors": ("a file of weights without a model", TO_KERAS),
    ".pb": (
        "a graph without the folder of its SavedModel",
        "give the folder that holds saved_model.pb and variables, or wrap a frozen graph and save it with "
        "tf.saved_model.save",
    ),
    ".pbtxt": ("a graph as text", "give the folder of a SavedModel, with saved_model.pb and variables"),
    ".ckpt": ("a checkpoint: weights without a model", TO_KERAS),
    ".index": ("a part of a checkpoint: weights without a model", TO_KERAS),
    ".json": ("a model's structure without its weights, or TensorFlow.js", SAVE_IT),
    ".yaml": ("a model's structure without its weights", SAVE_IT),
    ".pkl": ("a pickle, which can run any code", SAVE_IT),
    ".mlmodel": ("a Core ML model", "give the model that it was made from"),
    ".mlpackage": ("a Core ML model", "give the model that it was made from"),
    ".task": ("a MediaPipe bundle", "unzip it, and give the .tflite file in it"),
    ".lite": ("a .tflite file under another name, it seems", "rename it to model.tflite"),
    ".zip": ("an archive", "unpack it, and give the model file or the SavedModel's folder in it"),
    ".gz": ("an archive", "unpack it, and give the model file or the SavedModel's folder in it"),
    ".caffemodel": ("a Caffe model", "make an ONNX model of it, and with onnx2tf a SavedModel"),
}
PROGRAM = "python -m export model.keras"  # words that can be typed; MODEL could not
EXAMPLES = """examples:
  python -m export model.keras --labels labels.txt --mean 127.5 --std 127.5
  python -m export model.h5 --labels labels.txt --mean 0 --std 255 --crop center:7/8 --eval-dir photos/
  python -m export saved_model/ --labels labels.txt --eval-dir photos/      mean and std are proposed, not assumed
  python -m export vgg.keras --labels imagenet.txt --mean 123.68,116.779,103.939 --std 1 --order bgr
  python -m export existing.tflite --labels labels.txt --mean 127.5 --std 127.5

mean and std are on pixels 0..255, value = (pixel - mean) / std; docs/own.md explains the rest.
"""


def is_meant(arguments: Sequence[str]) -> bool:
    """Whether a positional argument is a model file or folder: named like one, or there, and no recipe's name."""
    for before, word in zip(("", *arguments), arguments, strict=False):
        is_value = before.startswith("-") and "=" not in before and before not in FLAGS
        if not is_value and not word.startswith("-") and word not in recipes.names() and _may_be_model(Path(word)):
            return True
    return False


def _may_be_model(path: Path) -> bool:
    return is_model(path) or path.suffix.lower() in OTHER_KINDS or path.exists() or len(path.parts) > 1


def is_model(path: Path) -> bool:
    """Whether the path is named like a model file, or is a SavedModel."""
    return path.suffix.lower() in FILES or is_saved_model(path)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line; no file is opened yet."""
    parser = OneLineParser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [-h] [options]",
        description="Convert a model of your own for a phone, and measure that it still gives the same answers.",
        epilog=EXAMPLES,
    )
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL", help="a .keras, .h5 or .tflite file, or the folder of a SavedModel")
    add("--labels", type=Path, metavar="FILE", help="one label a line, no index, in the order of the outputs")
    add("--mean", type=numbers, metavar="M", help="one number, or R,G,B, on pixels 0..255")
    add("--std", type=numbers, metavar="S", help="one number, or R,G,B, on pixels 0..255")
    add("--order", choices=("rgb", "bgr"), default="rgb", help="colour order of the training (default: %(default)s)")
    add("--crop", type=_crop, default=argparse.SUPPRESS, metavar="center:NUM/DEN",
        help="central square of the picture, or none (default: none)")  # fmt: skip
    add("--resize", type=Resize, choices=tuple(Resize), metavar="FILTER",
        help=f"how pictures are resized: {', '.join(Resize)} (default: {Resize.PILLOW_BILINEAR})")  # fmt: skip
    add("--size", type=size, metavar="HxW", help="size of the input, for a model that takes any size")
    add("--calibration", type=Path, metavar="DIR", help="pictures to calibrate on, like those that the app will see")
    add_evaluation_options(parser)
    add("--screen", type=Screen, choices=tuple(Screen), metavar="NAME",
        help=f"app screen: {', '.join(Screen)} (default: digit for small grey images, else gallery)")  # fmt: skip
    add("--digit", type=Polarity, choices=tuple(Polarity), metavar="POLARITY",
        help=f"colours of a digit: {', '.join(Polarity)} (default: the file's, {Polarity.LIGHT_ON_DARK})")  # fmt: skip
    add("--door", action="store_true", help="add the doggy-door rule; labels are dog and cat, or ImageNet's 1000")
    add("--trust", action="store_true", help="run the Python code in a model file's Lambda layers")
    add("--name", help="name of the model (default: the file's name)")
    add("--description", help="a sentence about the model")
    add("--version", help="version of the model (default: 1)")
    add("--author", help="who made the model")
    add("--license", help="licence of the model, as an SPDX identifier")
    add_export_options(parser, "for calibration and samples")
    parser.set_defaults(list=False, all=False)
    options = parser.parse_args(arguments)
    _report_unused_options(options)
    return options


def _crop(text: str) -> object:
    """ "center:7/8", "7/8" or "none"."""
    return crop(text.removeprefix("center:"))


def choose(options: argparse.Namespace) -> tuple[dict[str, Recipe], Choices]:
    """The recipe by its name, and the choices; ExportError or MetadataError, one line, for what cannot be exported."""
    path: Path = options.model
    if not path.exists():
        raise SourceError(f"{path}: no such file or folder; give a model")
    for option, folder in (("--calibration", options.calibration), ("--eval-dir", options.eval_dir)):
        if folder is not None and not folder.is_dir():
            raise SourceError(f"{option} {folder}: no such folder; give a folder of pictures")
    recipe = _recipe(path, options)
    recipes.check_new_name(recipe.name)
    choices = Choices(
        variants=variants(options.variants),
        seed=options.seed,
        eval_dir=options.eval_dir,
        trained_with=trained_with(options),
    )
    return {recipe.name: recipe}, choices


def _recipe(path: Path, options: argparse.Namespace) -> Recipe:
    if not is_model(path):
        raise OwnModelError(_not_a_model(path))
    # These know the whole export: a command that names no model file does not wait for them.
    from export.own_models import keras_file, tflite_file
    from export.own_models.recipe import recipe_of

    if path.is_dir():
        return recipe_of(options, saved_model.read(path))
    if path.suffix.lower() == ".tflite":
        return tflite_file.recipe_of(options)
    return recipe_of(options, keras_file.read(path, trust=options.trust))


def _not_a_model(path: Path) -> str:
    """What is there instead of a model that can be exported, and what to do."""
    if not path.is_dir():
        kind, advice = OTHER_KINDS.get(path.suffix.lower(), (f"no {', '.join(FILES)} file", SAVE_IT))
        return f"{path} is {kind}; {advice}"
    inside = sorted(path.iterdir())
    versions = [folder for folder in inside if is_saved_model(folder)]
    if versions:
        latest = max(
            versions, key=lambda folder: (folder.name.isdigit(), int(folder.name) if folder.name.isdigit() else 0)
        )
        return f"{path} holds SavedModels, as TensorFlow Serving wants them; give one of them, as in {latest}"
    models = [file for file in inside if file.suffix.lower() in FILES]
    if models:
        return f"{path} is a folder with model files in it; give one of them, as in {models[0]}"
    if any(file.name == CHECKPOINT or file.suffix == ".index" for file in inside):
        return f"{path} holds {OTHER_KINDS['.ckpt'][0]}; {OTHER_KINDS['.ckpt'][1]}"
    if (path / CONFIG).is_file():
        return f"{path} is an unpacked .keras file; zip the files in it, without the folder, as model.keras"
    return f"{path} is a folder without {saved_model.GRAPH}; give a model file or a SavedModel"


def _report_unused_options(options: argparse.Namespace) -> None:
    """One line on standard error for options that make no difference to a model of this kind."""
    given, reason = [], "is a ready file, not converted"
    if options.model.suffix.lower() == ".tflite":
        names = ("variants", "calibration", "trained_with", "trust")
        given = [f"--{name.replace('_', '-')}" for name in names if getattr(options, name)]
    elif options.trust and is_saved_model(options.model):
        given, reason = ["--trust"], "is a graph, which carries no Python code"
    if given:
        verb = "has" if len(given) == 1 else "have"
        line = f"export: {' and '.join(given)} {verb} no effect: {options.model.name} {reason}"
        print(line, file=sys.stderr)
