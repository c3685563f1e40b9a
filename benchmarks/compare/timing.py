"""From the times of a row to what a comparison says of them. Results in, values out; a virtual phone's are left out."""

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
"""Fewer hold less than three values beyond the 99th percentile: that is no percentile, it is a worst case."""
MOST_POINTS = 400
NS_PER_MS = 1e6
HARDLY = 0.5
INTERRUPTED = 3.0


def latency(row: RowResults) -> Latency | None:
    """The invoke times of the row; None where there are none, or they are not a phone's."""
    timed = row.timed()
    if not timed or row.is_virtual or row.is_sustained:
        return None
    jobs = [_invoke_ms(one) for one in timed]
    series = np.concatenate(jobs)
    story = summarize(series)
    p5, p50, p90, p95, p99 = (float(one) for one in np.percentile(series, (5, 50, 90, 95, 99)))
    warmups = [np.array(one.run.warmup_ns) / NS_PER_MS for one in timed if one.run.warmup_ns]
    init = np.array([one.run.init_ns for one in timed]) / NS_PER_MS
    decode_ms, preprocess_ms = _before_the_model(row.evaluation(StageName.IMAGES))
    return Latency(
        samples=len(series),
        effective_samples=story.effective,
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
        interval_ms=story.interval,
        p90_interval_ms=_of_rounds(np.array([np.percentile(one, 90) for one in jobs])),
        init_interval_ms=_of_rounds(init),
        decode_ms=decode_ms,
        preprocess_ms=preprocess_ms,
        rounds=_rounds(timed),
        points_ms=tuple(round(float(one), 5) for one in series[:: -(-len(series) // MOST_POINTS)]),
        remarks=tuple(_remarks(story, len(series))),
    )


def sustained(row: RowResults) -> Sustained | None:
    """The curve of a run without rests; None where the row is none, or is not a phone's."""
    timed = row.timed()
    if not timed or row.is_virtual or not row.is_sustained:
        return None
    points = _rounds(timed)
    medians = np.array([point.median_ms for point in points])
    found = step(medians)
    throttled = found is not None and float(np.median(medians[found:])) > float(np.median(medians[:found]))
    at = found if throttled else None
    return Sustained(
        row=row.id,
        asked_s=float(row.run.record["sustain_s"]),
        lasted_s=points[-1].started_s + timed[-1].result.duration_ns / 1e9,
        points=points,
        throttled_at_s=None if at is None else points[at].started_s,
        before_ms=float(np.median(medians[:at])),
        after_ms=None if at is None else float(np.median(medians[at:])),
        remarks=tuple(_gaps(points)),
    )


def ratios(rows: Sequence[tuple[RowResults, Latency | None]]) -> Iterator[Ratio]:
    """Every variant over the recipe's first on the same phone, in the same run, by the rounds that both have."""
    first: dict[tuple[str, str, str], tuple[RowResults, Latency]] = {}
    for row, mine in rows:
        if mine is None:
            continue
        against, theirs = first.setdefault((row.run.id, row.phone_id, row.model["recipe"]), (row, mine))
        if against is row:
            continue
        ours, others = ({one.number: one.median_ms for one in each.rounds} for each in (mine, theirs))
        both = sorted(ours.keys() & others.keys())
        if both:
            pair = ([ours[number] for number in both], [others[number] for number in both])
            ratio, interval = ratio_interval(*pair)
            yield Ratio(row.id, against.id, ratio, interval, len(both), judge_ratio(interval))


def peak_bytes(row: RowResults) -> int | None:
    """The most memory that any of the row's jobs took; None where none says, or it is not a phone's."""
    peaks = [one.result.peak_bytes for one in row.results if one.result.peak_bytes is not None]
    return max(peaks) if peaks and not row.is_virtual else None


def _invoke_ms(one: StoredResult) -> npt.NDArray[np.float64]:
    """At least a nanosecond each: a clock that is too coarse to see an inference tells no less."""
    times: npt.NDArray[np.float64] = np.maximum(one.timings().invoke_ns, 1) / NS_PER_MS
    return times


def _before_the_model(images: StoredResult | None) -> tuple[float | None, float | None]:
    """The medians of decoding and preprocessing, None where no picture was decoded."""
    if images is None:
        return None, None
    decode, preprocess = (float(np.median(one)) / NS_PER_MS for one in images.timings()[:2])
    return decode or None, preprocess or None


def _rounds(timed: Sequence[StoredResult]) -> tuple[Round, ...]:
    began = [datetime.fromisoformat(one.result.started_at) for one in timed]
    return tuple(
        Round(
            number=one.result.job.round if one.result.job is not None else 0,
            started_s=(begun - began[0]).total_seconds(),
            median_ms=float(np.median(_invoke_ms(one))),
            samples=one.run.samples,
            celsius=one.result.state_before.battery_celsius,
            thermal_status=one.result.state_after.thermal_status,
        )
        for begun, one in zip(began, timed, strict=True)
    )


def _of_rounds(values: Series) -> Interval | None:
    """Where the rounds lie: the order-statistic interval of their median, and all of them where they drift."""
    if len(values) < FEWEST_INDEPENDENT:
        return None
    steady = median_interval(values, effective_samples(values)) if drift(values) is None else None
    return steady or Interval(float(values.min()), float(values.max()))


def _remarks(story: SeriesSummary, samples: int) -> Iterator[str]:
    if story.drift is not None:
        grew = "grew" if story.drift > 0 else "shrank"
        yield f"the times {grew} by {abs(story.drift):.0%} in this run: no interval of its own"
    if story.switching is not None:
        fast, slow = story.switching
        yield f"the times switch between {fast:.3g} and {slow:.3g} ms, as clocks do: no interval of its own"
    if story.effective < HARDLY * samples:
        yield f"neighbouring times are alike: {samples} are worth {story.effective:.0f} independent ones"
    if story.effective < SMALL:
        yield f"only {story.effective:.0f} independent times: run more --rounds"
    if samples < P99_SAMPLES:
        yield f"p99 needs {P99_SAMPLES} samples; run more --rounds"


def _gaps(points: Sequence[Round]) -> Iterator[str]:
    """A phone that was left alone has cooled, and what came after is another story."""
    pauses = np.diff([point.started_s for point in points])
    if len(pauses) and pauses.max() > INTERRUPTED * float(np.median(pauses)) + 1:
        yield f"it was not at work all the time: the longest gap is {pauses.max():.0f} s"
