"""`python -m export.teach`: a folder of class folders in, a classifier in the app's assets out."""

import argparse
import json
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks.console.interrupts import leave
from benchmarks.console.places import BUILD
from benchmarks.console.terminal import Terminal, quiet
from benchmarks.formats.declared import plain
from export import recipes
from export.commands import table
from export.commands.arguments import add_export_options, variants
from export.commands.exit_code import run_command
from export.commands.run import run
from export.output.store import Store
from export.recipe import Choices, Recipe
from export.transfer.backbones import DEFAULT, NO_WEIGHTS, BackboneOptions, find
from export.transfer.classes import find as find_classes
from export.transfer.held_out import held_out_metrics
from export.transfer.splits import divide
from export.transfer.task import TransferTask, recipe_of
from metadata.command_line import OneLineParser, count, run_main

EXAMPLES = """Put the pictures of each class into a folder: photos/cat/*.jpg, photos/dog/*.jpg. A class needs at least
five different pictures; fifty are a good beginning. A fifth is held out: it is not used for training, and the accuracy
that is printed at the end was measured on it. Folders named photos/train, photos/validation and photos/test (or
Training, valid, test_set and the like) are used as the splits.

Of exact copies, one is used, over all splits. The features of a picture are computed once and cached, so that training
again takes seconds.

examples:
  python -m export.teach photos/ --name my_pets
  python -m export.teach photos/ --name my_pets --backbone MobileNetV2 --size 160
                                                  a model of keras.applications; its weights are downloaded
  python -m export.teach photos/ --name my_pets --backbone MobileNetV2 --weights mobilenet_v2_no_top.h5
  python -m export.teach photos/ --name my_pets --backbone downloads/efficientnet-v2-feature-vector/
                                                  a SavedModel of TF Hub or Kaggle Models
  python -m export.teach photos/ --name my_pets --fine-tune 5
                                                  the last five layers are trained too, at a low rate
"""


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line as given; names and paths are not yet checked."""
    parser = OneLineParser(
        prog="python -m export.teach",
        description="Train a classifier for your own classes, and put it into the app.",
        epilog=EXAMPLES,
    )
    add = parser.add_argument
    add("images", type=Path, metavar="DIR", help="pictures, DIR/<class>/<picture>")
    add("--name", required=True, help="name of the model, for example my_pets")
    add("--backbone", default=DEFAULT, metavar="NAME|DIR", help="the frozen network (default: %(default)s)")
    add(
        "--weights", metavar="FILE", help=f"the backbone's weights, instead of fetching them; {NO_WEIGHTS}: random ones"
    )
    add("--size", type=int, metavar="N", help="side of the backbone's input in pixels, where it can be chosen")
    add("--mean", type=float, help="mean of a SavedModel's pixels, 0..255; value = (pixel - mean) / std (default: 0)")
    add("--std", type=float, help="deviation of a SavedModel's pixels (default: 255)")
    add("--fine-tune", type=count, default=0, metavar="N", help="train the backbone's last N layers too")
    add_export_options(
        parser, "for splits and training", "the model's part of the manifest, and its accuracy on held-out pictures"
    )
    return parser.parse_args(arguments)


def choose(options: argparse.Namespace, terminal: Terminal) -> tuple[Recipe, Choices]:
    """The recipe and the choices that the options state; ExportError, one line, for what cannot be trained."""
    recipes.check_new_name(options.name)
    wanted = variants(options.variants)
    backbone = find(options.backbone, BackboneOptions(options.weights, options.size, options.mean, options.std))
    splits = divide(find_classes(options.images), options.seed, terminal)
    task = TransferTask(
        name=options.name,
        description=f"{len(splits.labels)} classes of {options.images.resolve().name}, trained on {backbone.name}.",
        splits=splits,
        backbone=backbone,
        license=f"the user's, on {backbone.name}: {backbone.license}",
    )
    weights = Path(options.weights) if options.weights not in (None, NO_WEIGHTS) else None
    return recipe_of(task), Choices({"--weights": weights}, wanted, options.seed, fine_tune=options.fine_tune)


def report(options: argparse.Namespace, store: Store) -> None:
    """Print the parity table, how good the model is on the held-out pictures, and what it confuses."""
    record = store.records[options.name]
    metrics = held_out_metrics(store.folder, record)
    if options.json:
        print(json.dumps({options.name: plain(record) | {"marks": metrics.to_json()}}, indent=1))
        return
    table.print_export({options.name: record}, options.assets, metrics.lines())


def act(options: argparse.Namespace) -> int:
    """Train, export and report."""
    with quiet(BUILD.logs / f"teach-{time.strftime('%Y%m%d-%H%M%S')}.log") as terminal:
        recipe, choices = choose(options, terminal)
        store = run({recipe.name: recipe}, choices, options.out, options.assets, terminal, force=options.force)
    report(options, store)
    return 0


def main(arguments: list[str]) -> int:
    """Exit code 0; 2, with one line, for what cannot be trained; 130 when interrupted."""
    options = parse(arguments)
    return run_command("teach", partial(act, options), options.out)


if __name__ == "__main__":
    run_main(lambda: main(sys.argv[1:]), leave)
