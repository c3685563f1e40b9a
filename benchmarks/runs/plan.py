"""Which jobs a run has, and in which order. Values in, values out.

Evaluations come first, those that share an input archive together, so that it is pushed once and can go. Then latency
in rounds, each of which runs every variant once in a random order: what drifts affects all of them alike. A sustained
run has latency alone, each variant at work without a rest, to see where the phone throttles.
"""

import argparse
import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import asdict, replace

from benchmarks.formats.archive import WrittenArchive
from benchmarks.formats.declared import checked
from benchmarks.formats.errors import JobError
from benchmarks.formats.job import (
    DAY_S,
    GOOGLE_SCHEDULE,
    ID,
    ONCE,
    InputArchive,
    InputKind,
    Job,
    JobModel,
    Mode,
    ProbeJob,
    Schedule,
)
from benchmarks.formats.manifest import ExportedVariant, NamedFile
from benchmarks.runs.outcome import Settings

ROUNDS = 20
OTHER_OPTIONS = "run with other options"
USUAL = replace(GOOGLE_SCHEDULE, num_runs=25, min_s=0.5)
"""Many short rounds: where a phone's clock switches, 20 of 25 runs find a tenth in 91 %, 10 of 50 in 48 %."""
FEWEST_JOBS, MOST_JOBS, JOB_S = 20, 60, 10.0
"""Of a sustained variant, each one point of its curve; fewer than 20 cannot show that a step in it is not chance."""


class Planned(Protocol):
    """A job before its files are on a phone."""

    @property
    def title(self) -> str: ...

    @property
    def round(self) -> int:
        """Which round of latency it belongs to; 0 for none."""

    @property
    def file(self) -> NamedFile:
        """The model."""

    def job_id(self, run: str) -> str:
        """The job's id in run `run`: readable, and different in every run."""

    def job(
        self, run: str, archive: WrittenArchive, model: JobModel, inputs: InputArchive, settings: Settings
    ) -> Job | ProbeJob:
        """The job of run `run`; `model` and `inputs` name the files as the phone sees them.

        JobError when no phone could run it.
        """


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """One job of the plan. `round` is 0 for evaluations and counts from 1 for latency."""

    variant: ExportedVariant
    mode: Mode
    kind: InputKind
    round: int

    @property
    def title(self) -> str:
        rounds = f", round {self.round}" if self.mode is Mode.LATENCY else ""
        return f"{self.variant.title}: {self.mode} on {self.kind}{rounds}"

    @property
    def file(self) -> NamedFile:
        return self.variant.file

    def job_id(self, run: str) -> str:
        return job_id(self.variant, f"{self.kind}-{self.mode}-{self.round}", run)

    def job(self, run: str, archive: WrittenArchive, model: JobModel, inputs: InputArchive, settings: Settings) -> Job:
        timed = self.mode is Mode.LATENCY

        def make() -> Job:
            return Job(
                id=self.job_id(run),
                mode=self.mode,
                model=model,
                inputs=inputs,
                input_id=archive.names[0] if timed else None,
                round=self.round,
                return_fed=settings.return_fed and not timed,
                threads=settings.threads,
                accelerator=settings.accelerator,
                xnnpack=True,
                **asdict(settings.schedule if timed else ONCE),
            )

        return checked(make, f"job {self.job_id(run)}", JobError, OTHER_OPTIONS)


def job_id(variant: ExportedVariant, what: str, run: str) -> str:
    """The id of a job that does `what` with a variant in run `run`."""
    tag = hashlib.sha256(run.encode()).hexdigest()[:6]
    name = f"{variant.recipe}-{variant.name}-{what}-{tag}"
    if ID.fullmatch(name):
        return name
    # Too long, or with letters that no file on a phone should have: the hash keeps it apart from others.
    return f"{hashlib.sha256(name.encode()).hexdigest()[:12]}-{what}-{tag}"


def plan(variants: Sequence[ExportedVariant], rounds: int, seed: int) -> tuple[PlannedJob, ...]:
    """Every variant evaluated on tensors and on images, then `rounds` rounds of latency in seeded random order."""
    order = random.Random(seed)  # noqa: S311 - an order, not a secret
    return (*_evaluations(variants), *_rounds(variants, rounds, order))


def _evaluations(variants: Sequence[ExportedVariant]) -> Iterator[PlannedJob]:
    by_archive = sorted(
        variants, key=lambda variant: (variant.input.shape, variant.input.dtype, variant.input.scale or 0)
    )
    for kind in InputKind:
        yield from (PlannedJob(variant, Mode.EVALUATE, kind, 0) for variant in by_archive)


def _rounds(variants: Sequence[ExportedVariant], rounds: int, order: random.Random) -> Iterator[PlannedJob]:
    for number in range(1, rounds + 1):
        shuffled = list(variants)
        order.shuffle(shuffled)
        yield from (PlannedJob(variant, Mode.LATENCY, InputKind.TENSORS, number) for variant in shuffled)


def plan_sustained(variants: Sequence[ExportedVariant], count: int) -> tuple[PlannedJob, ...]:
    """One variant after the other, each in `count` jobs without a pause."""
    numbers = range(1, count + 1)
    return tuple(PlannedJob(one, Mode.LATENCY, InputKind.TENSORS, number) for one in variants for number in numbers)


def sustained_seconds(text: str) -> float:
    """The seconds that a user asked for; an argparse type."""
    try:
        duration_s = float(text)
    except ValueError:
        duration_s = 0.0
    if not 0 < duration_s <= DAY_S:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; give seconds, up to {DAY_S:g}")
    return duration_s


def sustained_schedule(duration_s: float) -> tuple[int, Schedule]:
    """How many jobs the seconds are cut into, and the schedule of each: no warm-up but the first job itself."""
    count = max(FEWEST_JOBS, min(MOST_JOBS, round(duration_s / JOB_S)))
    job_s = duration_s / count
    return count, Schedule(
        warmup_runs=0, warmup_min_s=0, num_runs=1, min_s=job_s, max_s=max(GOOGLE_SCHEDULE.max_s, job_s)
    )
