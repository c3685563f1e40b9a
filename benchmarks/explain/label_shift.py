"""Labels off by one: 1001 against 1000, background first or not. Only answers are needed, no model is run."""

import numpy as np

from benchmarks.compare.accuracy import ArrowName
from benchmarks.compare.comparison import Cause
from benchmarks.explain.causes import cause
from benchmarks.explain.compared_row import ComparedRow, StageChange

MIN_SHARE = 0.5
MIN_GAIN = 0.2
"""In accuracy, as a fraction: too much to be chance."""


def shifted(change: StageChange) -> Cause | None:
    """The shift by one label that reproduces what this arrow changed; None where none does."""
    shifts = {by: change.reproduced_by(np.roll(change.before, by, axis=1)) for by in (1, -1)}
    by = max(shifts, key=lambda by: shifts[by][0])
    share, flips = shifts[by]
    if share < MIN_SHARE:
        return None
    evidence = f"moving every answer by {by:+d} label reproduces {share:.0%} of the difference and {flips}"
    return cause("LABEL-SHIFT", change.name, evidence, share)


def shifted_truth(row: ComparedRow) -> Cause | None:
    """The truth itself off by one: all stages agree, and all are wrong. None where it is not, or not known."""
    truth, keras = row.desktop.truth, row.desktop.keras
    if truth is None or keras.shape[1] < 3:
        return None
    top = keras.argmax(axis=1)
    right = float((top == truth).mean())
    by_shift = {by: float((top == truth + by).mean()) for by in (1, -1)}
    by = max(by_shift, key=lambda by: by_shift[by])
    if by_shift[by] - right < MIN_GAIN:
        return None
    evidence = f"Keras is right on {right:.1%} of the inputs, and on {by_shift[by]:.1%} with the truth moved by {by:+d}"
    return cause("LABEL-SHIFT", ArrowName.WHOLE, evidence, (by_shift[by] - right) / (1 - right))
