"""`python -m benchmarks import`: what the phones of a device farm measured, into the run that it belongs to."""

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.console.places import add_build_option
from benchmarks.formats.errors import RunError
from benchmarks.formats.run_folder import find
from benchmarks.runs.imported import import_results

LARGEST_ARCHIVE_BYTES = 4 << 30
EXAMPLES = """examples:
  python -m benchmarks import results.zip                   into the last run
  python -m benchmarks import results/ --run 20250131-094500
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "import",
        help="bring a farm's results home",
        description="Find results below a folder or in a zip, prove them whole, and put them into their run.",
        epilog=EXAMPLES,
    )
    parser.add_argument("source", type=Path, metavar="FOLDER", help="what the farm gave back: a folder or a zip")
    parser.add_argument("--run", dest="name", metavar="RUN", help="the run that was packed (default: the last one)")
    add_build_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Import; 0 when every phone that sent something sent everything, else 2."""
    folder = find(options.name, options.build.results)
    with _unpacked(options.source) as source:
        imported = import_results(source, folder)
    for line in imported.left_out:
        print(f"left out: {line}", file=sys.stderr)
    for phone, jobs in imported.phones.items():
        missing = imported.missing[phone]
        rest = f", {len(missing)} missing: {missing[0]}{' …' if len(missing) > 1 else ''}" if missing else ""
        print(f"{phone}: {len(jobs)} of {len(folder.record.packed)} results{rest}")
    folder.finish(all_answered=True)
    print(f"python -m benchmarks compare {folder.id} shows what they mean")
    return 0 if folder.record.complete else 2


@contextmanager
def _unpacked(source: Path) -> Iterator[Path]:
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
