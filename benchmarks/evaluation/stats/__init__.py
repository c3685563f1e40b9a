"""How sure a comparison is. Numbers in, values out; nothing is read, printed or decided for a user here."""

from benchmarks.evaluation.stats.proportions import Paired, mcnemar, paired, paired_difference, wilson
from benchmarks.evaluation.stats.ratios import MARGIN, judge_ratio, log_ratio_interval, ratio_interval, welch_interval
from benchmarks.evaluation.stats.student import student_quantile
from benchmarks.evaluation.stats.verdicts import Interval, Speed, Verdict, judge_loss

__all__ = [
    "MARGIN",
    "Interval",
    "Paired",
    "Speed",
    "Verdict",
    "judge_loss",
    "judge_ratio",
    "log_ratio_interval",
    "mcnemar",
    "paired",
    "paired_difference",
    "ratio_interval",
    "student_quantile",
    "welch_interval",
    "wilson",
]
