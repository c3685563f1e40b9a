"""A soak: jobs over four virtual phones, two by cable and two by an adb server, while faults strike again and again.

`python -m tests.stress soak --jobs 500 --seed 0`. The seed decides which fault strikes whom and when; how the threads
of phones and host then meet is the machine's. What has to hold is the same whatever happens: a finished result stays
and is right, a broken one never counts, and in the end nothing is left of it all.
"""

import gc
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.adb.phone import AdbPhone
from benchmarks.formats.errors import ResultError
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.results import SUFFIX, read_result
from benchmarks.runners.desktop.machine import peak_bytes
from benchmarks.runs.input_archives import InputArchives
from benchmarks.runs.outcome import Settings
from benchmarks.runs.plan import PlannedJob, plan
from benchmarks.runs.session import Patience
from benchmarks.runs.worker import Worker
from benchmarks.virtual_phone.daemon import VirtualPhone
from benchmarks.virtual_phone.faults import Fault, Trouble
from tests.benchmarks.rig import QUICK, Told, left_on

PHONES = 4
PATIENCE = Patience(idle_s=3, total_s=60, return_s=30, finish_s=20)
SETTINGS = Settings(QUICK.threads, QUICK.accelerator, QUICK.schedule, PATIENCE, cooldown_s=0)
LASTING = {
    Fault.FULL_DISK: 1.0,
    Fault.CRASH: 0.5,
    Fault.KILLED_FOR_MEMORY: 0.5,
    Fault.SILENCE: 1.0,
    Fault.CORRUPT_RESULT: 1.0,
}
"""Seconds for which these strike; the others strike once."""
FAULTS = (*LASTING, Fault.UNPLUG, Fault.REBOOT)
SERVER = "server-restart"
LONGEST_PAUSE_S = 0.6
TYPING_S = 0.3
REPEATS = 200
"""How often a command is repeated at most. Faults strike by the clock, so a slow machine meets more of them a run."""
GROWTH_BYTES = 150 << 20


Restart = Callable[[], None]
"""Ends the adb server and starts it again; nothing, where there is none."""


@dataclass(slots=True)
class Soaked:
    """What came of it. `wrong` has a line for everything that must not have happened."""

    jobs: int = 0
    attempts: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    grown_bytes: int = 0
    wrong: list[str] = field(default_factory=list)


class Phone:
    """One phone of the soak, and its link."""

    def __init__(self, virtual: VirtualPhone, link: AdbPhone) -> None:
        self.virtual, self.link = virtual, link
        self.soaked = Soaked()

    def soak(self, export: Path, home: Path, jobs: int) -> None:
        """Runs, one after the other, until `jobs` jobs have their results."""
        manifest = Manifest.read(export)
        expected: dict[str, bytes] = {}
        for number in range(jobs):
            run = f"{home.name}-{number}"
            folder = home / run
            archives = folder / "archives"
            archives.mkdir(parents=True)
            steps = plan(manifest.select(), 1, number)[: max(0, jobs - self.soaked.jobs)]
            if not steps:
                return
            parcels = InputArchives(archives, manifest.recipes, None)
            worker = Worker(self.link, run, folder / "results", parcels, SETTINGS, threading.Event(), Told())
            self._finish(worker, steps, run, folder / "results")
            self._judge(steps, run, folder / "results", expected)
            self.soaked.jobs += len(steps)

    def _finish(self, worker: Worker[PlannedJob], steps: tuple[PlannedJob, ...], run: str, results: Path) -> None:
        """The same command again and again, as a user would; what once was finished has to stay."""
        had: dict[Path, bytes] = {}
        for _ in range(REPEATS):
            self.soaked.attempts += 1
            outcome = worker.work(steps)
            for path, data in had.items():
                if not path.exists() or path.read_bytes() != data:
                    self.soaked.wrong.append(f"{run}: the finished {path.name} was lost")
            had = {path: path.read_bytes() for path in results.glob(f"*{SUFFIX}")}
            if outcome.is_complete:
                return
            time.sleep(TYPING_S)
        self.soaked.wrong.append(f"{run}: not complete after {REPEATS} attempts: {outcome.ended or outcome.failures}")

    def _judge(self, steps: tuple[PlannedJob, ...], run: str, results: Path, expected: dict[str, bytes]) -> None:
        """Every result is whole, and says what this model always says to these inputs."""
        for step in steps:
            path = results / f"{step.job_id(run)}{SUFFIX}"
            try:
                outputs = np.ascontiguousarray(read_result(path).outputs()).tobytes()
            except ResultError as error:
                self.soaked.wrong.append(f"{run}: {error}")
                continue
            if expected.setdefault(step.title.split(", round")[0], outputs) != outputs:
                self.soaked.wrong.append(f"{run}: {path.name} has other answers than before")


