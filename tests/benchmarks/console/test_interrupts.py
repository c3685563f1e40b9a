"""Ctrl-C ends an export, wherever it comes up."""

import subprocess
import sys
from pathlib import Path

LOST = """
import os, signal, sys
from pathlib import Path
from benchmarks.console.interrupts import remember_interrupts
from benchmarks.console.terminal import quiet

class Fragile:
    def __del__(self):
        os.kill(os.getpid(), signal.{name})
        [None for _ in range(100)]  # Python hears of it here, and drops what comes up in a destructor

remember_interrupts()
with quiet(Path(sys.argv[1])) as terminal, terminal.stage("train", 2) as stage:
    stage.advance(1)
    fragile = Fragile()
    del fragile
    print("went on", flush=True)
    try:
        stage.advance(1)
    except KeyboardInterrupt:
        sys.exit(130)
"""


def test_an_interrupt_that_python_drops_comes_up_with_the_next_progress(tmp_path: Path) -> None:
    for name in ("SIGINT", "SIGTERM"):
        log = tmp_path / f"{name}.log"
        done = subprocess.run([sys.executable, "-c", LOST.format(name=name), log], check=False, capture_output=True)
        assert done.returncode == 130
        assert b"went on" in log.read_bytes()
