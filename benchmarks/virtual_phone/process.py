"""An app's process on a virtual phone: a job runner in a thread. It goes on when its connection ends."""

import ctypes
import threading
from collections import deque
from collections.abc import Callable, Generator
from enum import Enum, auto

from benchmarks.virtual_phone.runner import JobOutcome, JobRefusedError, Status


class Fate(Enum):
    """What happens to a process at its next step."""

    GO_ON = auto()
    DIE = auto()
    HANG = auto()


class Process:
    """One run of a job. `fate` is asked before every step, with the number of status blocks so far."""

    def __init__(self, work: Generator[Status, None, JobOutcome], fate: Callable[[int], Fate]) -> None:
        self.outcome: JobOutcome | None = None
        self.refusal: str | None = None
        self._work = work
        self._fate = fate
        self._changed = threading.Condition()
        self._blocks: deque[Status] = deque()
        self._ended = False
        self._killed = False
        self._gone = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def is_running(self) -> bool:
        """Whether it has neither ended nor been killed."""
        return not self._ended

    def next_block(self) -> Status | None:
        """The next status block, however long it takes; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._blocks or self._ended)
            return self._blocks.popleft() if self._blocks else None

    def kill(self) -> None:
        """End it as `am force-stop` does: nothing more comes, and the runner is closed at its next step."""
        self._end(killed=True)

    def wait_until_gone(self, timeout_s: float) -> None:
        """Wait until the runner is closed and writes nothing more, at most `timeout_s`."""
        self._gone.wait(timeout_s)

    def _run(self) -> None:
        count = 0
        try:
            while not self._killed and (fate := self._fate(count)) is not Fate.DIE:
                if fate is Fate.HANG:
                    self._hang()
                    break
                block = next(self._work)
                count += 1
                with self._changed:
                    self._blocks.append(block)
                    self._changed.notify_all()
        except StopIteration as end:
            self.outcome = None if self._killed else end.value
        except JobRefusedError as refusal:
            self.refusal = str(refusal)
        finally:
            self._work.close()
            self._end(killed=False)
            self._gone.set()
            _give_back()

    def _hang(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._killed)

    def _end(self, killed: bool) -> None:
        with self._changed:
            self._ended = True
            self._killed = self._killed or killed
            self._changed.notify_all()


def _give_back() -> None:
    """Return freed memory to the system, as a process does that ends: glibc keeps it for the thread that had it."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # no other C library has it
    if trim is not None:
        trim(0)
