"""Off-by-one labels: 1001 against 1000, background first or not. They need no model to be tried, only the answers."""

import numpy as np

from benchmarks.compare.accuracy import ArrowName
from benchmarks.compare.comparison import Cause
from benchmarks.explain.case import Case, StageChange
from benchmarks.explain.texts import cause
from benchmarks.formats.desktop_answers import Probabilities

LEAST = 0.5
MUCH_BETTER = 0.2
"""Of accuracy, as a fraction: by chance nobody gains so much."""


def shifted(step: StageChange) -> Cause | None:
    """The shift by one label that reproduces what this arrow changed; None where neither does."""
    apart = _apart(step.after, step.before)
    shifts = {by: 1 - _apart(step.after, np.roll(step.before, by, axis=1)) / apart for by in (1, -1)}
    by = max(shifts, key=lambda one: shifts[one])
    if shifts[by] < LEAST:
        return None
    rolled = np.roll(step.before, by, axis=1).argmax(axis=1)
    hits = int((rolled == step.after.argmax(axis=1))[step.flipped].sum())
    evidence = (
        f"moving every answer by {by:+d} label reproduces {shifts[by]:.0%} of the difference "
        f"and {hits} of {len(step.flipped)} flipped answers"
    )
    return cause("LABEL-SHIFT", step.name, evidence, shifts[by])


def mislabelled(case: Case) -> Cause | None:
    """The truth itself off by one: then every stage agrees, and all are wrong. None where it is not, or not known."""
    truth, keras = case.desktop.truth, case.desktop.keras
    if truth is None or keras.shape[1] < 3:
        return None
    top = keras.argmax(axis=1)
    right = float((top == truth).mean())
    by_shift = {by: float((top == truth + by).mean()) for by in (1, -1)}
    by = max(by_shift, key=lambda one: by_shift[one])
    if by_shift[by] - right < MUCH_BETTER:
        return None
    evidence = f"Keras is right on {right:.1%} of the inputs, and on {by_shift[by]:.1%} with the truth moved by {by:+d}"
    return cause("LABEL-SHIFT", ArrowName.WHOLE, evidence, (by_shift[by] - right) / (1 - right))


def _apart(one: Probabilities, other: Probabilities) -> float:
    return float(np.abs(one - other).sum(dtype=np.float64))
