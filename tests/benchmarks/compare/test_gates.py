"""Gates: a limit fails only when the whole interval lies beyond it, and no limit is ignored without an error."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.__main__ import main
from benchmarks.compare.comparison import Comparison, Gate, Model
from benchmarks.compare.gates import FILE, THRESHOLDS, Limits, apply_gates
from benchmarks.evaluation.stats import Interval, Verdict
from benchmarks.formats.errors import ComparisonError
from tests.benchmarks.compare.test_comparison_json import SMALL
from tests.benchmarks.comparisons import comparison
from tests.benchmarks.runs_made import answer, last, results

MODEL = Model("a_int8", "a", "int8", "0" * 64, 1, "set", "1" * 64)
WIDE = "[default]\naccuracy_drop_points = 100\nagreement = 0\n"


def limits(tmp_path: Path, text: str) -> Limits:
    path = tmp_path / "gates.toml"
    path.write_text(text)
    return Limits.read(path)


def gate(comparison: Comparison, name: str, row: int = 0) -> Gate:
    return next(one for one in comparison.gates if (one.name, one.row) == (name, comparison.rows[row].id))


def test_the_nearest_name_wins(tmp_path: Path) -> None:
    text = """
    default = { agreement = 0.1, p90_ms = 1, init_ms = 1, size_bytes = 1 }
    variant.int8 = { agreement = 0.2, p90_ms = 2, init_ms = 2 }
    recipe.a = { agreement = 0.3, p90_ms = 3, variant.int8 = { agreement = 0.4 } }
    """
    read = limits(tmp_path, text)
    assert read.of(MODEL) == {"agreement": 0.4, "p90_ms": 3, "init_ms": 2, "size_bytes": 1}
    assert read.of(replace(MODEL, variant="fp32")) == {"agreement": 0.3, "p90_ms": 3, "init_ms": 1, "size_bytes": 1}
    assert read.of(replace(MODEL, recipe="b")) == {"agreement": 0.2, "p90_ms": 2, "init_ms": 2, "size_bytes": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[defaults]", "defaults is no name known here; choose from default, variant, recipe"),
        ("[default]\nacuracy = 1", "default.acuracy is no name known here; choose from accuracy_drop_points"),
        ("[variant.int8]\np95_ms = 1", "variant['int8'].p95_ms is no name known here"),
        ("[recipe.a.variant.int8]\nspeed = 1", "recipe['a'].variant['int8'].speed is no name known here"),
        ("[recipe.a.variants.int8]", "recipe['a'].variants is no name known here"),
        ("[default]\nagreement = 95", "default.agreement is 95, not a number from 0 to 1 or null; mend it"),
        ("[default]\np90_ms = -1", "default.p90_ms is -1, not a number"),
        ("[default]\np90_ms = nan", "default.p90_ms is nan, not a number"),
        ("[default]\np90_ms = true", "default.p90_ms is True, not a number"),
        ('[default]\np90_ms = "40"', "default.p90_ms is '40', not a number"),
        ("variant = 3", "variant is 3, not an object"),
        ("default = [1]", "default is [1], not an object"),
        ("[default", "is not TOML"),
    ],
)
def test_a_file_that_is_not_right_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ComparisonError) as caught:
        limits(tmp_path, text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_says_which_option_names_another(tmp_path: Path) -> None:
    with pytest.raises(ComparisonError, match="No such file or directory; give another with --gates"):
        Limits.read(tmp_path / "gates.toml")


def test_the_kits_own_limits_are_right_and_describe_every_name() -> None:
    assert Limits.read().of(MODEL) == {"accuracy_drop_points": 2.0, "agreement": 0.85}
    assert all(name in FILE.read_text() for name in THRESHOLDS)


@pytest.mark.parametrize(
    ("name", "limit", "verdict", "said"),
    [
        ("p90_ms", 1e6, Verdict.PASS, "at most 1e+06 ms is allowed"),
        ("p90_ms", 0.1, Verdict.FAIL, "the 90th percentile is "),
        ("init_ms", 31.0, Verdict.INCONCLUSIVE, "loading the model is 31 ms, 95 % interval 30.1 to 34; at most 31 ms"),
        ("memory_bytes", 88e6, Verdict.PASS, "memory at its peak is 88 MB; at most 88 MB is allowed"),
        ("memory_bytes", 87e6, Verdict.FAIL, "memory at its peak is 88 MB; at most 87 MB is allowed"),
        ("size_bytes", 18e6, Verdict.FAIL, "the model file is 18.6 MB; at most 18 MB is allowed"),
        ("agreement", 1.0, Verdict.INCONCLUSIVE, "agreement with Keras is 100 %, 95 % interval 98.12 to 100"),
        ("accuracy_drop_points", 100, Verdict.PASS, "the drop of accuracy is 0 points"),
    ],
)
def test_every_gate_says_value_limit_and_interval(
    tmp_path: Path, name: str, limit: float, verdict: Verdict, said: str
) -> None:
    found = gate(apply_gates(SMALL, limits(tmp_path, f"[default]\n{name} = {limit}")), name)
    assert (found.verdict, found.limit) == (verdict, limit)
    assert said in found.message


def test_a_limit_within_the_interval_is_inconclusive_and_beyond_it_fails(tmp_path: Path) -> None:
    row = SMALL.rows[0]
    whole = replace(row.arrows[-1], delta_points=-3.0, delta_interval=Interval(-4.0, -2.0))
    made = replace(SMALL, rows=(replace(row, arrows=(*row.arrows[:-1], whole)), *SMALL.rows[1:]))
    for limit, verdict in ((4.0, Verdict.PASS), (3.0, Verdict.INCONCLUSIVE), (1.9, Verdict.FAIL)):
        text = f"[default]\naccuracy_drop_points = {limit}"
        comparison = apply_gates(made, limits(tmp_path, text))
        assert gate(comparison, "accuracy_drop_points").verdict is verdict
        assert comparison.rows[0].verdict is verdict


def of_few_pictures(*, same: bool) -> Comparison:
    """200 labelled pictures on a virtual phone, of which not one is answered otherwise than by Keras."""
    made = comparison(models=1, phones=1, inputs=200, variants=("fp32",), virtual=True)
    (row,) = made.rows
    *others, whole = row.arrows
    return replace(made, rows=(replace(row, arrows=(*others, replace(whole, numerically_same=same))),), gates=())


def test_few_pictures_are_no_doubt_where_the_answers_are_numerically_the_same(tmp_path: Path) -> None:
    text = "[default]\naccuracy_drop_points = 0.5\nagreement = 0.99"
    judged = apply_gates(of_few_pictures(same=True), limits(tmp_path, text))
    assert judged.verdict is Verdict.PASS
    for name in ("accuracy_drop_points", "agreement"):
        found = gate(judged, name)
        assert found.verdict is Verdict.PASS
        assert found.interval is not None
        assert "95 % interval" in found.message
        assert "numerically the same: no probability differs by more than 0.00001" in found.message


def test_few_pictures_of_other_answers_say_how_many_would_decide(tmp_path: Path) -> None:
    text = "[default]\naccuracy_drop_points = 0.5\nagreement = 0.99"
    judged = apply_gates(of_few_pictures(same=False), limits(tmp_path, text))
    assert judged.verdict is Verdict.INCONCLUSIVE
    drop, agreement = gate(judged, "accuracy_drop_points"), gate(judged, "agreement")
    assert drop.inputs_to_decide is not None
    assert 700 <= drop.inputs_to_decide <= 850
    assert drop.message.endswith(f"; about {-(-drop.inputs_to_decide // 10) * 10} pictures like these would decide")
    assert agreement.inputs_to_decide is not None
    assert agreement.message.endswith("pictures like these would decide")


def test_no_loss_at_all_may_be_asked_of_answers_that_are_the_same(tmp_path: Path) -> None:
    judged = apply_gates(of_few_pictures(same=True), limits(tmp_path, "[default]\naccuracy_drop_points = 0"))
    assert gate(judged, "accuracy_drop_points").verdict is Verdict.PASS


def test_what_was_not_measured_is_inconclusive_and_what_cannot_be_is_no_gate(tmp_path: Path) -> None:
    text = "[default]\np90_ms = 1e6\naccuracy_drop_points = 100\nagreement = 0"
    found = apply_gates(SMALL, limits(tmp_path, text))
    assert gate(found, "p90_ms", row=-1).verdict is Verdict.INCONCLUSIVE
    assert "was not measured; at most 1e+06 ms is allowed" in gate(found, "p90_ms", row=-1).message
    assert found.rows[-1].verdict is Verdict.INCONCLUSIVE
    virtual = apply_gates(comparison(virtual=True, truth_known=False), limits(tmp_path, text))
    assert {one.name for one in virtual.gates} == {"agreement"}


def ran(**context: object) -> Comparison:
    """A first row that asked for a GPU; `context` has its other fields."""
    row = replace(SMALL.rows[0], **{"accelerator_asked": "gpu", "accelerator_obtained": "gpu", **context})
    return replace(SMALL, rows=(row, *SMALL.rows[1:]))


@pytest.mark.parametrize(
    ("context", "verdict", "said"),
    [
        ({"delegated_nodes": 64}, Verdict.PASS, "the share of nodes on the accelerator is 100 %; at least 90 %"),
        ({"delegated_nodes": 31}, Verdict.FAIL, "the share of nodes on the accelerator is 48.44 %; at least 90 %"),
        ({"accelerator_obtained": "cpu"}, Verdict.FAIL, "the share of nodes on the accelerator is 0 %; at least 90 %"),
        ({"delegated_nodes": None}, Verdict.INCONCLUSIVE, "on the accelerator was not measured; at least 90 %"),
        ({"total_nodes": None}, Verdict.INCONCLUSIVE, "on the accelerator was not measured; at least 90 %"),
        ({"accelerator_obtained": "unknown"}, Verdict.INCONCLUSIVE, "was not measured"),
    ],
)
def test_an_accelerator_that_took_too_little_of_the_graph_fails(
    tmp_path: Path, context: dict[str, object], verdict: Verdict, said: str
) -> None:
    made = gate(apply_gates(ran(**context), limits(tmp_path, "[default]\nmin_delegated = 0.9")), "min_delegated")
    assert made.verdict is verdict
    assert said in made.message


def test_the_cpu_is_not_asked_what_it_delegated(tmp_path: Path) -> None:
    assert apply_gates(SMALL, limits(tmp_path, "[default]\nmin_delegated = 1")).gates == ()


def test_a_run_that_fails_a_gate_exits_1_and_says_by_how_much(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for stored in results(last(finished), "tiny-int8-images"):
        answer(stored, np.roll(stored.outputs(), 1, axis=1))
    path = tmp_path / "gates.toml"
    path.write_text("[default]\nagreement = 0.9\n")
    capsys.readouterr()
    assert main(["compare", "--build", str(finished), "--gates", str(path)]) == 1
    said = capsys.readouterr()
    assert "tiny_int8: agreement with Keras is 0 %, 95 % interval 0 to 27.75; at least 90 % is allowed" in said.err
    assert "1 of 2 gates not kept" in said.err
    assert "FAIL virtual-phone" in said.out


def test_what_is_inconclusive_fails_only_when_asked(finished: Path, tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    path.write_text("[default]\nagreement = 0.9\n")  # ten inputs that all agree show no more than 72 %
    command = ["compare", "--build", str(finished), "--gates", str(path)]
    assert main(command) == 0
    assert main([*command, "--strict"]) == 1
    path.write_text(WIDE)
    assert main([*command, "--strict"]) == 0
