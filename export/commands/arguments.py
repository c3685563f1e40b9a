"""What every command that exports takes, declared once."""

import argparse
from pathlib import Path

from benchmarks.console.places import ASSETS, BUILD
from export.errors import RecipeError, unknown
from export.recipe import STANDARD, TrainedWith, Variant


def add_export_options(
    parser: argparse.ArgumentParser,
    seeded: str,
    printed: str = "the exported part of the manifest instead of the table",
) -> None:
    """Variants, seed and places; `seeded` says what the seed is of, `printed` what `--json` prints."""
    add = parser.add_argument
    standard = ",".join(STANDARD)
    add("--variants", default=standard, help=f"comma-separated, of {', '.join(Variant)} (default: %(default)s)")
    add("--seed", type=int, default=0, help=f"of {seeded} (default: %(default)s)")
    add("--force", action="store_true", help="export again even where nothing has changed")
    add("--out", type=Path, default=BUILD.models, metavar="DIR", help="packed models and manifest")
    add("--assets", type=Path, default=ASSETS, metavar="DIR", help="the app's models and catalogue")
    add("--json", action="store_true", help=f"print {printed}")


def add_evaluation_options(parser: argparse.ArgumentParser) -> None:
    """What a model is measured on, and what it is held against."""
    add = parser.add_argument
    add("--eval-dir", type=Path, metavar="DIR", help="labelled pictures to measure on: DIR/<class>/<picture>")
    add(
        "--trained-with",
        choices=tuple(map(str, TrainedWith)),
        metavar="NAME",
        help="measure what leaving the preprocessing of its training costs: %(choices)s",
    )


def trained_with(options: argparse.Namespace) -> TrainedWith | None:
    """What `--trained-with` names."""
    return None if options.trained_with is None else TrainedWith(options.trained_with)


def variants(text: str) -> tuple[Variant, ...]:
    """The variants of "fp32,int8", each once; RecipeError for a name that does not exist, and for none at all."""
    names = tuple(dict.fromkeys(filter(None, text.split(","))))
    for name in names:
        if name not in list(Variant):
            raise RecipeError(unknown("variant", name, tuple(Variant)))
    if not names:
        raise RecipeError(f"--variants is empty; choose from: {', '.join(Variant)}")
    return tuple(map(Variant, names))
