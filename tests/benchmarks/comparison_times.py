"""The times of a sample comparison: latency, ratios, a phone that throttles, and changes since a baseline."""

import numpy as np

from benchmarks.compare.comparison import Change, Row
from benchmarks.compare.latency import Latency, Ratio, Round, Sustained
from benchmarks.evaluation.stats import Interval, Speed, wilson


def latency(random: np.random.Generator, variant: str) -> Latency:
    base = {"fp32": 20.0, "fp16": 20.2, "dynamic": 12.0}.get(variant, 8.0)
    samples = base * np.exp(random.gamma(2, 0.03, 1000) + np.linspace(0, 0.03, 1000))
    p5, p50, p90, p95, p99 = (float(one) for one in np.percentile(samples, (5, 50, 90, 95, 99)))
    rounds = tuple(
        Round(number + 1, 31.5 * number, float(np.median(part)), len(part), 29 + number * 0.2, number // 15)
        for number, part in enumerate(np.split(samples, 20))
    )
    return Latency(
        samples=1000,
        effective_samples=412.5,
        init_ms=31.0,
        warmup_first_ms=base * 2.6,
        warmup_avg_ms=base * 1.2,
        avg_ms=float(samples.mean()),
        std_ms=float(samples.std()),
        min_ms=float(samples.min()),
        max_ms=float(samples.max()),
        p5_ms=p5,
        p50_ms=p50,
        p90_ms=p90,
        p95_ms=p95,
        p99_ms=p99,
        interval_ms=Interval(p50 * 0.99, p50 * 1.012) if variant != "fp16" else None,
        p90_interval_ms=Interval(p90 * 0.97, p90 * 1.03),
        init_interval_ms=Interval(30.1, 34.0),
        decode_ms=6.1,
        preprocess_ms=2.4,
        rounds=rounds,
        points_ms=tuple(round(float(one), 4) for one in samples[::3]),
        remarks=() if variant != "fp16" else ("it grew by 3 % in the run: no interval",),
    )


def ratio(row: Row, rows: tuple[Row, ...]) -> Ratio:
    recipe = row.model.rpartition("_")[0]
    against = next(other for other in rows if (other.phone, other.model) == (row.phone, f"{recipe}_fp32"))
    ratio, speed = {"fp16": (1.01, Speed.NO_CHANGE), "dynamic": (0.6, Speed.FASTER)}.get(
        row.model.rpartition("_")[2], (0.4, Speed.FASTER)
    )
    return Ratio(row.id, against.id, ratio, Interval(ratio * 0.993, ratio * 1.007), 20, speed)


def sustained(random: np.random.Generator, row: Row) -> Sustained:
    slow = np.where(np.arange(40) < 22, 20.0, 29.0) * np.exp(random.normal(0, 0.01, 40))
    points = tuple(
        Round(number + 1, 15.0 * number, float(one), 500, 30 + number * 0.3, int(number > 20) * 2)
        for number, one in enumerate(slow)
    )
    return Sustained(row.id, 600.0, 602.5, points, 330.0, 20.0, 29.0, ())


def change(row: Row, inputs: int, truth_known: bool, virtual: bool) -> Change:
    other_file = row.model.endswith("int8")
    return Change(
        row=row.id,
        against=f"20250130-101112 {row.id}",
        differences=("another model file: 0a1b2c3d before, 4e5f6a7b now",) if other_file else (),
        inputs=inputs,
        lost=12 if truth_known else None,
        gained=3 if truth_known else None,
        delta_points=-0.9 if truth_known else None,
        delta_interval=Interval(-1.7, -0.1) if truth_known else None,
        mcnemar_p=0.035 if truth_known else None,
        agreement=0.98,
        agreement_interval=wilson(98, 100),
        ratio=None if virtual else 1.2,
        ratio_interval=None if virtual else Interval(1.15, 1.25),
        speed=Speed.INCONCLUSIVE if virtual else Speed.SLOWER,
    )
