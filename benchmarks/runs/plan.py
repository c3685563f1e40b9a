"""Which jobs a run has, and in which order. Values in, values out.

Evaluations come first, those that share an input archive together, so that it is pushed once and can go. Then latency
in rounds, each of which runs every variant once in an order of its own: whatever drifts hits all of them alike.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.formats.job import ID, InputKind, Mode, Schedule
from benchmarks.formats.manifest import ExportedVariant

ROUNDS = 20
USUAL = Schedule(num_runs=25, min_s=0.5)
"""Many short rounds: where a phone's clock switches, 20 of 25 runs find a tenth in 91 %, 10 of 50 in 48 %."""


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

    def job_id(self, run: str) -> str:
        """The job's id in run `run`: readable, and another one in every run."""
        tag = hashlib.sha256(run.encode()).hexdigest()[:6]
        name = f"{self.variant.recipe}-{self.variant.name}-{self.kind}-{self.mode}-{self.round}-{tag}"
        if ID.fullmatch(name):
            return name
        # Too long, or with letters that no file on a phone should have: the hash keeps it apart from others.
        return f"{hashlib.sha256(name.encode()).hexdigest()[:12]}-{self.kind}-{self.mode}-{self.round}-{tag}"


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
