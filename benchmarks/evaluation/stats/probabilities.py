"""How far two stages' answers to the same inputs are apart. Arrays of probabilities in, numbers out.

Everything is summed in blocks of inputs, so that no array of the size of the answers is made beside them.
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
    """How far `later` is from `earlier`, both (inputs, labels) with at least one input.

    The divergence is Kullback and Leibler's, Σ p·log(p/q), q being the later answer. A quantised q is 0 where p is only
    less than half a `step` of its quantisation: q is at least that much. None is for floats.
    """
    floor = np.float32(FLOAT_FLOOR if step is None else step / 2)
    divergence = np.zeros(len(earlier))
    if np.array_equal(earlier, later):
        return Distance(0.0, 0.0, 0.0, divergence)
    largest = total = squares = 0.0
    for start in range(0, len(earlier), BLOCK):
        p, q = earlier[start : start + BLOCK], later[start : start + BLOCK]
        apart = np.abs(p - q)
        largest = max(largest, float(apart.max()))
        total += float(apart.sum(dtype=np.float64))
        squares += float(np.square(apart, dtype=np.float64).sum())
        divergence[start : start + BLOCK] = _divergence(p, q, floor)
    return Distance(largest, total / earlier.size, math.sqrt(squares / earlier.size), divergence)


def _divergence(p: Probabilities, q: Probabilities, floor: np.float32) -> npt.NDArray[np.float64]:
    """Never below 0, where answers whose sums are not quite 1 would put it."""
    known = p > 0
    ratios = np.divide(p, np.maximum(q, floor), out=np.ones_like(p), where=known)
    sums = (p * np.log(ratios, out=ratios)).sum(axis=1, dtype=np.float64, where=known)
    found: npt.NDArray[np.float64] = np.maximum(sums, 0)
    return found


def calibration_error(confidences: npt.NDArray[np.float32], right: npt.NDArray[np.bool_]) -> float:
    """By how much the top-1 probability misses the share of right answers, weighted by bins; 0 is honest.

    15 bins of equal width, as in C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    bins = np.clip(np.ceil(confidences.astype(np.float64) * BINS).astype(int) - 1, 0, BINS - 1)
    promised = np.bincount(bins, weights=confidences, minlength=BINS)
    kept = np.bincount(bins, weights=right, minlength=BINS)
    return float(np.abs(promised - kept).sum() / len(bins))
