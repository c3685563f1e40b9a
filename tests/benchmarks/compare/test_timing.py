"""A phone's times in a comparison: intervals where they hold, remarks where not, ratios from rounds in turns."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.__main__ import main
from benchmarks.compare.compare import compare
from benchmarks.compare.comparison import Comparison
from benchmarks.compare.latency import Latency
from benchmarks.console.places import Build
from benchmarks.evaluation.stats import Speed
from tests.benchmarks.runs_made import as_a_phone, change, last, results, time_it, timed_rounds
from tests.benchmarks.simulated_times import Logs, drifting, noise, switching

ROUNDS = 10


def rounds(logs: Logs, factor: float = 1.0) -> list[list[float]]:
    return [list(part) for part in np.split(factor * 8 * np.exp(logs[0]), ROUNDS)]


def compared(finished: Path) -> Comparison:
    return compare([last(finished)], Build(finished))


def latency(finished: Path) -> Latency:
    found = compared(finished).rows[0].latency
    assert found is not None
    return found


def test_steady_times_have_an_interval_of_this_run_and_their_rounds(finished: Path) -> None:
    random = np.random.default_rng(1)
    timed_rounds(last(finished), rounds(noise(random, (1, 400))), rounds(noise(random, (1, 400)), 0.8))
    found = latency(finished)
    assert found.samples == 400
    assert found.interval_ms is not None
    assert found.interval_ms.low <= found.p50_ms <= found.interval_ms.high
    assert found.p90_interval_ms is not None
    assert found.p90_interval_ms.low <= found.p90_ms <= found.p90_interval_ms.high
    assert found.p5_ms <= found.p50_ms <= found.p90_ms <= found.p95_ms <= (found.p99_ms or 0) <= found.max_ms
    assert [(one.number, one.started_s, one.samples) for one in found.rounds] == [
        (number + 1, 10.0 * number, 40) for number in range(ROUNDS)
    ]
    assert {one.celsius for one in found.rounds} == {30.0}
    assert len(found.points_ms) == 400


def test_rounds_are_in_the_order_of_their_times_however_these_are_written(finished: Path) -> None:
    timed_rounds(last(finished), [[8.0] * 3] * 2, [[8.0] * 3] * 2)
    for number, moment in ((1, "2025-01-31T09:45:00Z"), (2, "2025-01-31T09:45:00.5Z")):
        (stored,) = results(last(finished), f"tiny-fp32-tensors-latency-{number}-")
        change(stored, lambda result, moment=moment: replace(result, started_at=moment))  # type: ignore[misc]
    assert [(one.number, one.started_s) for one in latency(finished).rounds] == [(1, 0.0), (2, 0.5)]


def test_a_variant_is_faster_when_its_interval_says_so(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(2)
    timed_rounds(last(finished), rounds(noise(random, (1, 100))), rounds(noise(random, (1, 100)), 0.8))
    (ratio,) = compared(finished).ratios
    assert ratio.row.endswith("tiny_int8")
    assert ratio.against.endswith("tiny_fp32")
    assert (ratio.rounds, ratio.verdict) == (ROUNDS, Speed.FASTER)
    assert ratio.interval is not None
    assert ratio.interval.low < ratio.ratio < ratio.interval.high < 0.98
    capsys.readouterr()
    assert main(["compare", "--build", str(finished)]) == 0
    said = capsys.readouterr().out
    assert f"×{ratio.ratio:.2f} FASTER" in said
    assert "50 MB" in said
    assert "virtual" not in said.partition("\n")[0]


@pytest.mark.parametrize(
    ("logs", "remark"),
    [(drifting(0.25), "the times grew by 2"), (switching, "the times switch between 8")],
    ids=["drift", "switching clocks"],
)
def test_times_that_drift_or_switch_have_no_interval_and_say_why(finished: Path, logs: object, remark: str) -> None:
    assert callable(logs)
    random = np.random.default_rng(4)
    timed_rounds(last(finished), rounds(logs(random, (1, 1000))), rounds(noise(random, (1, 1000))))
    found = latency(finished)
    assert found.interval_ms is None
    assert any(line.startswith(remark) and "no interval of its own" in line for line in found.remarks)


def test_p99_needs_300_samples(finished: Path) -> None:
    run = last(finished)
    as_a_phone(run)
    for stored in results(run, "latency"):
        time_it(stored, [1.0] * 260 + [5.0] * 39, at_s=0)
    assert (latency(finished).samples, latency(finished).p99_ms) == (299, None)
    assert "p99 needs 300 samples; run more --rounds" in latency(finished).remarks
    for stored in results(run, "latency"):
        time_it(stored, [1.0] * 260 + [5.0] * 40, at_s=0)
    assert (latency(finished).samples, latency(finished).p99_ms) == (300, 5.0)


def test_points_are_thinned_out_to_400(finished: Path) -> None:
    random = np.random.default_rng(5)
    timed_rounds(last(finished), rounds(noise(random, (1, 2000))), rounds(noise(random, (1, 2000))))
    assert len(latency(finished).points_ms) == 400
