"""What few inputs can show: answers that are numerically the same, and how many inputs an interval needs."""

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.evaluation.number_format import inputs_needed, rounded_up
from benchmarks.evaluation.stats import (
    AnswerChanges,
    Interval,
    Paired,
    Verdict,
    inputs_without_a_change,
    judge_loss,
    paired_difference,
    wilson,
)
from benchmarks.evaluation.stats.probabilities import BLOCK, SAME, numerically_same

Answers = npt.NDArray[np.float32]


def answers(count: int, sure: float = 0.9) -> Answers:
    """Probabilities of three labels; the first is `sure`."""
    rest = np.full((count, 3), (1 - sure) / 2, np.float32)
    rest[:, 0] = sure
    return rest


def shifted(made: Answers, by: float, at: int = 0) -> Answers:
    """`made`, with one probability of one input changed."""
    other = made.copy()
    other[at, 1] += np.float32(by)
    return other


def test_answers_are_the_same_up_to_the_rounding_of_kernels() -> None:
    made = answers(200)
    assert numerically_same(made, made)
    assert numerically_same(made, shifted(made, SAME * 0.9))
    assert not numerically_same(made, shifted(made, SAME * 1.1))


def test_one_input_in_the_last_block_is_enough_to_differ() -> None:
    made = answers(3 * BLOCK + 1)
    assert not numerically_same(made, shifted(made, 1e-3, at=3 * BLOCK))


def test_a_difference_of_half_the_smallest_margin_could_change_an_answer() -> None:
    made = answers(200)
    made[7] = (0.4 + 1e-5, 0.4, 0.2 - 1e-5)
    assert numerically_same(made, shifted(made, 4e-6))
    assert not numerically_same(made, shifted(made, 6e-6))


def test_a_tie_is_the_same_only_where_all_answers_are_equal() -> None:
    tie = np.full((1, 2), 0.5, np.float32)
    assert numerically_same(tie, tie)
    assert not numerically_same(tie, shifted(tie, 1e-7))


def test_nan_is_never_the_same() -> None:
    nan = np.full((1, 2), np.nan, np.float32)
    assert not numerically_same(nan, nan)
    assert not numerically_same(answers(1)[:, :2], nan)


def changes(pairs: Paired, agreeing: int | None = None, *, is_same: bool = False) -> AnswerChanges:
    return AnswerChanges(pairs.count, pairs.count if agreeing is None else agreeing, pairs, is_same)


def test_the_interval_of_200_equal_answers_is_wide_and_the_verdict_does_not_need_it() -> None:
    unchanged = Paired(both=190, first=0, second=0, neither=10)
    loss = changes(unchanged, is_same=True).accuracy_loss
    assert loss is not None
    assert loss.interval.high > 1.8
    assert (loss.verdict(0.5), loss.points) == (Verdict.PASS, 0)
    other = changes(unchanged).accuracy_loss
    assert other is not None
    assert other.interval == loss.interval
    assert other.verdict(0.5) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("correct", [180, 190, 198, 199, 200])
def test_half_a_point_without_a_flip_needs_700_to_850_inputs(correct: int) -> None:
    loss = changes(Paired(correct, 0, 0, 200 - correct)).accuracy_loss
    assert loss is not None
    needed = loss.inputs_to_decide(0.5)
    assert needed is not None
    assert 700 <= needed <= 860


@pytest.mark.parametrize(
    ("pairs", "limit"),
    [
        (Paired(190, 0, 0, 10), 0.5),
        (Paired(180, 3, 1, 16), 2.0),
        (Paired(150, 12, 2, 36), 2.0),
        (Paired(97, 1, 2, 0), 1),
    ],
)
def test_the_number_of_inputs_is_the_fewest_whose_interval_decides(pairs: Paired, limit: float) -> None:
    loss = changes(pairs).accuracy_loss
    assert loss is not None
    needed = loss.inputs_to_decide(limit)
    assert needed is not None
    assert needed > pairs.count
    verdicts = []
    for count in (needed - 1, needed):
        gain = paired_difference(pairs, count).scaled(100)
        verdicts.append(judge_loss(Interval(-gain.high, -gain.low), limit))
    assert verdicts[0] is Verdict.INCONCLUSIVE
    assert verdicts[1] is (Verdict.FAIL if loss.points > limit else Verdict.PASS)


def test_no_number_of_inputs_decides_what_lies_on_the_limit_and_none_is_needed_where_it_is_decided() -> None:
    at_the_limit = changes(Paired(190, 2, 1, 7)).accuracy_loss
    assert at_the_limit is not None
    assert at_the_limit.inputs_to_decide(at_the_limit.points) is None
    assert at_the_limit.inputs_to_decide(50) is None
    assert inputs_needed(None) == "evaluate on more pictures to be sure"


def test_an_agreement_is_judged_in_points_that_disagree() -> None:
    loss = changes(Paired(200, 0, 0, 0), agreeing=198).agreement_loss
    share = wilson(198, 200)
    assert loss.interval == Interval(100 * (1 - share.high), 100 * (1 - share.low))
    assert loss.points == pytest.approx(1)
    assert loss.verdict(2) is Verdict.INCONCLUSIVE
    needed = loss.inputs_to_decide(2)
    assert needed is not None
    assert 100 * (1 - wilson(0.99 * needed, needed).low) <= 2 < 100 * (1 - wilson(0.99 * (needed - 1), needed - 1).low)


def test_what_is_needed_without_a_change_is_said_before_anything_is_measured() -> None:
    needed = inputs_without_a_change(0.5)
    assert needed is not None
    assert 800 <= needed <= 860
    assert inputs_without_a_change(0) is None


@pytest.mark.parametrize(("number", "text"), [(1, "1"), (99, "99"), (765, "770"), (840, "840"), (1201, "1,300")])
def test_a_number_of_pictures_is_rounded_up_to_two_digits(number: int, text: str) -> None:
    assert rounded_up(number) == text
    assert inputs_needed(number) == f"about {text} pictures like these would decide"
