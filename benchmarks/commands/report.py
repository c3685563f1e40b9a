"""`python -m benchmarks report`: the files of a report from what `compare` found. Nothing is measured or computed."""

import argparse
from pathlib import Path

from benchmarks.compare.comparison import FILE
from benchmarks.compare.comparison_json import read
from benchmarks.console.places import Build, add_build_option, short
from benchmarks.formats.run_folder import find
from benchmarks.report.rows import report_rows
from benchmarks.report.wording import headline
from benchmarks.report.write import write_report

EXAMPLES = """examples:
  python -m benchmarks report                      the last run, beside its comparison.json
  python -m benchmarks report 20250131-094500      that run, below build/results
  python -m benchmarks report build/results/20250131-094500-together
  python -m benchmarks report phone/comparison.json --out site/
  jq '.rows[] | {id, ms: .latency.median_ms}' build/results/*/report.json
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "report",
        help="write the report of a comparison: page, JSON, CSV, JUnit, Markdown",
        description="Write report.html, report.json, report.csv, junit.xml and summary.md of a run that was compared.",
        epilog=EXAMPLES,
    )
    add = parser.add_argument
    add("name", nargs="?", metavar="RUN", help="a run's name or folder, or a comparison.json (default: the last run)")
    add("--out", type=Path, metavar="DIR", help="where to (default: beside the comparison.json)")
    add_build_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the report and print its path; 0 whatever the verdict: `compare` has the exit code of the gates."""
    source = _source(options.name, options.build)
    comparison = read(source)
    page = write_report(comparison, options.out or source.parent)
    print(f"{comparison.verdict}: {headline(comparison, report_rows(comparison))}")
    print(f"report: {short(page.resolve())}")
    return 0


def _source(name: str | None, build: Build) -> Path:
    """The path of the comparison.json that `name` means; it may not exist."""
    if name is None:
        return find(None, build.results).path / FILE
    path = Path(name) if "/" in name or name.endswith(".json") else build.results / name
    return path if path.suffix == ".json" else path / FILE
