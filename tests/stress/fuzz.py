"""Mutation fuzzing of every file the kit reads: a clear error or a value, no traceback, no hang, no flood of memory.

`python -m tests.stress fuzz --cases 20000 --seed 0`. A case is its reader and its number: the same seed makes it again.
"""

import random
import shutil
import signal
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from benchmarks.formats.errors import BenchmarkError
from benchmarks.runners.desktop.machine import peak_bytes
from export.errors import ExportError
from metadata.errors import MetadataError
from tests.stress.readers import Reader, readers

CLEAR = (MetadataError, BenchmarkError, ExportError)
HANG_S = 60
LONGEST_MESSAGE = 2000
GROWTH_BYTES = 400 << 20


class HungError(Exception):
    """A reader took longer than it can on a busy machine."""


@dataclass(slots=True)
class Fuzzed:
    """What came of it: cases by reader, how many were refused, and what went wrong."""

    cases: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    grown_bytes: int = 0


def fuzz(cases: int, seed: int, kept: Path, seconds: float | None = None) -> Fuzzed:
    """Break `cases` files, or as many as fit in `seconds`; those that went wrong are kept in `kept`."""
    fuzzed = Fuzzed()
    ends = None if seconds is None else time.monotonic() + seconds
    signal.signal(signal.SIGALRM, _hung)
    with tempfile.TemporaryDirectory(prefix="handset-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of what it then refuses
        home = Path(folder)
        all_ = readers(home)
        before = peak_bytes()
        for number, one in _turns(all_, cases):
            if ends is not None and time.monotonic() > ends:
                break
            _case(one, number, seed, home, kept, fuzzed)
        fuzzed.grown_bytes = peak_bytes() - before
    if fuzzed.grown_bytes > GROWTH_BYTES:
        fuzzed.faults.append(f"memory grew by {fuzzed.grown_bytes >> 20} MB, more than {GROWTH_BYTES >> 20}")
    return fuzzed


def _turns(all_: tuple[Reader, ...], cases: int) -> Iterator[tuple[int, Reader]]:
    for number in range(cases):
        yield number, all_[number % len(all_)]


def _case(one: Reader, number: int, seed: int, home: Path, kept: Path, fuzzed: Fuzzed) -> None:
    chance = random.Random(f"{seed} {number}")  # noqa: S311 - cases, not secrets
    data = one.break_(chance.choice(one.whole), chance)
    at = home / "case"
    at.mkdir()
    fuzzed.cases[one.name] += 1
    began = time.monotonic()
    fault = None
    signal.alarm(HANG_S)
    try:
        one.read(data, at)
    except CLEAR as error:
        fuzzed.refused[one.name] += 1
        fault = _unclear(str(error))
    except Exception:  # noqa: BLE001 - that is what is looked for
        fault = traceback.format_exc()
    finally:
        signal.alarm(0)
        shutil.rmtree(at)
    fuzzed.slowest_s = max(fuzzed.slowest_s, time.monotonic() - began)
    if fault is not None:
        kept.mkdir(parents=True, exist_ok=True)
        path = kept / f"{one.name}-{seed}-{number}"
        path.write_bytes(data)
        fuzzed.faults.append(f"{path}: {fault}")


def _unclear(message: str) -> str | None:
    """What is wrong with an error's text; None when it is one line that says something."""
    if "\n" in message or not message.strip():
        return f"the error is not one line: {message!r}"
    return f"the error has {len(message)} letters" if len(message) > LONGEST_MESSAGE else None


def _hung(_signal: int, _frame: FrameType | None) -> None:
    raise HungError(f"nothing came in {HANG_S} s")
