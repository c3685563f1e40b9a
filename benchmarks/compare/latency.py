"""The times of a row, alone and relative to another row. Values of a Comparison, in milliseconds."""

from typing import Annotated

from benchmarks.evaluation.stats import Interval, Speed
from benchmarks.formats.declared import Count, Declared, Line, Number, about


class Round(Declared, frozen=True):
    """One latency job: when it began, its median, the battery's temperature before and the thermal status after it."""

    number: Count
    started_s: Annotated[Number, about("since the first round of the row")]
    median_ms: Number
    samples: Count
    celsius: Annotated[float | None, about("the battery's temperature before it")]
    thermal_status: Annotated[Count | None, about("after it")]


class Latency(Declared, frozen=True):
    """Times of one inference of a row, in milliseconds, without the warm-up runs.

    `interval_ms` is the order-statistic interval of this run's median at the effective sample size. It is None where
    the times drift or switch between two clock speeds, which `remarks` says. `p99_ms` needs 300 samples.
    """

    samples: Count
    effective_samples: Annotated[Number, about("how many independent ones they are worth for the median")]
    init_ms: Annotated[Number, about("loading the model, median of jobs")]
    warmup_first_ms: Annotated[Number | None, about("the first inference")]
    warmup_avg_ms: Annotated[Number | None, about("all warm-ups")]
    avg_ms: Number
    std_ms: Number
    min_ms: Number
    max_ms: Number
    p5_ms: Number
    p50_ms: Number
    p90_ms: Number
    p95_ms: Number
    p99_ms: Annotated[Number | None, about("null under 300 samples")]
    interval_ms: Annotated[Interval | None, about("of this run's median; see below")]
    p90_interval_ms: Annotated[Interval | None, about("where the rounds' own values lie; null under 6 rounds")]
    init_interval_ms: Annotated[Interval | None, about("where the rounds' own loading times lie, likewise")]
    decode_ms: Annotated[Number | None, about("median, of the evaluation on pictures")]
    preprocess_ms: Annotated[Number | None, about("median, of the evaluation on pictures")]
    rounds: tuple[Round, ...]
    points_ms: Annotated[tuple[Number, ...], about("at most 400 samples in their order")]
    remarks: Annotated[tuple[Line, ...], about("drift, memory, switching clocks, too few samples")]
    comparable: Annotated[bool, about("false where the app was in front in no round: it is shown, not compared")] = True


class Sustained(Declared, frozen=True):
    """One row measured without pauses: its latency over time and temperature, and when the phone began to throttle.

    Throttling is the one step of the curve that divides it best, where it is more than 2 % and more than chance (see
    `benchmarks.evaluation.stats.series.step`). The median was `before_ms` before it and `after_ms` after it; without
    throttling `before_ms` is the median of all rounds, and `throttled_at_s` and `after_ms` are None.
    """

    row: Line
    asked_s: Number
    lasted_s: Number
    points: Annotated[tuple[Round, ...], about("in order of time")]
    throttled_at_s: Annotated[Number | None, about("null where it does not throttle")]
    before_ms: Annotated[Number, about("median before that; of all, where it does not throttle")]
    after_ms: Annotated[Number | None, about("median after that")]
    remarks: tuple[Line, ...]


class Ratio(Declared, frozen=True):
    """Latency of `row` over that of `against` on the same phone, from interleaved rounds; below 1 is faster."""

    row: Line
    against: Annotated[Line, about("the row of the recipe's first variant")]
    ratio: Annotated[Number, about("of round medians; below 1 is faster")]
    interval: Annotated[Interval | None, about("Student's t of the log ratios; null under 9 rounds")]
    rounds: Count
    verdict: Annotated[Speed, about("see below")]
