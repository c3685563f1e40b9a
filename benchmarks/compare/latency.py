"""The times of a row, alone and relative to another row. Values of a Comparison, in milliseconds."""

from dataclasses import dataclass

from benchmarks.evaluation.stats import Interval, Speed


@dataclass(frozen=True, slots=True)
class Round:
    """One latency job: when it began, its median, the battery's temperature before and the thermal status after it."""

    number: int
    started_s: float
    """Since the first round of the row."""
    median_ms: float
    samples: int
    celsius: float | None
    thermal_status: int | None


@dataclass(frozen=True, slots=True)
class Latency:
    """Times of one inference of a row, in milliseconds, without the warm-up runs.

    `interval_ms` is the order-statistic interval of this run's median at the effective sample size. It is None where
    the times drift or switch between two clock speeds, which `remarks` says. `p99_ms` needs 300 samples.
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
    """Of the 90th percentiles of the rounds; `init_interval_ms` is of their loading times. None under 6 rounds."""
    init_interval_ms: Interval | None
    decode_ms: float | None
    """Median time to decode a picture, in the evaluation on pictures; `preprocess_ms` to preprocess it."""
    preprocess_ms: float | None
    rounds: tuple[Round, ...]
    points_ms: tuple[float, ...]
    """Raw samples in order; every n-th where there are more than 400."""
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sustained:
    """One row measured without pauses: its latency over time and temperature, and when the phone began to throttle.

    Throttling is the one step of the curve that divides it best, where it is more than 2 % and more than chance (see
    `benchmarks.evaluation.stats.series.step`). The median was `before_ms` before it and `after_ms` after it; without
    throttling `before_ms` is the median of all rounds, and `throttled_at_s` and `after_ms` are None.
    """

    row: str
    asked_s: float
    lasted_s: float
    points: tuple[Round, ...]
    """In order of time."""
    throttled_at_s: float | None
    before_ms: float
    after_ms: float | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Latency of `row` over that of `against` on the same phone, from interleaved rounds; below 1 is faster."""

    row: str
    against: str
    ratio: float
    interval: Interval | None
    rounds: int
    verdict: Speed
