"""`python -m benchmarks pack` and `import`: a run on phones of a device farm, which this computer never sees."""

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from benchmarks.console.arguments import count
from benchmarks.console.places import add_build_option, short
from benchmarks.console.terminal import quiet
from benchmarks.formats.errors import RunError
from benchmarks.formats.run_folder import RunFolder, find
from benchmarks.phones.app import RUNNER
from benchmarks.runs import selection
from benchmarks.runs.campaign import Campaign
from benchmarks.runs.imported import bring_home
from benchmarks.runs.outcome import Settings
from benchmarks.runs.pack import PHONE_FOLDER, pack, refuse_existing
from benchmarks.runs.plan import ROUNDS, USUAL, plan
from benchmarks.runs.run_spec import RunSpec

LARGEST_ARCHIVE_BYTES = 4 << 30
EXAMPLES = """examples:
  python -m benchmarks pack farm/                           every exported model, to be uploaded
  python -m benchmarks pack farm/ --models digits_cnn --limit 1000
  python -m benchmarks import results.zip                   what the farm gave back, into the run it belongs to
docs/phones.md says what to upload to which farm, and with which arguments.
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    packing = subcommands.add_parser(
        "pack",
        help="pack a run for phones of a device farm",
        description="Write jobs, models and inputs for phones that are not attached to this computer.",
        epilog=EXAMPLES,
    )
    packing.add_argument("out", type=Path, metavar="FOLDER", help="a new folder for what is to be uploaded")
    packing.add_argument("--rounds", type=count, default=ROUNDS, metavar="N", help="of latency (default: %(default)s)")
    selection.add_options(packing)
    add_build_option(packing)
    packing.set_defaults(run=run_pack)
    importing = subcommands.add_parser(
        "import",
        help="bring a farm's results home",
        description="Find results below a folder or in a zip, prove them whole, and put them into their run.",
        epilog=EXAMPLES,
    )
    importing.add_argument("source", type=Path, metavar="FOLDER", help="what the farm gave back: a folder or a zip")
    importing.add_argument("--run", dest="name", metavar="RUN", help="the run that was packed (default: the last one)")
    add_build_option(importing)
    importing.set_defaults(run=run_import)


def run_pack(options: argparse.Namespace) -> int:
    """Pack, and say what to do with it."""
    recipes, variants = selection.selected(options)
    settings = Settings(options.threads, options.accelerator, USUAL)
    wish = RunSpec(settings, options.rounds, options.seed, options.limit, None, recipes, variants)
    refuse_existing(options.out)
    folder = RunFolder.begin(options.build.results, wish.to_json())
    campaign = Campaign(folder, recipes, variants, settings, options.limit)
    with quiet(options.build.logs / f"pack-{folder.id}.log") as terminal:
        packed = pack(campaign, plan(variants, options.rounds, options.seed), options.out, options.build, terminal)
    say = Console(soft_wrap=True, highlight=False, markup=False).print
    say(f"{short(packed.folder)}: {len(packed.jobs)} jobs, {packed.size_bytes / 1e6:.1f} MB, run {folder.id}")
    say(f"put its content below {PHONE_FOLDER} on each phone, then start")
    say(f"  am instrument -w -r -e jobs {PHONE_FOLDER}/jobs -e results external {RUNNER}")
    say(f"and bring the results home: python -m benchmarks import FOLDER --run {folder.id}")
    return 0


def run_import(options: argparse.Namespace) -> int:
    """Import; 0 when every phone that sent something sent everything, else 2."""
    run = find(options.name, options.build.results)
    with _folder(options.source) as folder:
        imported = bring_home(folder, run)
    for line in imported.left_out:
        print(f"left out: {line}", file=sys.stderr)
    for phone, jobs in imported.phones.items():
        lack = imported.missing[phone]
        rest = f", {len(lack)} missing: {lack[0]}{' …' if len(lack) > 1 else ''}" if lack else ""
        print(f"{phone}: {len(jobs)} of {len(run.expected)} results{rest}")
    run.finish(all_answered=True)
    print(f"python -m benchmarks compare {run.id} shows what they mean")
    return 0 if run.is_complete else 2


@contextmanager
def _folder(source: Path) -> Iterator[Path]:
    """The folder itself, or a zip unpacked for as long as the block runs."""
    if source.is_dir():
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="handset-") as temporary:
        try:
            with zipfile.ZipFile(source) as archive:
                size_bytes = sum(member.file_size for member in archive.infolist())
                if size_bytes > LARGEST_ARCHIVE_BYTES:
                    raise RunError(f"{source} would unpack to {size_bytes >> 30} GB; unpack it, and give the folder")
                archive.extractall(temporary)  # names that lead out of the folder are made to stay in it
        except FileNotFoundError as error:
            raise RunError(f"{source}: no such file or folder; give what the farm gave back") from error
        except (OSError, zipfile.BadZipFile) as error:
            raise RunError(f"{source} cannot be unpacked ({error}); give the folder or zip of the farm") from error
        yield Path(temporary)
