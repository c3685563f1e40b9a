"""Summarises the times of a row. Results in, values of a Comparison out; a virtual phone has no times."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from benchmarks.compare.accuracy import StageName
from benchmarks.compare.latency import Latency, Ratio, Round, Sustained
from benchmarks.compare.row_results import RowResults
from benchmarks.evaluation.stats import Interval, judge_ratio, ratio_interval
from benchmarks.evaluation.stats.series import (
    FEWEST_INDEPENDENT,
    SMALL,
    Series,
    SeriesSummary,
    drift,
    effective_samples,
    median_interval,
    step,
    summarize,
)
from benchmarks.formats.results import StoredResult

P99_SAMPLES = 300
"""Fewer samples have less than three values beyond the 99th percentile, which is then near the maximum."""
MOST_POINTS = 400
NS_PER_MS = 1e6
CORRELATED = 0.5
"""A remark says it where the independent samples are fewer than this share of all."""
LONG_PAUSE = 3.0
"""A pause between rounds of more than so many medians is an interruption."""


def latency(row: RowResults) -> Latency | None:
    """The latency of the row; None where it was not measured, on a virtual phone, and in a sustained run.

    Rounds in which the app was not in front are left out; where there are no others, it is not comparable.
    """
    in_front = tuple(one for one in row.timed() if one.result.not_in_front is None)
    timed = in_front or row.timed()
    if not timed or row.is_virtual or row.is_sustained:
        return None
    rounds = [_invoke_ms(one) for one in timed]
    series = np.concatenate(rounds)
    summary = summarize(series)
    p5, p50, p90, p95, p99 = (float(one) for one in np.percentile(series, (5, 50, 90, 95, 99)))
    warmups = [np.array(one.run.warmup_ns) / NS_PER_MS for one in timed if one.run.warmup_ns]
    init = np.array([one.run.init_ns for one in timed]) / NS_PER_MS
    decode_ms, preprocess_ms = _before_the_model(row.evaluation(StageName.IMAGES))
    return Latency(
        samples=len(series),
        effective_samples=summary.effective,
        init_ms=float(np.median(init)),
        warmup_first_ms=float(np.median([one[0] for one in warmups])) if warmups else None,
        warmup_avg_ms=float(np.concatenate(warmups).mean()) if warmups else None,
        avg_ms=float(series.mean()),
        std_ms=float(series.std()),
        min_ms=float(series.min()),
        max_ms=float(series.max()),
        p5_ms=p5,
        p50_ms=p50,
        p90_ms=p90,
        p95_ms=p95,
        p99_ms=p99 if len(series) >= P99_SAMPLES else None,
        interval_ms=summary.interval,
        p90_interval_ms=_interval_of_rounds(np.array([np.percentile(one, 90) for one in rounds])),
        init_interval_ms=_interval_of_rounds(init),
        decode_ms=decode_ms,
        preprocess_ms=preprocess_ms,
        rounds=_rounds(timed),
        points_ms=tuple(round(float(one), 5) for one in series[:: -(-len(series) // MOST_POINTS)]),
        remarks=tuple(_remarks(summary, len(series))),
        comparable=bool(in_front),
    )


def sustained(row: RowResults) -> Sustained | None:
    """The latency of a sustained run over time; None for another run and on a virtual phone."""
    timed = row.timed()
    asked_s = row.run.record.sustain_s
    if not timed or row.is_virtual or asked_s is None:
        return None
    points = _rounds(timed)
    medians = np.array([point.median_ms for point in points])
    found = step(medians)
    throttled = found is not None and float(np.median(medians[found:])) > float(np.median(medians[:found]))
    at = found if throttled else None
    return Sustained(
        row=row.id,
        asked_s=asked_s,
        lasted_s=points[-1].started_s + timed[-1].result.duration_ns / 1e9,
        points=points,
        throttled_at_s=None if at is None else points[at].started_s,
        before_ms=float(np.median(medians[:at])),
        after_ms=None if at is None else float(np.median(medians[at:])),
        remarks=(*_left_front(timed), *_gaps(points)),
    )


def ratios(rows: Sequence[tuple[RowResults, Latency | None]]) -> Iterator[Ratio]:
    """Each variant over the first variant of its recipe, on the same phone in the same run, by the rounds of both."""
    first: dict[tuple[str, str, str], tuple[RowResults, Latency]] = {}
    for row, latency in rows:
        if latency is None or not latency.comparable:
            continue
        base, base_latency = first.setdefault((row.run.id, row.phone_id, row.model.recipe), (row, latency))
        medians, base_medians = ({one.number: one.median_ms for one in each.rounds} for each in (latency, base_latency))
        both = sorted(medians.keys() & base_medians.keys())
        if base is not row and both:
            ratio, interval = ratio_interval([medians[one] for one in both], [base_medians[one] for one in both])
            yield Ratio(row.id, base.id, ratio, interval, len(both), judge_ratio(interval))


def peak_bytes(row: RowResults) -> int | None:
    """The largest memory peak of the row's jobs; None where none was measured, and on a virtual phone."""
    peaks = [peak for one in row.results if (peak := one.result.memory.peak_bytes) is not None]
    return max(peaks) if peaks and not row.is_virtual else None


