"""What TensorFlow frees goes back to the system, so that a large model does not stand in memory twice."""

import os
import subprocess
import sys

from tests.perf.commands import ROOT

VARIABLE = "TF_ONEDNN_USE_SYSTEM_ALLOCATOR"
FREED = """
import os, subprocess
import export
import tensorflow as tf

def held_kib():
    return int(subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, check=True).stdout)

before = held_kib()
weights = tf.Variable(tf.ones((100 << 20,)))
full = held_kib()
del weights
print(full - before, held_kib() - before)
"""


def _printed(code: str, **variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE} | variables
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_freed_weights_are_given_back() -> None:
    """400 MiB of them, on whatever processor this is."""
    full_kib, kept_kib = map(int, _printed(FREED).split())
    assert full_kib > 390 << 10
    assert kept_kib < 100 << 10


def test_the_users_own_choice_of_allocator_is_kept() -> None:
    """An environment variable that is set already is left as it is."""
    assert _printed(f"import os, export; print(os.environ[{VARIABLE!r}])", **{VARIABLE: "0"}).strip() == "0"
