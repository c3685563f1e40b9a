"""`python -m benchmarks pack`: a run for phones of a device farm, which this computer never sees."""

import argparse
from pathlib import Path

from rich.console import Console

from benchmarks.console.arguments import count
from benchmarks.console.places import add_build_option, short
from benchmarks.console.terminal import quiet
from benchmarks.formats.run_folder import RunFolder
from benchmarks.phones.app import RUNNER
from benchmarks.runs.campaign import Campaign
from benchmarks.runs.outcome import Settings
from benchmarks.runs.pack import PHONE_FOLDER, pack, refuse_existing
from benchmarks.runs.plan import ROUNDS, USUAL, plan
from benchmarks.runs.run_spec import add_options, spec_from

EXAMPLES = """examples:
  python -m benchmarks pack farm/                           every exported model, to be uploaded
  python -m benchmarks pack farm/ --models digits_cnn --limit 1000

docs/phones.md says what to upload to which farm, and with which arguments; `import` takes what the farm gives back.
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "pack",
        help="pack a run for phones of a device farm",
        description="Write jobs, models and inputs for phones that are not attached to this computer.",
        epilog=EXAMPLES,
    )
    parser.add_argument("out", type=Path, metavar="FOLDER", help="a new folder for what is to be uploaded")
    parser.add_argument(
        "--rounds", type=count, default=ROUNDS, metavar="N", help="rounds of latency (default: %(default)s)"
    )
    add_options(parser)
    add_build_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Pack, and say what to do with it."""
    spec = spec_from(options, Settings(options.threads, options.accelerator, USUAL), options.rounds, runner=None)
    refuse_existing(options.out)
    folder = RunFolder.begin(options.build.results, spec.to_file())
    with quiet(options.build.logs / f"pack-{folder.id}.log") as terminal:
        planned = plan(spec.variants, spec.rounds, spec.seed)
        packed = pack(Campaign(folder, spec), planned, options.out, options.build, terminal)
    say = Console(soft_wrap=True, highlight=False, markup=False).print
    say(f"{short(packed.folder)}: {len(packed.jobs)} jobs, {packed.size_bytes / 1e6:.1f} MB, run {folder.id}")
    say(f"put its content below {PHONE_FOLDER} on each phone, then start")
    say(f"  am instrument -w -r -e jobs {PHONE_FOLDER}/jobs -e results external {RUNNER}")
    say(f"and bring the results home: python -m benchmarks import FOLDER --run {folder.id}")
    return 0
