"""A phone's times in a comparison: intervals where they hold, remarks where not, ratios from rounds in turns."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.__main__ import main
from benchmarks.compare.changes import add_changes
from benchmarks.compare.compare import compare
from benchmarks.compare.comparison import Comparison
from benchmarks.compare.gates import Limits, apply_gates
from benchmarks.compare.latency import Latency
from benchmarks.console.places import Build
from benchmarks.evaluation.stats import Speed, Verdict
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


def left_front(finished: Path, variant: str, rounds: int) -> None:
    """Have the app have left the front in so many rounds of a variant."""
    for stored in results(last(finished), f"tiny-{variant}-tensors-latency")[:rounds]:
        change(stored, lambda result: replace(result, front_losses=1))


def test_rounds_in_which_the_app_was_not_in_front_are_left_out(finished: Path) -> None:
    timed_rounds(last(finished), [[20.0] * 40, *[[8.0] * 40] * 9], [[6.0] * 40] * 10)
    left_front(finished, "fp32", 1)
    comparison = compared(finished)
    fp32, int8 = comparison.rows
    assert fp32.latency is not None
    assert (len(fp32.latency.rounds), fp32.latency.max_ms, fp32.latency.comparable) == (9, 8.0, True)
    assert [ratio.rounds for ratio in comparison.ratios] == [9]
    assert any(line.startswith("the app left the front while it measured in 1 of 12 jobs") for line in fp32.remarks)
    assert not any("front" in line for line in int8.remarks)


def test_latency_of_an_app_that_was_never_in_front_is_shown_and_not_compared(
    finished: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    timed_rounds(last(finished), [[8.0] * 40] * 10, [[6.0] * 40] * 10)
    before = compared(finished)
    left_front(finished, "int8", 10)
    comparison = compared(finished)
    int8 = comparison.rows[1]
    assert int8.latency is not None
    assert (len(int8.latency.rounds), int8.latency.p50_ms, int8.latency.comparable) == (10, 6.0, False)
    assert int8.stages == before.rows[1].stages
    assert comparison.ratios == ()
    assert [change.ratio is None for change in add_changes(comparison, before, "before").changes] == [False, True]
    limits = tmp_path / "limits.toml"
    limits.write_text("default = {p90_ms = 100}")
    gates = apply_gates(comparison, Limits.read(limits)).gates
    assert [gate.verdict for gate in gates] == [Verdict.PASS, Verdict.INCONCLUSIVE]
    expected = "the 90th percentile was not measured with the app in front; at most 100 ms is allowed"
    assert gates[1].message == expected
    capsys.readouterr()
    assert main(["compare", "--build", str(finished)]) in (0, 1)
    said = " ".join(capsys.readouterr().out.split())
    assert "jobs, whose times are not compared; leave the phone alone while it measures" in said
