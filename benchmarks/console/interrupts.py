"""Ctrl-C and SIGTERM end a command, even where Python loses the exception."""

import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

_interrupted = threading.Event()


def remember_interrupts() -> None:
    """From now on, Ctrl-C and SIGTERM raise KeyboardInterrupt, and `raise_if_interrupted` raises it once more.

    Python drops a KeyboardInterrupt that is raised in a destructor or in a callback from C, and training has many of
    both. So it is remembered, and raised again with the next progress.
    """
    _interrupted.clear()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    _interrupted.set()
    raise KeyboardInterrupt


def raise_if_interrupted() -> None:
    """KeyboardInterrupt, in the main thread, when there was one since `remember_interrupts`."""
    if _interrupted.is_set() and threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt


def leave(code: int) -> NoReturn:
    """Exit with `code`, without what libraries print while the interpreter shuts down, as an interrupted fit does."""
    sys.stdout.flush()
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.exit(code)
