import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from rich.console import Console

from benchmarks.evaluation.stats import Verdict
from benchmarks.formats.declared import plain
from benchmarks.formats.models_file import EvaluationRecord
from benchmarks.formats.variant_record import FileRecord, ParityRecord, RemedyRecord
from export.checks.verify import compare, few_pictures, require
from export.commands.table import footnotes, parity_tables, print_export
from export.data.photographs import TOLERANCES
from export.errors import ParityError, VariantError
from export.recipe import Tolerance, Variant
from export.recipes import find
from tests.export.records import export_of, variant_of

Answers = npt.NDArray[np.float32]
DIGITS = find("digits_cnn")
LOOSE = Tolerance(accuracy=100, agreement=100)


def answers(*chosen: int, sure: float = 0.9) -> Answers:
    """Probabilities of three labels, the chosen one `sure`."""
    rest = np.full((len(chosen), 3), (1 - sure) / 2, np.float32)
    rest[np.arange(len(chosen)), list(chosen)] = sure
    return rest


def with_wrong(count: int, wrong: int) -> ParityRecord:
    """Keras is always right, the variant but for `wrong` of `count`; one point may be lost."""
    variant = answers(*([1] * wrong), *([0] * (count - wrong)))
    return compare(answers(*([0] * count)), variant, (0,) * count, Tolerance(accuracy=1, agreement=0.1))


def test_labelled_answers_are_judged_by_accuracy() -> None:
    keras, variant = answers(0, 1, 2, 0), answers(0, 1, 1, 1, sure=0.8)
    parity = compare(keras, variant, (0, 1, 2, 1), Tolerance(accuracy=2, agreement=5))
    assert (parity.keras_accuracy, parity.accuracy, parity.delta_points) == (0.75, 0.75, 0.0)
    assert (parity.inputs, parity.agreement, parity.limit_points) == (4, 0.5, 2)
    assert parity.delta_interval is not None
    assert parity.delta_interval[0] < 0 < parity.delta_interval[1]
    assert parity.max_probability_difference == pytest.approx(0.9 - 0.1)


@pytest.mark.parametrize("truth", [(None,) * 4, (0, 1, None, 1)])
def test_unlabelled_answers_are_judged_by_agreement_and_claim_no_accuracy(truth: tuple[int | None, ...]) -> None:
    parity = compare(answers(0, 1, 2, 0), answers(0, 1, 1, 0), truth, Tolerance(accuracy=2, agreement=5))
    assert (parity.keras_accuracy, parity.accuracy) == (None, None)
    assert (parity.delta_points, parity.delta_interval) == (None, None)
    assert (parity.agreement, parity.limit_points) == (0.75, 5)


def test_a_tie_goes_to_the_lower_index() -> None:
    tie = np.array([[0.4, 0.4, 0.2]], np.float32)
    assert compare(tie, answers(0), (0,), LOOSE).agreement == 1
    assert compare(tie, answers(1), (0,), LOOSE).agreement == 0


@pytest.mark.parametrize(
    ("wrong", "verdict"), [(0, Verdict.PASS), (2, Verdict.PASS), (10, Verdict.INCONCLUSIVE), (40, Verdict.FAIL)]
)
def test_the_verdict_follows_the_whole_interval(wrong: int, verdict: Verdict) -> None:
    assert with_wrong(1000, wrong).verdict is verdict


def test_an_agreement_that_is_surely_too_low_fails_where_the_truth_is_unknown() -> None:
    keras, variant = answers(*[0] * 200), answers(*[1] * 60, *[0] * 140)
    assert compare(keras, variant, (None,) * 200, Tolerance(accuracy=0.1, agreement=15)).verdict is Verdict.FAIL
    assert compare(keras, keras, (None,) * 200, Tolerance(accuracy=0.1, agreement=15)).verdict is Verdict.PASS


def test_one_input_proves_nothing() -> None:
    other = compare(answers(0), answers(0, sure=0.8), (0,), Tolerance(accuracy=1, agreement=0.1))
    assert other.verdict is Verdict.INCONCLUSIVE
    assert with_wrong(1, 1).verdict is Verdict.INCONCLUSIVE


