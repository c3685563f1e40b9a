"""Whether the rows of a comparison keep the limits of `gates.toml`, as far as their intervals tell.

FAIL when the whole interval lies beyond the limit; straddling it is INCONCLUSIVE, and so is what was not measured.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from benchmarks.compare.accuracy import Arrow, ArrowName, StageName
from benchmarks.compare.comparison import Comparison, Gate, Model, Row
from benchmarks.compare.limits import THRESHOLDS, Limits, Threshold
from benchmarks.evaluation.stats import Interval, Verdict, judge_loss

Measured = tuple[float | None, Interval | None]
NOT_MEASURED: Measured = (None, None)


def judged(comparison: Comparison, limits: Limits) -> Comparison:
    """The comparison with its gates, and the verdicts of its rows and of the whole."""
    models = {model.id: model for model in comparison.models}
    virtual = {phone.id for phone in comparison.phones if phone.is_virtual}
    gates: list[Gate] = []
    rows: list[Row] = []
    for row in comparison.rows:
        mine = tuple(_gates(row, models[row.model], limits.of(models[row.model]), row.phone in virtual))
        verdicts = [gate.verdict for gate in mine] + ([] if row.complete else [Verdict.INCONCLUSIVE])
        rows.append(replace(row, verdict=_worst(verdicts)))
        gates += mine
    missing = [] if comparison.complete and rows else [Verdict.INCONCLUSIVE]
    verdict = _worst([*(row.verdict for row in rows), *missing])
    return replace(comparison, rows=tuple(rows), gates=tuple(gates), verdict=verdict)


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    return next((one for one in (Verdict.FAIL, Verdict.INCONCLUSIVE) if one in verdicts), Verdict.PASS)


def _gates(row: Row, model: Model, limits: Mapping[str, float], is_virtual: bool) -> Iterator[Gate]:
    truth_known = any(stage.accuracy is not None for stage in row.stages)
    in_rounds = any(stage.name is StageName.IMAGES for stage in row.stages)
    for name, limit in limits.items():
        threshold = THRESHOLDS[name]
        if threshold.of_a_phone and is_virtual:
            continue
        if (threshold.of_rounds and not in_rounds) or (name == "accuracy_drop_points" and not truth_known):
            continue  # where no truth is known, agreement judges alone
        yield _gate(row, threshold, limit, *_measured(row, model, name))


def _measured(row: Row, model: Model, name: str) -> Measured:
    """The value and its interval, as far as there are."""
    if name in ("accuracy_drop_points", "agreement"):
        on_pictures = any(stage.name is StageName.IMAGES and stage.evaluated for stage in row.stages)
        whole = next((arrow for arrow in row.arrows if arrow.name is ArrowName.WHOLE), None)
        return _answered(whole, name) if whole is not None and on_pictures else NOT_MEASURED
    if name in ("p90_ms", "init_ms"):
        times = row.latency
        if times is None:
            return NOT_MEASURED
        return (times.p90_ms, times.p90_interval_ms) if name == "p90_ms" else (times.init_ms, times.init_interval_ms)
    value = model.size_bytes if name == "size_bytes" else row.peak_bytes
    return NOT_MEASURED if value is None else (value, Interval(value, value))


def _answered(whole: Arrow, name: str) -> Measured:
    if name == "agreement":
        return whole.agreement, whole.agreement_interval
    if whole.delta_points is None or whole.delta_interval is None:
        return NOT_MEASURED
    return 0 - whole.delta_points, Interval(0 - whole.delta_interval.high, 0 - whole.delta_interval.low)


def _gate(row: Row, threshold: Threshold, limit: float, value: float | None, interval: Interval | None) -> Gate:
    sign = -1 if threshold.least else 1
    ends = None if interval is None else sorted((sign * interval.low, sign * interval.high))
    verdict = Verdict.INCONCLUSIVE if ends is None else judge_loss(Interval(*ends), sign * limit)
    return Gate(row.id, threshold.name, value, limit, interval, verdict, _words(threshold, limit, value, interval))


def _words(threshold: Threshold, limit: float, value: float | None, interval: Interval | None) -> str:
    def shown(number: float) -> str:
        return f"{number * threshold.scale:.4g}"

    bound = f"{'at least' if threshold.least else 'at most'} {shown(limit)}{threshold.unit}"
    if value is None:
        return f"{threshold.words} was not measured; {bound} is allowed"
    if interval is None:
        between = ", without an interval: run more --rounds"
    elif interval.low == interval.high:
        between = ""
    else:
        between = f", 95 % interval {shown(interval.low)} to {shown(interval.high)}"
    return f"{threshold.words} is {shown(value)}{threshold.unit}{between}; {bound} is allowed"
