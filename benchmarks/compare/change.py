"""What became of a row since an older run or a saved baseline. Pure values of a Comparison."""

from dataclasses import dataclass

from benchmarks.evaluation.stats import Interval, Speed


@dataclass(frozen=True, slots=True)
class Change:
    """One row against the same recipe and variant on the same phone, accelerator and threads, measured earlier.

    `differences` says in words what else is not the same: the model's hash, the input set, the runtime. Answers are
    compared on the same input set only; otherwise, and where one side has no times, the fields are None. `lost`
    and `gained` count inputs that only the older or only the newer answered rightly. Two runs are not interleaved:
    a speed is said only where neither drifts and the interval of `ratio`, newer over older, lies wholly beyond 5 %.
    """

    row: str
    against: str
    differences: tuple[str, ...]
    inputs: int | None
    lost: int | None
    gained: int | None
    delta_points: float | None
    delta_interval: Interval | None
    mcnemar_p: float | None
    agreement: float | None
    """Share of inputs that both answer alike."""
    agreement_interval: Interval | None
    ratio: float | None
    ratio_interval: Interval | None
    speed: Speed