def few(sure: float = 0.9, correct: int = 190) -> ParityRecord:
    """200 labelled pictures, 190 of them right in Keras, none answered otherwise; half a point may be lost."""
    truth = (0,) * correct + (1,) * (200 - correct)
    return compare(answers(*[0] * 200), answers(*[0] * 200, sure=sure), truth, Tolerance(accuracy=0.5, agreement=0.1))


def test_few_pictures_are_enough_where_the_answers_are_numerically_the_same() -> None:
    parity = few(sure=0.900004)
    assert (parity.verdict, parity.numerically_same, parity.agreement) == (Verdict.PASS, True, 1)
    assert parity.delta_interval is not None
    assert parity.delta_interval[0] < -1.8
    table, notes = table_of(parity)
    assert "PASS same" in table
    assert re.search(r"-\d\.\d\d to \+\d\.\d\d", table)
    (line,) = (note for note in notes if "numerically the same" in note)
    assert line.startswith("digits int8: numerically the same: no probability differs by more than 0.00001")


def test_other_few_pictures_say_how_many_would_decide() -> None:
    parity = few(sure=0.89)
    assert (parity.verdict, parity.numerically_same) == (Verdict.INCONCLUSIVE, False)
    assert parity.inputs_to_decide is not None
    assert 700 <= parity.inputs_to_decide <= 850
    (warning,) = (line for line in table_of(parity)[1] if line.startswith("warning: "))
    assert re.search(r"; about [78]\d0 pictures like these would decide$", warning)


@pytest.mark.parametrize(
    ("inputs", "labelled", "said"),
    [
        (
            200,
            True,
            ["850 to show that at most 0.5 points are lost (fp32)", "210 to show that at most 2 points are lost"],
        ),
        (300, True, ["850 to show that at most 0.5 points are lost (fp32)"]),
        (1000, True, []),
        (200, False, []),
    ],
)
def test_the_export_says_before_it_begins_that_pictures_are_few(inputs: int, labelled: bool, said: list[str]) -> None:
    recipe = replace(DIGITS, tolerances=TOLERANCES)
    line = few_pictures(recipe, (Variant.FP32, Variant.INT8), EvaluationRecord("photos", inputs, labelled))
    if not said:
        assert line is None
        return
    assert line is not None
    assert line.startswith(f"{inputs} labelled pictures may be too few for a verdict: where no answer changes, it ")
    assert [part for part in said if part in line] == said
    assert line.count("to show") == len(said)


def test_a_better_variant_passes() -> None:
    keras, variant = answers(*[1] * 100, *[0] * 900), answers(*[0] * 1000)
    parity = compare(keras, variant, (0,) * 1000, Tolerance(accuracy=0, agreement=0))
    assert parity.delta_points == pytest.approx(10)
    assert parity.verdict is Verdict.PASS


def test_a_failure_carries_its_numbers() -> None:
    parities = {Variant.FP32: with_wrong(1000, 0), Variant.INT8: with_wrong(1000, 40)}
    with pytest.raises(ParityError) as refusal:
        require("digits", parities)
    interval = parities[Variant.INT8].delta_interval
    assert interval is not None
    numbers = f"accuracy -4.00 points (95 %: {interval[0]:+.2f} to {interval[1]:+.2f}) on 1000 inputs, 1 points may"
    assert str(refusal.value).startswith(f"digits loses too much: int8: {numbers} be lost")
    assert "fp32" not in str(refusal.value)
    assert "Do: " in str(refusal.value)


def test_an_int8_for_which_everything_is_refused_is_said_with_every_reason() -> None:
    tried = [RemedyRecord(remedy=name, refused=f"no kernel for {name}") for name in ("int8", "int16x8", "int8_mixed")]
    with pytest.raises(VariantError) as refusal:
        require("digits", {Variant.FP32: with_wrong(1000, 0)}, tried)
    assert str(refusal.value) == (
        "digits has no int8 that runs: int8: no kernel for int8; int16x8: no kernel for int16x8; int8_mixed: no kernel "
        "for int8_mixed. Do: leave int8 out: --variants fp32,fp16,dynamic"
    )


