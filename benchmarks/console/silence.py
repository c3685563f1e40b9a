"""Keep libraries off the terminal: TensorFlow and the converter write to file descriptors 1 and 2 from C++."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def silenced(log: Path) -> Iterator[TextIO]:
    """The terminal's standard error for the kit alone; everything else that is written to either stream goes to `log`.

    The traceback of a bug is printed after the block, on the terminal.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    with log.open("ab", buffering=0) as file, os.fdopen(os.dup(2), "w", encoding="utf-8") as screen:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield screen
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, copy in zip((1, 2), saved, strict=True):
                os.dup2(copy, number)
                os.close(copy)
