"""Suspects on trial: how much of what was seen does each of them reproduce. Arrays in, scores out.

A score is 1 − Σ|seen − suspect| / Σ|seen − expected|, at least 0: 1 is every difference to the last one, 0 is no better
than the right way. What the phone did not change counts against a suspect that changes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.explain.hypotheses import Hypothesis, normalisation, usual
from benchmarks.explain.preprocess_variant import Pictures, PreprocessVariant
from metadata.preprocess import Pixels

GOOD = 0.9
"""A suspect that reproduces so much needs no accomplice."""
SURE = 0.98
"""One that reproduces so much makes the others its shadows."""
MIN_REPORTED = 0.15
PARTNERS = 2
CLEARLY = 0.1
KEPT = 3

Values = npt.NDArray[Any]
CarryOut = Callable[[PreprocessVariant, Pixels], Values]
"""From a way and its levels to what would be seen if the phone took it."""


@dataclass(frozen=True, slots=True)
class ScoredHypothesis:
    """A suspect and the share of the differences that it reproduces."""

    suspect: Hypothesis
    score: float


class HypothesisScorer:
    """Pictures, what was seen of them, what was expected, and a way to carry a suspect out."""

    def __init__(self, pictures: Pictures, seen: Values, expected: Values, carry_out: CarryOut) -> None:
        self._pictures = pictures
        self._seen = seen
        self._baseline = _distance(seen, expected)
        self._carry_out = carry_out
        self._right = PreprocessVariant.right(pictures.spec)
        self._levels = pictures.levels([self._right.geometry])

    def usual(self) -> list[ScoredHypothesis]:
        """The usual suspects, the best first."""
        return self.judge(usual(self._pictures.spec))

    def combined_hypotheses(self, single: Sequence[ScoredHypothesis]) -> list[ScoredHypothesis]:
        """Where no single suspect is good: two together that reproduce clearly more than the best one alone."""
        best = sorted(single, key=lambda one: -one.score)
        if best[0].score >= GOOD:
            return []
        pairs = [
            both
            for one in best[:PARTNERS]
            for other in best
            if (both := one.suspect.with_(other.suspect, self._right)) is not None
        ]
        return [one for one in self.judge(_distinct(pairs)) if one.score >= best[0].score + CLEARLY]

    def judge(self, suspects: Sequence[Hypothesis]) -> list[ScoredHypothesis]:
        """These suspects by score, the best first; of equal ones the first named."""
        missing = {one.way.geometry for one in suspects} - self._levels.keys()
        self._levels |= self._pictures.levels(sorted(missing, key=repr))
        return sorted((self._judged(one) for one in suspects), key=lambda one: -one.score)

    def fitted(
        self, base: PreprocessVariant, mean: tuple[float, ...], std: tuple[float, ...]
    ) -> ScoredHypothesis | None:
        """`base` with another normalisation; None where that is the model's own."""
        suspect = normalisation(self._pictures.spec, base, mean, std)
        return None if suspect is None else self._judged(suspect)

    def levels(self, way: PreprocessVariant) -> Pixels:
        """The levels that `way` normalises."""
        return way.coloured(self._levels[way.geometry])

    def values(self, way: PreprocessVariant) -> Values:
        """What would be seen if the phone took `way`."""
        return self._carry_out(way, self._levels[way.geometry])

    def refined(self) -> ScoredHypothesis | None:
        """The best shift of the mean, or factor of the deviation, that halving steps find; None where none helps."""
        spec = self._pictures.spec
        best: ScoredHypothesis | None = None
        for steps in ((64.0, 32.0, 16.0, 8.0, 4.0, 2.0), (1.0, 0.5, 0.25, 0.125, 0.0625)):
            is_mean, at = steps[0] > 1, 0.0
            score = 0.0
            for step in steps:
                for value in (at - step, at + step):
                    mean = tuple(one + value for one in spec.mean) if is_mean else spec.mean
                    std = spec.std if is_mean else tuple(one * 2**value for one in spec.std)
                    tried = self.fitted(self._right, mean, std)
                    if tried is not None and tried.score > score:
                        at, score = value, tried.score
                        best = tried if best is None or tried.score > best.score else best
        return best

    def _judged(self, suspect: Hypothesis) -> ScoredHypothesis:
        return ScoredHypothesis(suspect, max(0.0, 1 - _distance(self._seen, self.values(suspect.way)) / self._baseline))


def worth_reporting(judged: Sequence[ScoredHypothesis]) -> list[ScoredHypothesis]:
    """Those worth a word: one for each cause, at most three, and only the first where it is sure."""
    first_of = {one.suspect.id: one for one in sorted(judged, key=lambda one: one.score)}
    best = sorted(first_of.values(), key=lambda one: -one.score)
    if not best:
        return []
    if best[0].score >= SURE:
        return best[:1]
    return [one for one in best[:KEPT] if one.score >= max(MIN_REPORTED, best[0].score / 3)]


def _distance(one: Values, other: Values) -> float:
    return float(np.abs(one.astype(np.float64) - other).sum())


def _distinct(suspects: Sequence[Hypothesis]) -> list[Hypothesis]:
    return list({one.way: one for one in suspects}.values())
