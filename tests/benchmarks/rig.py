"""A run's worker on a phone, in miniature: the tiny export, short waits, and what became of it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.adb.phone import AdbPhone
from benchmarks.formats.job import Schedule
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.results import SUFFIX, StoredResult, read_result
from benchmarks.formats.run_file import Vitals
from benchmarks.phones.app import PACKAGE
from benchmarks.runners.desktop.runner import desktop_runner
from benchmarks.runs.input_archives import InputArchives
from benchmarks.runs.outcome import PhoneOutcome, Settings
from benchmarks.runs.plan import PlannedJob, plan
from benchmarks.runs.session import INPUTS, JOBS, Patience
from benchmarks.runs.worker import Worker
from benchmarks.virtual_phone.daemon import VirtualPhone
from benchmarks.virtual_phone.persona import PLAIN, Persona
from benchmarks.virtual_phone.runner import JobRunner
from benchmarks.virtual_phone.state import App
from tests.benchmarks.conftest import Start

QUICK = Settings(
    threads=1,
    schedule=Schedule(warmup_runs=1, warmup_min_s=0, num_runs=2, min_s=0, max_s=10),
    patience=Patience(idle_s=30, total_s=300, return_s=30, finish_s=30),
)
RUN = "20250131-120000"


def start_with_app(
    start: Start,
    *troubles: str,
    serial: str = "virtual-1",
    persona: Persona = PLAIN,
    runner: JobRunner = desktop_runner,
) -> VirtualPhone:
    """A virtual phone with the benchmark app and the desktop runner, or another, behind it."""
    return start(*troubles, serial=serial, runner=runner, app=App(PACKAGE), persona=persona)


class Told:
    """Keeps what a worker says."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.jobs: list[str] = []
        self.beats = 0

    def job(self, title: str, number: int, total: int) -> None:
        self.jobs.append(f"{number}/{total} {title}")

    def heartbeat(self, done: int, total: int) -> None:
        self.beats += 1
        assert 0 <= done <= total or total == 0

    def say(self, line: str) -> None:
        self.lines.append(line)

    def end(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Rig:
    """One run's folder and plan for the tiny export."""

    export: Path
    home: Path
    rounds: int = 1

    @property
    def steps(self) -> tuple[PlannedJob, ...]:
        return plan(Manifest.read(self.export).select(), self.rounds, seed=0)

    @property
    def folder(self) -> Path:
        return self.home / "results"

    def work(
        self,
        phone: AdbPhone,
        settings: Settings = QUICK,
        steps: Sequence[PlannedJob] | None = None,
        stop: threading.Event | None = None,
        told: Told | None = None,
        vitals: Vitals | None = None,
    ) -> PhoneOutcome:
        """Carry out the plan, or these steps."""
        return self.worker(phone, settings, stop, told, vitals).work(self.steps if steps is None else steps)

    def worker(
        self,
        phone: AdbPhone,
        settings: Settings = QUICK,
        stop: threading.Event | None = None,
        told: Told | None = None,
        vitals: Vitals | None = None,
    ) -> Worker[PlannedJob]:
        archives = self.home / "archives"
        archives.mkdir(exist_ok=True)
        parcels = InputArchives(archives, Manifest.read(self.export).recipes, None)
        stop, told = stop or threading.Event(), told or Told()
        return Worker(phone, RUN, self.folder, parcels, settings, stop, told, vitals)

    def results(self) -> list[StoredResult]:
        """Every result that was brought home, each proved whole."""
        return [read_result(path) for path in sorted(self.folder.glob(f"*{SUFFIX}"))]


def left_on(virtual: VirtualPhone) -> list[str]:
    """What of a run still lies on the phone: jobs, inputs, results."""
    root = virtual.state.sandbox.root
    places = [root / folder[1:] for folder in (JOBS, INPUTS)] + [root / "data/data" / PACKAGE / "files"]
    return [str(path.relative_to(root)) for place in places if place.exists() for path in place.rglob("*")]
