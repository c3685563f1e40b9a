"""How much of what was seen each hypothesis reproduces. Arrays in, scores out.

A score is the share of the differences that a hypothesis reproduces, 0 to 1. What the phone did not change counts
against a hypothesis that changes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from benchmarks.explain.compared_row import reproduced_share
from benchmarks.explain.hypotheses import Hypothesis, other_normalization, usual_hypotheses
from benchmarks.explain.preprocess_variant import PreprocessVariant
from benchmarks.explain.sample import Sample
from metadata.preprocess import Pixels

GOOD = 0.9
"""From this score on a hypothesis needs no second one beside it."""
SURE = 0.98
"""From this score on no other hypothesis is reported."""
MIN_REPORTED = 0.15
MAX_REPORTED = 3
COMBINED = 2
"""How many of the best hypotheses are combined with each of the others."""
MIN_GAIN = 0.1
"""What a combination has to reproduce more than the best single hypothesis."""

Values = npt.NDArray[Any]
MeanAndStd = tuple[tuple[float, ...], tuple[float, ...]]
"""Mean and standard deviation, one number a channel."""
CarryOut = Callable[[PreprocessVariant, Pixels], Values]
"""From a variant and the levels of its geometry to what would be seen if the phone used it."""


@dataclass(frozen=True, slots=True)
class ScoredHypothesis:
    """A hypothesis and the share of the differences that it reproduces."""

    hypothesis: Hypothesis
    score: float


class HypothesisScorer:
    """Scores hypotheses on a sample: `seen` is what the phone made of it, `expected` what it should have made."""

    def __init__(self, sample: Sample, seen: Values, expected: Values, carry_out: CarryOut) -> None:
        self._sample = sample
        self._seen = seen
        self._expected = expected
        self._carry_out = carry_out
        self._levels = sample.levels([sample.right.geometry])

    def usual(self) -> list[ScoredHypothesis]:
        """The usual hypotheses, the best first."""
        return self._scored_all(usual_hypotheses(self._sample.spec))

    def combined_hypotheses(self, single: Sequence[ScoredHypothesis]) -> list[ScoredHypothesis]:
        """Where no single hypothesis is good: pairs that reproduce clearly more than the best one alone."""
        best = sorted(single, key=lambda scored: -scored.score)
        if best[0].score >= GOOD:
            return []
        pairs: dict[PreprocessVariant, Hypothesis] = {}
        for scored in best[:COMBINED]:
            for other in best:
                both = scored.hypothesis.combined_with(other.hypothesis, self._sample.right)
                if both is not None:
                    pairs[both.variant] = both
        scored_pairs = self._scored_all(list(pairs.values()))
        return [pair for pair in scored_pairs if pair.score >= best[0].score + MIN_GAIN]

    def with_normalization(self, mean: tuple[float, ...], std: tuple[float, ...]) -> ScoredHypothesis | None:
        """Everything right but this mean and deviation; None where they are the model's own."""
        hypothesis = other_normalization(self._sample.spec, mean, std)
        return None if hypothesis is None else self._scored(hypothesis)

    def values(self, variant: PreprocessVariant) -> Values:
        """What would be seen if the phone used `variant`."""
        return self._carry_out(variant, self._levels[variant.geometry])

    def refined(self) -> ScoredHypothesis | None:
        """The best shift of the mean, or factor of the deviation, that a search finds; None where none scores."""
        spec = self._sample.spec

        def shifted_mean(shift: float) -> MeanAndStd:
            return tuple(mean + shift for mean in spec.mean), spec.std

        def scaled_std(exponent: float) -> MeanAndStd:
            return spec.mean, tuple(std * 2**exponent for std in spec.std)

        found = (
            self._searched(shifted_mean, (64.0, 32.0, 16.0, 8.0, 4.0, 2.0)),
            self._searched(scaled_std, (1.0, 0.5, 0.25, 0.125, 0.0625)),
        )
        return max((best for best in found if best is not None), key=lambda best: best.score, default=None)

    def _searched(
        self, normalization: Callable[[float], MeanAndStd], steps: Sequence[float]
    ) -> ScoredHypothesis | None:
        """The best normalisation that is reached from 0 by these steps, each up or down."""
        at, best = 0.0, None
        for step in steps:
            for value in (at - step, at + step):
                tried = self.with_normalization(*normalization(value))
                if tried is not None and tried.score > (0.0 if best is None else best.score):
                    at, best = value, tried
        return best

    def _scored_all(self, hypotheses: Sequence[Hypothesis]) -> list[ScoredHypothesis]:
        """The best first; of equal ones the one that was given first."""
        geometries = dict.fromkeys(hypothesis.variant.geometry for hypothesis in hypotheses)
        self._levels |= self._sample.levels([one for one in geometries if one not in self._levels])
        return sorted((self._scored(hypothesis) for hypothesis in hypotheses), key=lambda scored: -scored.score)

    def _scored(self, hypothesis: Hypothesis) -> ScoredHypothesis:
        score = reproduced_share(self._seen, self._expected, self.values(hypothesis.variant))
        return ScoredHypothesis(hypothesis, score)


def worth_reporting(scored: Sequence[ScoredHypothesis]) -> list[ScoredHypothesis]:
    """One for each cause, at most three; only the best where it is sure."""
    best_of = {one.hypothesis.id: one for one in sorted(scored, key=lambda one: one.score)}
    best = sorted(best_of.values(), key=lambda one: -one.score)
    if best and best[0].score >= SURE:
        return best[:1]
    return [one for one in best[:MAX_REPORTED] if one.score >= max(MIN_REPORTED, best[0].score / 3)]
