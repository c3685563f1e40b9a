"""Statistics: intervals, tests and verdicts. Numbers in, values out; nothing is read or printed."""

from benchmarks.evaluation.stats.answer_changes import AnswerChanges, Loss, inputs_without_a_change
from benchmarks.evaluation.stats.proportions import Paired, mcnemar, paired, paired_difference, wilson
from benchmarks.evaluation.stats.ratios import MARGIN, judge_ratio, ratio_interval, welch_interval
from benchmarks.evaluation.stats.verdicts import Interval, Speed, Verdict, judge_loss, worst

__all__ = [
    "MARGIN",
    "AnswerChanges",
    "Interval",
    "Loss",
    "Paired",
    "Speed",
    "Verdict",
    "inputs_without_a_change",
    "judge_loss",
    "judge_ratio",
    "mcnemar",
    "paired",
    "paired_difference",
    "ratio_interval",
    "welch_interval",
    "wilson",
    "worst",
]
