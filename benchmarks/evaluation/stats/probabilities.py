"""Differences between the answers of two stages to the same inputs. Arrays of probabilities in, numbers out.

Sums are taken over blocks of inputs, so that no further array of the size of the answers is needed.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Probabilities = npt.NDArray[np.float32]

BINS = 15
BLOCK = 256
FLOAT_FLOOR = 2.0**-25
"""Half the distance of float32 numbers just below 1."""
SAME = 1e-5
"""Float kernels that compute the same graph differ by less: they only round, and add in another order."""


MIN_DIFFERENCE = 0.02
"""A larger difference in any probability is explained even if no top-1 changes."""


@dataclass(frozen=True, slots=True)
class Distance:
    """Differences of probabilities, over all inputs and labels; `divergence` is float64 (inputs,), in nats."""

    largest: float
    mean: float
    rms: float
    divergence: npt.NDArray[np.float64]

    @property
    def kl(self) -> float:
        """The mean divergence."""
        return float(self.divergence.mean())


def distance(earlier: Probabilities, later: Probabilities, step: float | None) -> Distance:
    """The differences between `earlier` and `later`, both (inputs, labels) with at least one input.

    The divergence is Kullback and Leibler's, Σ p·log(p/q), where q is the later answer. Quantisation rounds a q below
    half a `step` to 0, so that half a step is its lower limit here; `step` is None for floats.
    """
    floor = np.float32(FLOAT_FLOOR if step is None else step / 2)
    divergence = np.zeros(len(earlier))
    if np.array_equal(earlier, later):
        return Distance(0.0, 0.0, 0.0, divergence)
    largest = total = squares = 0.0
    for start in range(0, len(earlier), BLOCK):
        p, q = earlier[start : start + BLOCK], later[start : start + BLOCK]
        difference = np.abs(p - q)
        largest = max(largest, float(difference.max()))
        total += float(difference.sum(dtype=np.float64))
        squares += float(np.square(difference, dtype=np.float64).sum())
        divergence[start : start + BLOCK] = _divergence(p, q, floor)
    return Distance(largest, total / earlier.size, math.sqrt(squares / earlier.size), divergence)


def numerically_same(earlier: Probabilities, later: Probabilities) -> bool:
    """Whether `later` is `earlier` but for the rounding of kernels, both (inputs, labels).

    Every probability differs by at most SAME, and by less than half the smallest distance between the two highest
    probabilities of any input, so that no difference of this size can change a top-1 label.
    """
    largest, margin = 0.0, math.inf
    for start in range(0, len(earlier), BLOCK):
        p, q = earlier[start : start + BLOCK], later[start : start + BLOCK]
        difference = float(np.abs(p - q).max())
        if not difference <= SAME:  # in this form the condition refuses NaN too
            return False
        largest = max(largest, difference)
        if p.shape[1] > 1:
            second, first = np.partition(p, -2, axis=1)[:, -2:].T
            margin = min(margin, float((first - second).min()))
    return largest == 0 or largest < margin / 2


def _divergence(p: Probabilities, q: Probabilities, floor: np.float32) -> npt.NDArray[np.float64]:
    """Divergences, at least 0: sums of rounded probabilities that are not exactly 1 would give small negative ones."""
    known = p > 0
    ratios = np.divide(p, np.maximum(q, floor), out=np.ones_like(p), where=known)
    sums = (p * np.log(ratios, out=ratios)).sum(axis=1, dtype=np.float64, where=known)
    found: npt.NDArray[np.float64] = np.maximum(sums, 0)
    return found


def calibration_error(confidences: npt.NDArray[np.float32], correct: npt.NDArray[np.bool_]) -> float:
    """The expected calibration error: the distance of the top-1 probability from the share of correct answers.

    0 to 1, weighted by bins; 0 means that the probabilities are as high as the accuracy. 15 bins of equal
    width, as in C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    bins = np.clip(np.ceil(confidences.astype(np.float64) * BINS).astype(int) - 1, 0, BINS - 1)
    expected = np.bincount(bins, weights=confidences, minlength=BINS)
    observed = np.bincount(bins, weights=correct, minlength=BINS)
    return float(np.abs(expected - observed).sum() / len(bins))
