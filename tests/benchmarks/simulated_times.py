"""Simulated times with drift, autocorrelation or switching clocks. Logarithms, float64 (…, samples)."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Logs = npt.NDArray[np.float64]
NOISE = 0.03


def noise(random: np.random.Generator, shape: tuple[int, int]) -> Logs:
    """Independent noise of 3 %, skewed as times are."""
    drawn: Logs = NOISE * (random.gamma(4, 0.5, shape) - 2)
    return drawn


def drifting(growth: float) -> Callable[[np.random.Generator, tuple[int, int]], Logs]:
    """Grows evenly by `growth` from begin to end."""

    def draw(random: np.random.Generator, shape: tuple[int, int]) -> Logs:
        drawn: Logs = noise(random, shape) + np.log1p(growth * np.linspace(0, 1, shape[1]))
        return drawn

    return draw


def autocorrelated(rate: float) -> Callable[[np.random.Generator, tuple[int, int]], Logs]:
    """5 % drift and an AR(1) process of 5 % with the coefficient `rate`."""

    def draw(random: np.random.Generator, shape: tuple[int, int]) -> Logs:
        fresh = 0.05 * np.sqrt(1 - rate**2) * random.standard_normal(shape)
        fresh[:, 0] /= np.sqrt(1 - rate**2)
        for at in range(1, shape[1]):
            fresh[:, at] += rate * fresh[:, at - 1]
        drawn: Logs = fresh + drifting(0.05)(random, shape)
        return drawn

    return draw


def switching(random: np.random.Generator, shape: tuple[int, int]) -> Logs:
    """5 % drift and a clock that is a quarter slower at random times, for 50 samples on average."""
    flips = random.random(shape) < 1 / 50
    flips[:, 0] = random.random(shape[0]) < 0.5
    drawn: Logs = np.log(1.25) * (flips.cumsum(axis=1) % 2) + drifting(0.05)(random, shape)
    return drawn


SCENARIOS: dict[str, Callable[[np.random.Generator, tuple[int, int]], Logs]] = {
    "none": noise,
    "5 % drift": drifting(0.05),
    "25 % drift": drifting(0.25),
    "drift and AR 0.9": autocorrelated(0.9),
    "drift and AR 0.98": autocorrelated(0.98),
    "drift and switching clocks": switching,
}
