"""`python -m benchmarks report`: the files of a report from what `compare` found. Nothing is measured or computed."""

import argparse
from pathlib import Path

from rich.console import Console

from benchmarks.places import add_build_option, short
from benchmarks.report.comparison import FILE, Comparison
from benchmarks.report.comparison_json import read
from benchmarks.report.render.terminal import show
from benchmarks.report.render.write import write_report
from benchmarks.runs.folder import find

EXAMPLES = """examples:
  python -m benchmarks report                      the last run, into build/reports/<run>/
  python -m benchmarks report 20250131-094500      that run, below build/results
  python -m benchmarks report phone/comparison.json --out site/
  python -m benchmarks report && jq '.rows[].latency.median_ms' build/reports/*/report.json
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "report",
        help="write the report of a run: page, JSON, CSV, JUnit, Markdown",
        description="Write report.html, report.json, report.csv, junit.xml and summary.md of a run that was compared.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "name", nargs="?", metavar="RUN", help="a run's name or folder, or a comparison.json (default: the last run)"
    )
    add_build_option(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to (default: build/reports/<run>)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the report and print the table; 0 whatever the verdict: judging is `compare`'s."""
    comparison = _comparison(options)
    folder = options.out or options.build.reports / comparison.runs[0]
    page = write_report(comparison, folder)
    console = Console()
    show(comparison, console)
    console.print(f"report: {short(page.resolve())}", highlight=False, markup=False, soft_wrap=True)
    return 0


def _comparison(options: argparse.Namespace) -> Comparison:
    if options.name is not None and options.name.endswith(".json"):
        return read(Path(options.name))
    return read(find(options.name, options.build.results).path / FILE)
