"""`make stress`: what has to hold however long it goes on. `python -m tests.stress fuzz` or `soak`, with `--seed`."""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.console.silence import silenced
from tests.benchmarks.exports import build_export
from tests.stress.attached import attached
from tests.stress.fuzz import fuzz
from tests.stress.soak import PHONES, nothing_left, soak

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    """Exit code 1 when something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__)
    parts = parser.add_subparsers(required=True, metavar="PART")
    fuzzing = parts.add_parser("fuzz", help="break files of every kind the kit reads")
    fuzzing.add_argument("--cases", type=int, default=20_000, help="files to break (default: %(default)s)")
    fuzzing.set_defaults(run=_fuzz)
    soaking = parts.add_parser("soak", help=f"run jobs on {PHONES} virtual phones while faults strike")
    soaking.add_argument("--jobs", type=int, default=500, help="in all (default: %(default)s)")
    soaking.set_defaults(run=_soak)
    for part in (fuzzing, soaking):
        part.add_argument("--seed", type=int, default=0, help="the same seed makes the same troubles")
    options = parser.parse_args(arguments)
    wrong: list[str] = options.run(options)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def _fuzz(options: argparse.Namespace) -> list[str]:
    fuzzed = fuzz(options.cases, options.seed, ROOT / "build" / "stress")
    for name, count in sorted(fuzzed.cases.items()):
        print(f"{name:12} {count:6} cases, {fuzzed.refused[name]:6} refused")
    print(f"slowest {fuzzed.slowest_s:.2f} s, memory grew by {fuzzed.grown_bytes / 1e6:.0f} MB, seed {options.seed}")
    print(f"{len(fuzzed.faults)} faults in {fuzzed.cases.total()} cases")
    return fuzzed.faults


def _soak(options: argparse.Namespace) -> list[str]:
    left: list[str] = []
    with tempfile.TemporaryDirectory(prefix="handset-") as folder:
        with silenced(Path(folder) / "tensorflow.log"):
            export = build_export(Path(folder) / "models")
        with nothing_left(left), attached(PHONES) as (phones, restart):
            soaked = soak(phones, export, Path(folder) / "runs", options.jobs, options.seed, restart)
    print(f"{soaked.jobs} jobs in {soaked.attempts} attempts, memory grew by {soaked.grown_bytes / 1e6:.0f} MB")
    print("struck: " + ", ".join(f"{name} {count}" for name, count in sorted(soaked.struck.items())))
    return soaked.wrong + left


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
