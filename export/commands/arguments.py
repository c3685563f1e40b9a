"""The options that all exporting commands share."""

import argparse
from pathlib import Path

from benchmarks.console.places import ASSETS, BUILD
from export.errors import RecipeError, unknown
from export.recipe import STANDARD, TrainedWith, Variant


def add_export_options(
    parser: argparse.ArgumentParser,
    seed_use: str,
    json_content: str = "the exported part of the manifest instead of the table",
) -> None:
    """Variants, seed and folders; `seed_use` and `json_content` complete the help texts of `--seed` and `--json`."""
    add = parser.add_argument
    add("--variants", help=f"comma-separated, from {', '.join(Variant)} (default: {','.join(STANDARD)})")
    add("--seed", type=int, default=0, help=f"random seed {seed_use} (default: %(default)s)")
    add("--force", action="store_true", help="export again even where nothing has changed")
    add(
        "--out",
        type=Path,
        default=BUILD.models,
        metavar="DIR",
        help="folder for packed models and manifest",
    )
    add(
        "--assets",
        type=Path,
        default=ASSETS,
        metavar="DIR",
        help="folder of the app's models and catalogue",
    )
    add("--json", action="store_true", help=f"print {json_content}")


def add_evaluation_options(parser: argparse.ArgumentParser) -> None:
    """What a model is measured on, and what it is compared with."""
    add = parser.add_argument
    add("--eval-dir", type=Path, metavar="DIR", help="labelled pictures to measure on: DIR/<class>/<picture>")
    add(
        "--trained-with",
        choices=tuple(map(str, TrainedWith)),
        metavar="NAME",
        help="also measure the accuracy with the preprocessing of the training: %(choices)s",
    )


def trained_with(options: argparse.Namespace) -> TrainedWith | None:
    """The value of `--trained-with`; None where it is not given."""
    return None if options.trained_with is None else TrainedWith(options.trained_with)


def variants(text: str | None) -> tuple[Variant, ...]:
    """The variants of "fp32,int8", each once; the standard ones for None; RecipeError for an unknown name or none."""
    if text is None:
        return STANDARD
    names = tuple(dict.fromkeys(filter(None, text.split(","))))
    for name in names:
        if name not in list(Variant):
            raise RecipeError(unknown("variant", name, tuple(Variant)))
    if not names:
        raise RecipeError(f"--variants is empty; choose from: {', '.join(Variant)}")
    return tuple(map(Variant, names))
