"""`make stress`: what has to hold however long it goes on. `python -m tests.stress fuzz` or `soak`, with `--seed`."""

import argparse
import sys
from pathlib import Path

from tests.stress.fuzz import fuzz

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    """Exit code 1 when something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__)
    parser.add_argument("part", choices=("fuzz",), help="what to do")
    parser.add_argument("--cases", type=int, default=20_000, help="files to break (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed breaks the same files in the same way")
    options = parser.parse_args(arguments)
    fuzzed = fuzz(options.cases, options.seed, ROOT / "build" / "stress")
    for name, count in sorted(fuzzed.cases.items()):
        print(f"{name:12} {count:6} cases, {fuzzed.refused[name]:6} refused")
    print(f"slowest {fuzzed.slowest_s:.2f} s, memory grew by {fuzzed.grown_bytes / 1e6:.0f} MB, seed {options.seed}")
    for fault in fuzzed.faults:
        print(fault, file=sys.stderr)
    print(f"{len(fuzzed.faults)} faults in {fuzzed.cases.total()} cases")
    return 1 if fuzzed.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
