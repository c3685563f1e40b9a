"""`python -m benchmarks compare`: compare the stages of a run, and the run with an older one."""

import argparse
import sys
from pathlib import Path

from benchmarks.commands.after_run import ComparisonOptions, after_run, comparison_folder, exit_code, show
from benchmarks.compare import baseline
from benchmarks.compare.gates import FILE as GATES
from benchmarks.console.places import add_build_option, short
from benchmarks.formats.errors import RunError
from benchmarks.formats.run_folder import find

EXAMPLES = """examples:
  python -m benchmarks compare                              the last run
  python -m benchmarks compare 20250131-094500              that run, below build/results
  python -m benchmarks compare 20250130-101112 20250131-094500     the second since the first
  python -m benchmarks compare --together RUN RUN RUN       side by side, such as the same models on the CPU and the GPU
  python -m benchmarks compare --save-baseline              keep it below benchmarks/baselines/<phone>/; later runs on
                                                            that phone are compared with it
  python -m benchmarks compare benchmarks/baselines/pixel-7-1a2b3c 20250131-094500
  python -m benchmarks compare --json | jq '.rows[] | {id, verdict}'

Writes comparison.json and the report into the run's folder; of several runs, into one of their own
beside them.
Exit code 0: every gate is kept. 1: one fails (with --strict, or is inconclusive). 2: something is missing or cannot be
read.
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "compare",
        help="show what a run means, or what became of it since another",
        description="Compare Keras, desktop TFLite and the phones of a run, finished or not. Nothing is run.",
        epilog=EXAMPLES,
    )
    add = parser.add_argument
    add("runs", nargs="*", metavar="RUN", help="a run's name or folder (default: the last one); two: an older, a newer")
    add("--together", action="store_true", help="show the runs side by side instead")
    add("--save-baseline", action="store_true", help="keep it as the baseline of its phones")
    add("--baselines", type=Path, default=baseline.FOLDER, metavar="DIR", help="default: benchmarks/baselines")
    add_gate_options(parser)
    add("--json", action="store_true", help="print the comparison as JSON")
    add_build_option(parser)
    parser.set_defaults(run=run)


def add_gate_options(parser: argparse.ArgumentParser) -> None:
    """`--gates`, `--strict` and `--explain`."""
    parser.add_argument("--gates", type=Path, default=GATES, metavar="FILE", help="default: benchmarks/gates.toml")
    parser.add_argument("--strict", action="store_true", help="fail what is inconclusive too")
    parser.add_argument(
        "--explain", action="store_true", help="look for causes wherever answers differ, not only where a gate fails"
    )


def run(options: argparse.Namespace) -> int:
    """Print the comparison; the exit code of its gates."""
    comparison_options = ComparisonOptions(
        options.build, options.gates, options.baselines, options.strict, options.json, options.explain
    )
    names = options.runs or [None]
    older = None
    if len(names) > 1 and not options.together:
        if len(names) > 2:
            raise RunError(f"{len(names)} runs are named; name an older and a newer one, or add --together")
        name = names.pop(0)
        older = (Path(name).name, baseline.find(name, options.build))  # a report is shared: no folder of this computer
    runs = [find(name, options.build.results) for name in names]
    comparison = after_run(runs, comparison_options, older)
    show(comparison, comparison_options, comparison_folder(runs))
    if options.save_baseline:
        for place in baseline.save(comparison, options.baselines):
            print(f"saved {short(place)}", file=sys.stderr if options.json else sys.stdout)
    return exit_code(comparison, comparison_options)
