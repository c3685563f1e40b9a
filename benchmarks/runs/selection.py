"""What measuring on attached phones and packing for a farm's take alike: which models, and how they are to be run."""

import argparse
from collections.abc import Mapping, Sequence

from benchmarks.console.arguments import add_model_options, count
from benchmarks.formats.job import Accelerator
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest


def add_options(parser: argparse.ArgumentParser) -> None:
    """--models, --variants, --limit, --threads, --accelerator and --seed."""
    add = parser.add_argument
    add_model_options(parser, "exported models by name (default: all)", "such as fp32,int8 (default: all)")
    add("--limit", type=count, metavar="N", help="only the first N inputs of every evaluation set")
    add("--threads", "--num_threads", "--num-threads", type=count, default=4, metavar="N", help="default: %(default)s")
    add("--accelerator", type=Accelerator, choices=tuple(Accelerator), default=Accelerator.CPU, metavar="NAME",
        help=f"{', '.join(Accelerator)} (default: %(default)s)")  # fmt: skip
    add("--seed", type=int, default=0, help="of the order within rounds (default: %(default)s)")


def selected(options: argparse.Namespace) -> tuple[Mapping[str, ExportedRecipe], Sequence[ExportedVariant]]:
    """The recipes by name, and the variants; ManifestError for a name that the manifest does not have."""
    manifest = Manifest.read(options.build.models)
    variants = manifest.select(options.models, options.variants)
    return {variant.recipe: manifest.recipes[variant.recipe] for variant in variants}, variants