def _invoke_ms(one: StoredResult) -> npt.NDArray[np.float64]:
    """Times of each inference, at least a nanosecond: a coarse clock may measure 0, which has no logarithm."""
    times: npt.NDArray[np.float64] = np.maximum(one.timings().invoke_ns, 1) / NS_PER_MS
    return times


def _before_the_model(images: StoredResult | None) -> tuple[float | None, float | None]:
    """The medians of decoding and of preprocessing, ms; None where no picture was decoded."""
    if images is None:
        return None, None
    decode, preprocess = (float(np.median(one)) / NS_PER_MS for one in images.timings()[:2])
    return decode or None, preprocess or None


def _rounds(timed: Sequence[StoredResult]) -> tuple[Round, ...]:
    starts = [datetime.fromisoformat(one.result.started_at) for one in timed]
    return tuple(
        Round(
            number=one.run.job.round,
            started_s=(start - starts[0]).total_seconds(),
            median_ms=float(np.median(_invoke_ms(one))),
            samples=one.run.samples,
            celsius=one.result.state_before.battery_celsius,
            thermal_status=one.result.state_after.thermal_status,
        )
        for start, one in zip(starts, timed, strict=True)
    )


def _interval_of_rounds(values: Series) -> Interval | None:
    """The order-statistic interval of the rounds' median; from the lowest to the highest round where they drift."""
    if len(values) < FEWEST_INDEPENDENT:
        return None
    steady = median_interval(values, effective_samples(values)) if drift(values) is None else None
    return steady or Interval(float(values.min()), float(values.max()))


def _remarks(summary: SeriesSummary, samples: int) -> Iterator[str]:
    if summary.drift is not None:
        verb = "grew" if summary.drift > 0 else "shrank"
        yield f"the times {verb} by {abs(summary.drift):.0%} in this run: no interval of its own"
    if summary.switching is not None:
        fast, slow = summary.switching
        yield f"the times switch between {fast:.3g} and {slow:.3g} ms, as clocks do: no interval of its own"
    if summary.effective < CORRELATED * samples:
        yield f"neighbouring times are alike: {samples} are worth {summary.effective:.0f} independent ones"
    if summary.effective < SMALL:
        yield f"only {summary.effective:.0f} independent times: run more --rounds"
    if samples < P99_SAMPLES:
        yield f"p99 needs {P99_SAMPLES} samples; run more --rounds"


def _left_front(timed: Sequence[StoredResult]) -> Iterator[str]:
    """A remark where the app was not in front all the time: the curve then shows more than the heat."""
    count = sum(one.result.not_in_front is not None for one in timed)
    if count:
        yield f"the app was not in front in {count} of {len(timed)} rounds: their times are not those of the others"


def _gaps(points: Sequence[Round]) -> Iterator[str]:
    """A remark about a long pause: the phone has cooled in it, and the rounds after it are not comparable."""
    pauses = np.diff([point.started_s for point in points])
    if len(pauses) and pauses.max() > LONG_PAUSE * float(np.median(pauses)) + 1:
        yield f"it was not at work all the time: the longest gap is {pauses.max():.0f} s"
