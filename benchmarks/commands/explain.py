"""`python -m benchmarks explain`: why a phone does not answer as Keras does."""

import argparse
from collections.abc import Sequence

from benchmarks.compare.row_results import RowResults, collect_rows
from benchmarks.console.arguments import add_model_options
from benchmarks.console.places import add_build_option
from benchmarks.explain.explanation import Explanations, explanations
from benchmarks.explain.explanation_text import lines
from benchmarks.formats.declared import indented, write
from benchmarks.formats.errors import RunError
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.run_folder import find

EXAMPLES = """examples:
  python -m benchmarks explain                                        the last run, every model that differs
  python -m benchmarks explain 20250131-094500 --models efficientnet_lite0_int8
  python -m benchmarks explain --json | jq '.explanations[].causes[0]'

A run that fetched the model inputs shows most: python -m benchmarks run --limit 32 --model-inputs
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "explain",
        help="say why a phone does not answer as Keras does",
        description="Name the stage at which the answers begin to differ, and try the usual causes on this computer. "
        "No phone is used.",
        epilog=EXAMPLES,
    )
    parser.add_argument("name", nargs="?", metavar="RUN", help="a run's name or folder (default: the last one)")
    add_model_options(parser, "such as digits_cnn or digits_cnn_int8 (default: every model that differs)")
    add_build_option(parser)
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the explanations; 0 also where there is nothing to explain."""
    folder = find(options.name, options.build.results)
    manifest = Manifest.read(options.build.models)
    rows = {row.id: row for row in _chosen(collect_rows([folder]), options.models)}
    found = explanations(list(rows.values()), manifest, options.build)
    if options.json:
        every = Explanations(folder.id, tuple(found.values()))
        print(indented(write(every, "the explanation", RunError, "run it again")).decode(), end="")
        return 0
    shown = [id_ for id_, one in found.items() if options.models or one.causes or one.arrow is not None]
    for id_ in shown:
        for line in lines(found[id_], rows[id_]):
            print(line)
        print()
    if len(shown) < len(found):
        print(f"run {folder.id}: nothing to explain in {len(found) - len(shown)} of {len(found)} models on phones")
    return 0


def _chosen(rows: Sequence[RowResults], models: Sequence[str]) -> Sequence[RowResults]:
    """The rows of these models, all where none is named; RunError for a name that no row has."""
    names = [{row.model_name, row.model.recipe} for row in rows]
    for model in models:
        if not any(model in known for known in names):
            choices = ", ".join(dict.fromkeys(row.model_name for row in rows)) or "none, no phone took part"
            raise RunError(f"no model {model!r} in this run; choose from {choices}")
    return [row for row, known in zip(rows, names, strict=True) if not models or known.intersection(models)]
