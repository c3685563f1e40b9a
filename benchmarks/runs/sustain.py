"""One variant at work for so many seconds without a rest: how its latency takes the heat. Values in, values out."""

import argparse
from collections.abc import Sequence

from benchmarks.formats.job import DAY_S, InputKind, Mode, Schedule
from benchmarks.formats.manifest import ExportedVariant
from benchmarks.runs.plan import PlannedJob

FEWEST_JOBS, MOST_JOBS, JOB_S = 20, 60, 10.0
"""Each is one point of the curve; fewer than 20 cannot show that a step in it is no chance."""


def seconds(text: str) -> float:
    """The seconds that a user asked for; an argparse type."""
    try:
        asked_s = float(text)
    except ValueError:
        asked_s = 0.0
    if not 0 < asked_s <= DAY_S:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; give seconds, up to {DAY_S:g}")
    return asked_s


def jobs(asked_s: float) -> int:
    """How many jobs the seconds are cut into."""
    return max(FEWEST_JOBS, min(MOST_JOBS, round(asked_s / JOB_S)))


def schedule(asked_s: float) -> Schedule:
    """That of each job: its share of the seconds, and no warm-up but the one that the first is."""
    job_s = asked_s / jobs(asked_s)
    return Schedule(warmup_runs=0, warmup_min_s=0, num_runs=1, min_s=job_s, max_s=max(Schedule().max_s, job_s))


def plan(variants: Sequence[ExportedVariant], count: int) -> tuple[PlannedJob, ...]:
    """One variant after the other, each in `count` jobs back to back."""
    numbers = range(1, count + 1)
    return tuple(PlannedJob(one, Mode.LATENCY, InputKind.TENSORS, number) for one in variants for number in numbers)
