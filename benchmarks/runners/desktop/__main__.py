"""`python -m benchmarks.runners.desktop --job FOLDER --files FOLDER`: one job in a process of its own.

Standard output is JSON, a line at a time: `{"status": {…}}` every 2 seconds, at last `{"outcome": {…}}`. With
`--locate PATH=FILE` the job sees only the files that are given, under the paths that it names.
"""

import errno
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.formats.errors import BenchmarkError
from benchmarks.runners.desktop.runner import outcome_of, run
from benchmarks.runners.desktop.verified import Locate
from metadata.command_line import OneLineParser


def main(arguments: list[str]) -> int:
    """Exit code 0 where there is a result, of a failed job too; 2 with one line where none could be written."""
    parser = OneLineParser(prog="python -m benchmarks.runners.desktop", description="Run one job on this machine.")
    parser.add_argument("--job", type=Path, required=True, metavar="FOLDER", help="the folder of job.json")
    parser.add_argument("--files", type=Path, required=True, metavar="FOLDER", help="where the result goes")
    parser.add_argument("--locate", action="append", metavar="PATH=FILE", help="where a file that the job names lies")
    options = parser.parse_args(arguments)
    work = run(options.job, options.files, _locator(options.locate))
    try:
        while True:
            _say("status", next(work))
    except StopIteration as end:
        _say("outcome", outcome_of(end.value, options.files))
    except BenchmarkError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _locator(given: list[str] | None) -> Locate | None:
    if given is None:
        return None
    places = dict(one.rsplit("=", 1) for one in given)

    def locate(path: str) -> Path:
        if not places.get(path):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return Path(places[path])

    return locate


def _say(kind: str, values: Mapping[str, Any]) -> None:
    print(json.dumps({kind: dict(values)}), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