def soak(phones: list[Phone], export: Path, home: Path, jobs: int, seed: int, restart: Restart) -> Soaked:
    """`jobs` jobs in all, shared by the phones, under faults; every phone's `Soaked` in one."""
    done = threading.Event()
    all_ = Soaked()
    trouble = threading.Thread(target=_trouble, args=(phones, seed, restart, done, all_.struck))
    share = -(-jobs // len(phones))
    before = _now()
    workers = [
        threading.Thread(target=phone.soak, args=(export, home / f"phone-{number}", share))
        for number, phone in enumerate(phones)
    ]
    for thread in (trouble, *workers):
        thread.start()
    for thread in workers:
        thread.join()
    done.set()
    trouble.join()
    for phone in phones:
        all_.jobs += phone.soaked.jobs
        all_.attempts += phone.soaked.attempts
        all_.wrong += phone.soaked.wrong
        all_.wrong += [f"left on {phone.virtual.state.serial}: {path}" for path in left_on(phone.virtual)]
    all_.grown_bytes = peak_bytes() - before
    return all_


def _trouble(phones: list[Phone], seed: int, restart: Restart, done: threading.Event, struck: Counter[str]) -> None:
    chance = random.Random(f"soak {seed}")  # noqa: S311 - a test's chance, not a secret
    while not done.wait(chance.uniform(0.1, LONGEST_PAUSE_S)):
        fault, phone = chance.choice((*FAULTS, SERVER)), chance.choice(phones)
        struck[fault] += 1
        if fault == SERVER:
            restart()
            continue
        faults, sandbox = phone.virtual.state.faults, phone.virtual.state.sandbox
        kind = Fault(fault)
        if kind is Fault.UNPLUG:
            phone.virtual.cut()
        elif kind is Fault.FULL_DISK:
            sandbox.free_bytes = 0
            done.wait(LASTING[kind])
            sandbox.free_bytes = None
        else:
            faults.strike(Trouble(kind, chance.randrange(3)))
            if kind in LASTING:
                done.wait(LASTING[kind])
                faults.lift(kind)
    for phone in phones:
        phone.virtual.state.faults.lift(Fault.REBOOT)


def _now() -> int:
    gc.collect()
    return peak_bytes()


@contextmanager
def nothing_left(soaked: list[str]) -> Iterator[None]:
    """Says in `soaked` which threads, files and sockets the block opened and did not close."""
    threads, files = threading.active_count(), _open_files()
    yield
    gives_up_at = time.monotonic() + 60
    gc.collect()
    # Other threads of this process, which came before, may have something open for a moment.
    while (threading.active_count() > threads or _open_files() - files) and time.monotonic() < gives_up_at:
        time.sleep(0.1)
        gc.collect()
    if threading.active_count() > threads:
        soaked.append(f"threads left: {[thread.name for thread in threading.enumerate()][threads:]}")
    if extra := _open_files() - files:
        soaked.append(f"files left open: {sorted(extra)}")


def _open_files() -> set[str]:
    """What this process has open: by what Linux links /dev/fd to, by the inode on macOS, which links nothing there."""
    found = set()
    for path in Path("/dev/fd").iterdir():
        try:
            found.add(str(path.readlink()))
        except OSError:
            with suppress(OSError):  # the listing's own
                status = os.fstat(int(path.name))
                found.add(f"{status.st_dev}:{status.st_ino}")
    return found