def test_doubt_is_no_failure() -> None:
    require("digits", {Variant.INT8: with_wrong(1000, 10)})


def test_an_unlabelled_failure_speaks_of_agreement() -> None:
    parity = compare(answers(*[0] * 200), answers(*[1] * 200), (None,) * 200, Tolerance(accuracy=1, agreement=15))
    assert parity.in_words.startswith("agreement with Keras 0.0% (95 %: 0.0% to 1.9%) on 200 inputs, 15 ")


def test_a_manifest_record_is_plain_json_with_rounded_numbers() -> None:
    record = plain(with_wrong(1000, 10))
    assert record["delta_points"] == -1.0
    assert [type(end) for end in record["delta_interval"]] == [float, float]
    assert record["verdict"] == "INCONCLUSIVE"
    assert record["max_probability_difference"] == 0.85


def table_of(parity: ParityRecord) -> tuple[str, list[str]]:
    """The table and the footnotes of a recipe with one variant of that parity."""
    variant = variant_of(FileRecord("model.tflite", "0" * 64, 500_000), parity, 1.0)
    record = export_of(
        seconds=12.3,
        default_variant="int8",
        evaluation=EvaluationRecord("crops", parity.inputs, parity.accuracy is not None),
        variants={"int8": variant},
    )
    console = Console(width=80, file=io.StringIO(), record=True)
    for table in parity_tables({"digits": record}):
        console.print(table)
    return console.export_text(), list(footnotes({"digits": record}))


def test_a_straddling_interval_is_a_warning_in_the_table_and_in_words() -> None:
    table, notes = table_of(with_wrong(1000, 10))
    assert "WARN" in table
    (warning,) = (line for line in notes if line.startswith("warning: "))
    assert warning.startswith("warning: digits int8: accuracy -1.00 points (95 %: ")
    assert warning.endswith("1 points may be lost; evaluate on more pictures to be sure")


def test_a_sure_verdict_brings_no_warning() -> None:
    table, notes = table_of(with_wrong(1000, 0))
    assert "PASS" in table
    assert "int8 ◂ app" in table
    assert not [line for line in notes if "warning" in line]


def test_a_table_claims_no_accuracy_without_labels() -> None:
    parity = compare(answers(*[0] * 200), answers(*[0] * 200), (None,) * 200, Tolerance(accuracy=1, agreement=15))
    table, notes = table_of(parity)
    assert "100.00%" in table
    assert table.count("–") >= 3
    assert any("no accuracy claimed" in line for line in notes)


def test_no_cell_of_a_table_is_cut(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """100 % of the accuracy, and the interval of ten pictures, on a narrow terminal."""
    monkeypatch.setenv("COLUMNS", "60")
    keras, variant = answers(*[0] * 10), answers(*[1] * 5, *[0] * 5)
    parity = compare(keras, variant, (0,) * 10, Tolerance(accuracy=99, agreement=99))
    perfect = compare(keras, keras, (0,) * 10, LOOSE)
    file = FileRecord("model.tflite", "0" * 64, 500_000)
    variants = {"fp32": variant_of(file, perfect), "int8_mixed": variant_of(file, parity)}
    record = export_of(seconds=12345.6, default_variant="int8_mixed", variants=variants)
    print_export({"digits": record}, Path("assets"))
    table = capsys.readouterr().out
    assert "…" not in table
    assert parity.delta_interval is not None
    low, high = parity.delta_interval
    for cell in ("100.00%", "int8_mixed ◂ app", "12346", "-50.00", f"{low:+.2f} to {high:+.2f}"):
        assert cell in table
    lines = [line for line in table.splitlines() if line.startswith(("Keras", "fp32", "int8_mixed"))]
    assert len({line.index("kB") for line in lines if "500 kB" in line}) == 1
    assert len(lines) == 3
