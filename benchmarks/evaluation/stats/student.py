"""Student's t for whole degrees of freedom, exactly: Abramowitz and Stegun, Handbook (1964), 26.7."""

import math
from functools import cache


def student_within(t: float, freedom: int) -> float:
    """The chance that |T| ≤ t ≥ 0 with `freedom` ≥ 1 degrees; 26.7.3 where they are odd, 26.7.4 where even."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for step in range(2 + odd, freedom - 1, 2):
        term *= cosine**2 * (step - 1) / step
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


@cache
def student_quantile(freedom: int) -> float:
    """The 97.5 % point of t: half a 95 % interval in standard errors."""
    low, high = 0.0, 16.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if student_within(middle, freedom) < 0.95 else (low, middle)
    return high
