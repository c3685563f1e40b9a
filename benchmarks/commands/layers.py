"""`python -m benchmarks layers`: from which layer on a model answers otherwise, layer by layer."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.console.arguments import add_model_options, count
from benchmarks.console.places import add_build_option, short
from benchmarks.evaluation.interpreter import runtime
from benchmarks.evaluation.number_format import plural
from benchmarks.evaluation.separate_process import require_running
from benchmarks.explain.conversion import FLOAT
from benchmarks.explain.layer_records import layers_of
from benchmarks.explain.model_explorer import FILE as NODE_DATA
from benchmarks.explain.model_explorer import node_data
from benchmarks.explain.two_runs import OtherRun, compare
from benchmarks.formats.declared import indented, write
from benchmarks.formats.errors import ManifestError, ModelError
from benchmarks.formats.layers_file import FILE
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest
from benchmarks.report.layers_text import lines
from metadata.output import write_whole
from metadata.reader import read_file

INPUTS = 10
FAULTY = 1
EPILOG = """The model is run twice on the same inputs: by this computer's usual kernels, and as the options say. Every
operator is also computed by itself from the tensors that the second run gave it. A layer is faulty when it differs by
more than another kernel's rounding; docs/explain.md has the rule and how often it is wrong.

exit code:
  0    no layer is wrong by itself
  1    one is; it is named first
  2    the input cannot be used

examples:
  python -m benchmarks layers --models efficientnet_lite0 --variants int8 --builtin
  python -m benchmarks layers --models digits_cnn --variants fp32 --file from_the_phone.tflite
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "layers",
        help="say from which layer on a model answers otherwise",
        description="Compare a model with itself on other kernels, or with another file of it, layer by layer.",
        epilog=EPILOG,
    )
    add_model_options(parser, "one exported model", "one of its variants (default: the one that the app uses)")
    add = parser.add_argument
    add("--file", type=Path, metavar="MODEL.tflite", help="run this file instead, such as the one from a phone")
    add("--builtin", action="store_true", help="run it on TensorFlow Lite's builtin kernels instead of XNNPACK's")
    add("--threads", type=count, default=1, metavar="N", help="run it on so many threads (default: %(default)s)")
    add("--limit", type=count, default=INPUTS, metavar="N", help="evaluation inputs (default: %(default)s)")
    add("--out", type=Path, metavar="DIR", help=f"where {FILE} and {NODE_DATA} go (default: build/layers/MODEL)")
    add_build_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, print, write; 1 where a layer is faulty."""
    recipe, variant = _chosen(options.models, options.variants, options.build.models)
    model = variant.file.checked().read_bytes()
    fp32 = recipe.variants.get(FLOAT) if variant.name != FLOAT else None
    other = _other(options, variant.title, model)
    inputs = recipe.evaluation_set(options.limit)
    levels = np.concatenate(list(inputs.batches(recipe.image, options.limit)))
    comparison = compare(model, other, None if fp32 is None else fp32.file.checked().read_bytes(), levels, recipe.image)
    name, version = runtime()
    kernels = "XNNPACK" if other.xnnpack else "builtin"
    seen = f"{other.name} in {name} {version}, {kernels} kernels, {plural(other.threads, 'thread')}"
    layers = layers_of(comparison, model=variant.title, sha256=variant.file.sha256, seen=seen, inputs=inputs.ids)
    folder = options.out or options.build.root / "layers" / f"{recipe.name}_{variant.name}"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / FILE, indented(write(layers, FILE, ModelError, "compare again")))
    write_whole(folder / NODE_DATA, node_data(layers))
    for line in lines(layers):
        print(line)
    print(f"\n{short(folder / FILE)} has every layer; {NODE_DATA} beside it is for Google's Model Explorer")
    return 0 if layers.first is None else FAULTY


def _chosen(models: Sequence[str], variants: Sequence[str], folder: Path) -> tuple[ExportedRecipe, ExportedVariant]:
    """The variant that is meant; ManifestError where it is not exactly one."""
    manifest = Manifest.read(folder)
    if len(models) != 1 or len(variants) > 1:
        some = next(iter(manifest.recipes), "digits_cnn")
        raise ManifestError(f"layers compares one variant of one model; name them, such as --models {some}")
    recipe = manifest.recipes.get(models[0])
    (variant,) = manifest.select(models, variants or ([recipe.default_variant] if recipe else ()))
    return manifest.recipes[models[0]], variant


def _other(options: argparse.Namespace, title: str, model: bytes) -> OtherRun:
    """What runs the second time; a file that nobody vouches for is run in a process of its own first."""
    if options.file is None:
        return OtherRun(title, model, options.threads, not options.builtin)
    data = read_file(options.file)
    require_running(options.file.name, data)
    return OtherRun(options.file.name, data, options.threads, not options.builtin)
