"""Changes since an older run or a saved baseline, with their intervals and with what else differs."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.__main__ import main
from benchmarks.compare import answers, baseline
from benchmarks.compare.answers import TopAnswers, pack
from benchmarks.compare.changes import add_changes
from benchmarks.compare.compare import compare
from benchmarks.compare.comparison import Comparison
from benchmarks.compare.comparison_json import decode, read
from benchmarks.console.places import Build
from benchmarks.evaluation.stats import Speed
from benchmarks.formats.errors import ComparisonError
from tests.benchmarks.comparisons import comparison
from tests.benchmarks.runs_made import PHONE, answer, last, results, timed_rounds
from tests.benchmarks.simulated_times import Logs, noise


def compare_last(finished: Path) -> Comparison:
    return compare([last(finished)], Build(finished))


def rounds(logs: Logs, factor: float) -> list[list[float]]:
    return [list(part) for part in np.split(factor * 8 * np.exp(logs[0]), 10)]


def timed(finished: Path, seed: int, factor: float) -> Comparison:
    random = np.random.default_rng(seed)
    timed_rounds(last(finished), rounds(noise(random, (1, 400)), factor), rounds(noise(random, (1, 400)), factor))
    return compare_last(finished)


def test_a_run_is_compared_with_its_own_baseline_and_nothing_has_changed(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["compare", "--build", str(finished), "--baselines", str(tmp_path / "baselines")]
    assert main([*options, "--save-baseline"]) == 0
    (place,) = (tmp_path / "baselines").iterdir()
    assert capsys.readouterr().out.strip().endswith(f"saved {place}")
    assert "virtual-1" not in (place / "comparison.json").read_text() + place.name
    assert main(options) == 0
    made = read(last(finished).path / "comparison.json")
    assert made.baseline == "baselines"
    assert [(one.inputs, one.agreement, one.delta_points, one.differences) for one in made.changes] == [
        (10, 1.0, 0.0, ())
    ] * 2


def test_json_stays_json_where_a_baseline_is_saved(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    options = ["--build", str(finished), "--baselines", str(tmp_path / "baselines")]
    assert main(["compare", "--save-baseline", "--json", *options]) == 0
    said = capsys.readouterr()
    assert decode(said.out.encode()) == read(last(finished).path / "comparison.json")
    assert said.err.startswith("saved ")


def test_a_baseline_is_an_older_side_too(finished: Path, tmp_path: Path) -> None:
    baselines = tmp_path / "baselines"
    (place,) = baseline.save(compare_last(finished), baselines)
    for stored in results(last(finished), "tiny-int8-images"):
        answer(stored, np.roll(stored.outputs(), 1, axis=1))
    assert main(["compare", str(place), last(finished).id, "--build", str(finished), "--gates", _wide(tmp_path)]) == 0
    made = read(last(finished).path / "comparison.json")
    fp32, int8 = made.changes
    assert (fp32.agreement, int8.agreement) == (1, 0)
    assert (int8.lost, int8.gained) != (0, 0)
    assert int8.delta_interval is not None
    assert int8.delta_interval.low <= (int8.delta_points or 0) <= int8.delta_interval.high


def _wide(tmp_path: Path) -> str:
    path = tmp_path / "gates.toml"
    path.write_text("[default]\nagreement = 0\n")
    return str(path)


@pytest.mark.parametrize(("factor", "speed"), [(0.8, Speed.FASTER), (1.0, Speed.NO_CHANGE), (1.25, Speed.SLOWER)])
def test_a_speed_is_said_beyond_five_percent(finished: Path, factor: float, speed: Speed) -> None:
    before, now = timed(finished, 1, 1.0), timed(finished, 2, factor)
    change = add_changes(now, before, "before").changes[0]
    assert change.speed is speed
    assert change.ratio == pytest.approx(factor, rel=0.03)


def test_a_phone_that_was_not_steady_has_no_speed(finished: Path) -> None:
    before, now = timed(finished, 1, 1.0), timed(finished, 2, 0.5)
    row = now.rows[0]
    assert row.latency is not None
    drifting = replace(row, latency=replace(row.latency, interval_ms=None))
    unsteady = replace(now, rows=(drifting, *now.rows[1:]))
    change = add_changes(unsteady, before, "before").changes[0]
    assert (change.ratio_interval, change.speed) == (None, Speed.INCONCLUSIVE)


def test_what_else_differs_is_said_and_other_inputs_are_not_compared(finished: Path) -> None:
    old = compare_last(finished)
    row, model = old.rows[0], old.models[0]
    other = replace(model, sha256="9" * 64, inputs_sha256="8" * 64, evaluation="another set")
    inner = replace(
        old,
        rows=(replace(row, runtime="litert 1.0"),),
        models=(other, *old.models[1:]),
        ratios=(),
        answers={row.id: replace(old.answers[row.id], inputs_sha256="8" * 64)},
    )
    made = add_changes(compare_last(finished), inner, "before")
    (change,) = made.changes
    assert [line.partition(":")[0] for line in change.differences] == [
        "another model file",
        "another input set, whose answers are not compared",
        "another runtime",
    ]
    assert (change.inputs, change.delta_points, change.agreement) == (None, None, None)
    assert any("has no row of the same model, phone, accelerator and threads" in line for line in made.remarks)


def test_other_phones_are_never_compared(finished: Path) -> None:
    old = compare_last(finished)
    run = last(finished)
    vitals = run.record.phones[PHONE].vitals
    assert vitals is not None
    run.update_phone(PHONE, vitals=replace(vitals, facts=replace(vitals.facts, serialno="another")))
    made = add_changes(compare_last(finished), old, "before")
    assert made.changes == ()
    assert any(line.startswith("not compared with before: they are of different phones") for line in made.remarks)


def test_three_runs_without_a_word_are_refused(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "a", "b", "c", "--build", str(finished)]) == 2
    assert "3 runs are named; name an older and a newer one, or add --together" in capsys.readouterr().err


def test_an_unfinished_run_is_no_baseline(finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in last(finished).path.glob("*/*-images-*"):
        path.unlink()
    options = ["--build", str(finished), "--baselines", str(tmp_path / "baselines")]
    assert main(["compare", "--save-baseline", *options]) == 2
    assert "what is not complete is no baseline; finish the run first" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": "handset.answers/2", "rows": {}}',
        '{"format": "handset.answers/1", "rows": {"a": {"inputs_sha256": "x", "top": [1], "truth": null}}}',
        '{"format": "handset.answers/1", "rows": {"a": {"inputs_sha256": "%s", "top": [], "truth": null}}}',
        '{"format": "handset.answers/1", "rows": {"a": {"inputs_sha256": "%s", "top": [true], "truth": null}}}',
        '{"format": "handset.answers/1", "rows": {"a": {"inputs_sha256": "%s", "top": [-1], "truth": null}}}',
        '{"format": "handset.answers/1", "rows": {"a": {"inputs_sha256": "%s", "top": [1], "truth": [1, 2]}}}',
        '{"format": "handset.answers/1", "rows": {"a": {"inputs_sha256": "%s", "top": [1.5], "truth": [1]}}}',
    ],
)
def test_answers_that_cannot_be_are_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "answers.json"
    path.write_text(text.replace("%s", "a" * 64))
    with pytest.raises(ComparisonError) as caught:
        answers.read_listed(path)
    assert "\n" not in str(caught.value)


def test_answers_are_packed_small_where_they_are_right() -> None:
    truth = np.random.default_rng(0).integers(0, 1000, 10_000)
    top = np.where(np.arange(10_000) % 4 == 0, 7, truth)
    answers = {
        "a": TopAnswers("a" * 64, top, truth),
        "b": TopAnswers("a" * 64, truth, truth),
        "c": TopAnswers("b" * 64, top, None),
    }
    packed, truths = pack(answers)
    assert len(truths) == 1
    assert len(packed["b"].top) < 100
    for name, one in answers.items():
        read = TopAnswers.unpack(packed[name], truths)
        assert np.array_equal(read.top, one.top)
        assert (read.truth is None) is (one.truth is None)


@pytest.mark.parametrize("damage", [b"", b"x", zlib.compress(b""), zlib.compress(b"\0")])
def test_packed_answers_that_are_damaged_are_one_line(damage: bytes) -> None:
    packed, truths = pack({"a": TopAnswers("a" * 64, np.arange(5), np.arange(5))})
    with pytest.raises(ComparisonError, match="run again") as caught:
        TopAnswers.unpack(replace(packed["a"], top=damage), truths)
    with pytest.raises(ComparisonError, match="run again"):
        TopAnswers.unpack(packed["a"], {key: truth[:-1] for key, truth in truths.items()})
    assert "\n" not in str(caught.value)


def test_a_baseline_is_small(tmp_path: Path) -> None:
    made = comparison(models=3, phones=1, inputs=10_000)
    top = np.zeros(10_000, np.int64)
    packed, truths = pack({row.id: TopAnswers("a" * 64, top, top) for row in made.rows})
    (place,) = baseline.save(replace(made, answers=packed, truths=truths), tmp_path)
    assert sum(path.stat().st_size for path in place.iterdir()) < 1_000_000
    again = baseline.read(place)
    assert again.pictures == {}
    assert made.rows[0].latency is not None
    assert again.rows[0].latency == replace(made.rows[0].latency, points_ms=())
