"""Ctrl-C before a command has begun: it is still importing."""

import signal
import subprocess
import sys

import pytest

IMPATIENT = """
import os, runpy, signal, sys

class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == {awaited!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Impatient())
sys.argv = [{room!r}, "--help"]
runpy.run_module({room!r}, run_name="__main__")
"""


@pytest.mark.parametrize(
    ("room", "awaited"), [("benchmarks", "benchmarks.formats.errors"), ("export", "export.recipes")]
)
def test_ctrl_c_during_the_imports_ends_it_without_a_traceback(room: str, awaited: str) -> None:
    program = IMPATIENT.format(room=room, awaited=awaited)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")
