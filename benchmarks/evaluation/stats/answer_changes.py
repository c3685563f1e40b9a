"""What changes from the answers of one model to those of another on the same inputs, and the verdict on what is lost.

Few inputs leave a wide interval, so that a verdict by the interval alone may stay open. Two things help: answers that
are numerically the same are judged without it, and the number of inputs that would decide is computed from it.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.stats.probabilities import Probabilities, numerically_same
from benchmarks.evaluation.stats.proportions import Paired, paired, paired_difference, wilson
from benchmarks.evaluation.stats.verdicts import Interval, Verdict, judge_loss

MOST_INPUTS = 1_000_000
"""Nobody has more labelled pictures, so that a larger number helps nobody."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost, in percentage points (more is worse), with its 95 % interval.

    `expected` gives the interval that a number of inputs would have if they were answered as these. `is_same`: the
    answers are numerically the same, so that other inputs would lose nothing either.
    """

    points: float
    interval: Interval
    expected: Callable[[int], Interval]
    is_same: bool = False

    def verdict(self, limit: float) -> Verdict:
        """Whether at most `limit` points are lost: by the whole interval, but by the loss itself for equal answers."""
        return judge_loss(Interval(self.points, self.points) if self.is_same else self.interval, limit)

    def is_open(self, limit: float) -> bool:
        """Whether the interval alone decides nothing."""
        return judge_loss(self.interval, limit) is Verdict.INCONCLUSIVE

    def inputs_to_decide(self, limit: float) -> int | None:
        """The fewest inputs whose interval would decide; None where this one does, and where no number would."""
        return fewest_inputs(self.expected, limit) if self.is_open(limit) else None


def fewest_inputs(expected: Callable[[int], Interval], limit: float) -> int | None:
    """The fewest inputs for which the whole interval `expected` lies on one side of `limit`; None above MOST_INPUTS."""

    def is_decided(inputs: int) -> bool:
        return judge_loss(expected(inputs), limit) is not Verdict.INCONCLUSIVE

    counts = range(1, MOST_INPUTS + 1)
    found = bisect_left(counts, True, key=is_decided)
    return counts[found] if found < len(counts) else None


def inputs_without_a_change(limit: float) -> int | None:
    """The fewest labelled inputs that show a loss of at most `limit` points where no answer changes, at any accuracy.

    None where no number of inputs does. The most are needed where nearly all answers are correct.
    """
    counts = []
    for correct in range(50, 101):
        pairs = Paired(both=correct, first=0, second=0, neither=100 - correct)
        counts.append(fewest_inputs(partial(_accuracy_loss, pairs), limit))
    known = [count for count in counts if count is not None]
    return max(known) if len(known) == len(counts) else None


@dataclass(frozen=True, slots=True)
class AnswerChanges:
    """How the later answers to some inputs differ from the earlier ones. `agreeing` inputs have the same top-1 label.

    `pairs` counts the correct answers, the earlier ones as its first; None where the truth is not known.
    """

    inputs: int
    agreeing: int
    pairs: Paired | None
    is_same: bool

    @classmethod
    def between(cls, earlier: Probabilities, later: Probabilities, truth: npt.NDArray[np.int64] | None) -> Self:
        """From the probabilities of both, (inputs, labels), and the true labels, (inputs,)."""
        earlier_top, later_top = earlier.argmax(axis=1), later.argmax(axis=1)
        pairs = None if truth is None else paired(earlier_top == truth, later_top == truth)
        return cls(len(earlier), int((earlier_top == later_top).sum()), pairs, numerically_same(earlier, later))

    @property
    def agreement(self) -> float:
        """The share of inputs with the same top-1 label."""
        return self.agreeing / self.inputs

    @property
    def agreement_interval(self) -> Interval:
        return wilson(self.agreeing, self.inputs)

    @property
    def earlier_accuracy(self) -> float | None:
        """The share of correct answers of the earlier model; None where the truth is not known."""
        return None if self.pairs is None else (self.pairs.both + self.pairs.first) / self.inputs

    @property
    def later_accuracy(self) -> float | None:
        """The same of the later model."""
        return None if self.pairs is None else (self.pairs.both + self.pairs.second) / self.inputs

    @property
    def delta_points(self) -> float | None:
        """The later accuracy minus the earlier one, in percentage points."""
        return None if self.pairs is None else 100 * self.pairs.difference

    @property
    def delta_interval(self) -> Interval | None:
        return None if self.pairs is None else paired_difference(self.pairs).scaled(100)

    @property
    def accuracy_loss(self) -> Loss | None:
        """The points of accuracy that are lost; None where the truth is not known."""
        if self.pairs is None:
            return None
        expected = partial(_accuracy_loss, self.pairs)
        return Loss(0 - 100 * self.pairs.difference, expected(self.inputs), expected, self.is_same)

    @property
    def agreement_loss(self) -> Loss:
        """The percentage of inputs with another top-1 label."""

        def expected(inputs: int) -> Interval:
            agreement = wilson(self.agreeing * inputs / self.inputs, inputs)
            return Interval(100 * (1 - agreement.high), 100 * (1 - agreement.low))

        return Loss(100 * (1 - self.agreement), expected(self.inputs), expected, self.is_same)


def _accuracy_loss(pairs: Paired, inputs: int) -> Interval:
    """The loss of accuracy in percentage points, with the interval that so many inputs would have."""
    gain = paired_difference(pairs, inputs)
    return Interval(0 - 100 * gain.high, 0 - 100 * gain.low)
