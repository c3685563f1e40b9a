"""`python -m export`: recipes in, packed models in the app's assets out."""

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

if __name__ == "__main__":  # during the imports Ctrl-C ends the process at once, without a traceback
    on_interrupt = signal.signal(signal.SIGINT, signal.SIG_DFL)

from rich.console import Console

from benchmarks.console.interrupts import leave
from benchmarks.console.terminal import quiet
from benchmarks.formats.declared import plain
from export import recipes
from export.commands import own_model, table
from export.commands.arguments import add_evaluation_options, add_export_options, trained_with, variants
from export.commands.exit_code import print_error, run_command
from export.commands.run import run
from export.errors import RecipeError, SourceError
from export.output.store import Store
from export.recipe import Choices, Recipe
from metadata.command_line import BAD_INPUT, OneLineParser, count, run_main

ROOT = Path(__file__).parent.parent
SOME_REFUSED = 1
EXAMPLES = """examples:
  python -m export                          the quick recipes, all variants, into the app's assets
  python -m export --all                    every recipe; what cannot be had is named at the end, with the reason
  python -m export digits_cnn               one recipe
  python -m export vgg16 --weights vgg16.h5
                                            pretrained weights from a file
  python -m export efficientnet_lite0 --eval-dir photos/
                                            measure accuracy on your own labelled pictures, photos/<class>/<picture>
  python -m export --list                   the recipes, and what was measured last
  python -m export model.keras --labels labels.txt --mean 127.5 --std 127.5
                                            your own model: .keras, .h5, a SavedModel's folder or .tflite;
                                            python -m export model.keras --help explains more
  python -m export.teach --help             your own classes, from pictures
"""


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line; recipe names are not checked yet."""
    parser = OneLineParser(
        prog="python -m export",
        description="Train or load models, convert them for a phone, and measure that they still answer as Keras does.",
        epilog=EXAMPLES,
    )
    add = parser.add_argument
    default = ", ".join(recipes.DEFAULT)
    add("recipes", nargs="*", metavar="RECIPE", help=f"recipes to export (default: {default})")
    add("--all", action="store_true", help="every recipe; one that cannot be exported does not stop the others")
    add("--list", action="store_true", help="list the recipes and what was measured last, then stop")
    add("--data", type=Path, metavar="FILE", help="MNIST as mnist.pkl.gz or Keras's mnist.npz, instead of fetching it")
    add("--weights", type=Path, metavar="FILE", help="pretrained weights, instead of fetching them")
    add_evaluation_options(parser)
    add("--images", type=Path, metavar="DIR", help="pictures to learn from, for cats_vs_dogs: DIR/<class>/<picture>")
    add("--fine-tune", type=count, default=0, metavar="N", help="also train the last N layers of a frozen network")
    add("--full", action="store_true", help="train on everything, where a recipe's default is a part of the data")
    add_export_options(parser, "for training, calibration and crops")
    return parser.parse_args(arguments)


def names(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The names of the recipes to export, each once, not checked yet."""
    if arguments.all and arguments.recipes:
        raise RecipeError(f"--all is every recipe; leave out {arguments.recipes[0]}, or --all")
    return recipes.names() if arguments.all else tuple(dict.fromkeys(arguments.recipes)) or recipes.DEFAULT


def choose(options: argparse.Namespace) -> tuple[dict[str, Recipe], Choices]:
    """The recipes by name, and the choices; RecipeError for an unknown name, SourceError for a missing path."""
    chosen = {name: recipes.find(name) for name in names(options)}
    local_files = {"--data": options.data, "--weights": options.weights}
    for option, path in local_files.items():
        if path is not None and not path.is_file():
            raise SourceError(f"{option} {path}: no such file; give one, or leave it out")
    if options.weights is not None:
        _refuse_many(options.weights, chosen)
    if options.eval_dir is not None and not options.eval_dir.is_dir():
        raise SourceError(f"--eval-dir {options.eval_dir}: no such folder; give one with a sub-folder for each class")
    return chosen, Choices(
        local_files,
        variants(options.variants),
        options.seed,
        options.eval_dir,
        full=options.full,
        fine_tune=options.fine_tune,
        trained_with=trained_with(options),
        images=options.images,
    )


def _refuse_many(weights: Path, chosen: Mapping[str, Recipe]) -> None:
    """Raise SourceError where one weights file is given for several models."""
    takers = [name for name, recipe in chosen.items() if any(source.option == "--weights" for source in recipe.sources)]
    if len(takers) > 1:
        raise SourceError(f"--weights {weights} cannot be those of {' and '.join(takers)}; name one of them")


def act(parsed: argparse.Namespace, chooser: Callable[[argparse.Namespace], tuple[dict[str, Recipe], Choices]]) -> int:
    """List the recipes, or export those that `chooser` makes of the command line; the exit code."""
    if parsed.list:
        found = {name: recipes.find(name) for name in recipes.names()}
        Console().print(table.model_table(found, Store(parsed.out).records))
        return 0
    with quiet(ROOT / "build" / "logs" / f"export-{time.strftime('%Y%m%d-%H%M%S')}.log") as terminal:
        chosen, choices = chooser(parsed)
        refused: dict[str, str] = {}
        note = refused.__setitem__ if parsed.all else None
        store = run(chosen, choices, parsed.out, parsed.assets, terminal, force=parsed.force, refused=note)
    exported = {name: store.records[name] for name in chosen if name not in refused}
    if exported and parsed.json:
        print(json.dumps({name: plain(record) for name, record in exported.items()}, indent=1))
    elif exported:
        table.print_export(exported, parsed.assets)
    for name, reason in refused.items():
        print_error("export", f"{name} not exported: {reason}", SOME_REFUSED)
    if not refused:
        return 0
    return SOME_REFUSED if exported else BAD_INPUT


def main(arguments: list[str]) -> int:
    """Exit code 0; 1 when --all left some out; 2 for bad input or nothing exported; 130 when interrupted."""
    own = own_model.is_meant(arguments)
    parsed, chooser = (own_model.parse(arguments), own_model.choose) if own else (parse(arguments), choose)
    return run_command("export", partial(act, parsed, chooser), parsed.out)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, on_interrupt)
    run_main(lambda: main(sys.argv[1:]), leave)
