"""How far a job is, for whoever looks on from another thread, and their way to end it."""

import threading


class CancelledError(Exception):
    """Nobody wants the result any more."""


class Watch:
    """`done` of `total` inputs or runs; the working thread writes them, any other may read."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Have the job end before its next step."""
        self._cancelled.set()

    def step(self) -> None:
        """Called before everything that takes time; CancelledError when it shall not happen any more."""
        if self._cancelled.is_set():
            raise CancelledError
