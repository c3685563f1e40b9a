"""`python -m benchmarks explain`: why a phone does not answer as Keras does."""

import argparse
import sys
import time
from collections.abc import Sequence

from benchmarks.compare.row_results import RowResults, collect_rows
from benchmarks.console.arguments import add_model_options
from benchmarks.console.places import add_build_option
from benchmarks.console.terminal import quiet
from benchmarks.explain.explanation import Explanations, explanations, parted_at_runtime
from benchmarks.explain.explanation_text import lines
from benchmarks.formats.declared import indented, write
from benchmarks.formats.errors import RunError
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.run_folder import RunFolder, find
from benchmarks.phones.options import VIRTUAL, add_options
from benchmarks.report.layers_text import lines as layer_lines

EXAMPLES = """examples:
  python -m benchmarks explain                                        the last run, every model that differs
  python -m benchmarks explain 20250131-094500 --models efficientnet_lite0_int8
  python -m benchmarks explain --json | jq '.explanations[].causes[0]'
  python -m benchmarks explain --layers            fetch the tensors of every model that the phone computes otherwise
  python -m benchmarks explain --layers --device virtual --models digits_cnn_fp32

A run that fetched the model inputs shows most: python -m benchmarks run --limit 32 --model-inputs
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "explain",
        help="say why a phone does not answer as Keras does",
        description="Name the stage at which the answers begin to differ, and try the usual causes on this computer. "
        "No phone is used, but for --layers: the phones of the run then compute a few inputs again and send what every "
        "layer computes.",
        epilog=EXAMPLES,
    )
    parser.add_argument("name", nargs="?", metavar="RUN", help="a run's name or folder (default: the last one)")
    add_model_options(parser, "such as digits_cnn or digits_cnn_int8 (default: every model that differs)")
    add_build_option(parser)
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.add_argument(
        "--layers",
        action="store_true",
        help="fetch the tensors of models whose answers change on the phone, and name the first layer that is wrong",
    )
    add_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the explanations; 0 also where there is nothing to explain, 2 where layers were asked for and not got."""
    folder = find(options.name, options.build.results)
    manifest = Manifest.read(options.build.models)
    rows = {row.id: row for row in _chosen(collect_rows([folder]), options.models)}
    problems = _fetch_layers(folder, list(rows.values()), manifest, options) if options.layers else []
    found = explanations(list(rows.values()), manifest, options.build)
    if options.json:
        every = Explanations(folder.id, tuple(found.values()))
        print(indented(write(every, "the explanation", RunError, "run it again")).decode(), end="")
        return _told(problems)
    shown = [id_ for id_, one in found.items() if options.models or one.causes or one.arrow is not None]
    for id_ in shown:
        layers = found[id_].probed
        for line in (*lines(found[id_], rows[id_]), *([] if layers is None else ["", *layer_lines(layers)]), ""):
            print(line)
    if len(shown) < len(found):
        print(f"run {folder.id}: nothing to explain in {len(found) - len(shown)} of {len(found)} models on phones")
    return _told(problems)


def _told(problems: Sequence[str]) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    return 2 if problems else 0


def _fetch_layers(
    run: RunFolder, rows: Sequence[RowResults], manifest: Manifest, options: argparse.Namespace
) -> list[str]:
    """Have the phones of the rows send their tensors; a line for each row and phone that did not."""
    from benchmarks.commands.probe import probe
    from benchmarks.phones.asked import asked_phones

    runner = run.record.runner
    if options.device == VIRTUAL and runner not in (None, options.runner):
        raise RunError(f"run {run.id} was measured by another runner than {options.runner}; add --runner {runner}")
    wanted = parted_at_runtime(rows, manifest, options.build, every=bool(options.models))
    if not wanted:
        why = "no phone answers otherwise on the same tensors; --models fetches them all the same"
        print(f"run {run.id}: {why}", file=sys.stderr if options.json else sys.stdout)
        return []
    models = [(row.recipe, row.variant) for row in wanted if row.recipe is not None and row.variant is not None]
    log = options.build.logs / f"layers-{time.strftime('%Y%m%d-%H%M%S')}.log"
    with asked_phones(options, models) as (phones, unusable), quiet(log) as terminal:
        problems = probe(wanted, phones, options.build, terminal)
        if len(problems) < len(wanted):
            terminal.say(f"python -m benchmarks compare {run.id} puts the layers into the report")
    return [*unusable, *problems]


def _chosen(rows: Sequence[RowResults], models: Sequence[str]) -> Sequence[RowResults]:
    """The rows of these models, all where none is named; RunError for a name that no row has."""
    names = [{row.model_name, row.model.recipe} for row in rows]
    for model in models:
        if not any(model in known for known in names):
            choices = ", ".join(dict.fromkeys(row.model_name for row in rows)) or "none, no phone took part"
            raise RunError(f"no model {model!r} in this run; choose from {choices}")
    return [row for row, known in zip(rows, names, strict=True) if not models or known.intersection(models)]
