"""Whether a layer is wrong by itself: its operator's own error, beyond what another kernel's rounding makes.

The rule looks at one operator at a time, computed on this computer from the tensors that the runtime gave it, so noise
that adds up along the network does not reach it. `python -m tests.benchmarks.explain.false_alarms` measures it.
"""

from benchmarks.explain.difference import Difference
from benchmarks.formats.layers_file import LayerFault

FLOAT_LIMIT = 3e-5
"""RMS over RMS. Other float32 kernels stay below 1e-6; weights in half precision make 7e-5 and more."""
DYNAMIC_LIMIT = 5e-3
"""RMS over RMS of operators that quantise their input while they run: where an input lies between two steps, another
kernel takes the other one, which makes up to 1.7e-4."""
STEPS = 1.5
"""Quantisation steps: another rounding is one step, never two."""
ROUNDING = 0.2
"""The share of elements that are one step off, of those that rounding can move."""
ROUNDING_AT_LEAST = 8
"""Elements; fewer are chance."""
HALF_PRECISION = 2e-3
"""RMS over RMS: what half precision makes, in one layer, is less."""


def fault_of(own: Difference, is_dynamic: bool = False) -> LayerFault | None:
    """What an operator does wrong, by its own difference; None where another kernel could have done the same.

    `is_dynamic`: it quantises its input while it runs.
    """
    if own.not_finite:
        return LayerFault.NOT_FINITE
    if own.largest_steps is None:
        if own.relative <= (DYNAMIC_LIMIT if is_dynamic else FLOAT_LIMIT):
            return None
        return LayerFault.HALF_PRECISION if own.relative <= HALF_PRECISION else LayerFault.VALUES
    if own.largest_steps > STEPS:
        return LayerFault.VALUES
    if own.differing >= ROUNDING_AT_LEAST and own.differing > ROUNDING * (own.count - own.clamped):
        return LayerFault.ROUNDING
    return None
