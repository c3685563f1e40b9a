"""A program that reads the output of a command and ends early, as `head` does."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_reader_that_ends_early_is_no_traceback() -> None:
    for command in ("metadata show tests/golden/models/colour_fp32.tflite", "export --list", "benchmarks --help"):
        module, *words = command.split()
        line = [sys.executable, "-m", module, *words]
        with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read() == "", command
        assert process.returncode in (0, 1, 141)
