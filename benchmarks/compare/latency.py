"""What a row's times say, alone and against another row's. Pure values of a Comparison, in milliseconds."""

from dataclasses import dataclass

from benchmarks.evaluation.stats import Interval, Speed


@dataclass(frozen=True, slots=True)
class Round:
    """One latency job: when it began, its median, and the heat around it."""

    number: int
    started_s: float
    """Since the first round of the row."""
    median_ms: float
    samples: int
    celsius: float | None
    thermal_status: int | None


@dataclass(frozen=True, slots=True)
class Latency:
    """Invoke times of one row, in milliseconds; warm-ups apart. None as a whole on a virtual phone.

    `interval_ms` is the order-statistic interval of this run's median at the effective sample size, None where drift or
    switching regimes would make it a lie; `remarks` says so. `p99_ms` needs 300 samples.
    """

    samples: int
    effective_samples: float
    init_ms: float
    warmup_first_ms: float | None
    warmup_avg_ms: float | None
    avg_ms: float
    std_ms: float
    min_ms: float
    max_ms: float
    p5_ms: float
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float | None
    interval_ms: Interval | None
    p90_interval_ms: Interval | None
    """Of the rounds' own 90th percentiles, as `init_interval_ms` is of their loading times; None under 6 rounds."""
    init_interval_ms: Interval | None
    decode_ms: float | None
    """Medians of the evaluation on pictures: what the user waits for beside the model."""
    preprocess_ms: float | None
    rounds: tuple[Round, ...]
    points_ms: tuple[float, ...]
    """Raw samples in order; every n-th where there are more than 400."""
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sustained:
    """One row run back to back: its latency against time and heat, and where the phone began to throttle.

    The throttling point is the one change that parts the curve best, found where it is more than 2 % and more than
    chance (see `benchmarks.evaluation.stats.series.step`); before it the median was `before_ms`, after it `after_ms`.
    Without one, `before_ms` is the median of all and the other two are None.
    """

    row: str
    asked_s: float
    lasted_s: float
    points: tuple[Round, ...]
    """One job each, in order; `started_s` since the first."""
    throttled_at_s: float | None
    before_ms: float
    after_ms: float | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Latency of one row over another's on the same phone, from interleaved rounds. `ratio` < 1 is faster."""

    row: str
    against: str
    ratio: float
    interval: Interval | None
    rounds: int
    verdict: Speed
