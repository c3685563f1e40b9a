"""What the ranges of a float model's tensors say beside their use for int8. Ranges in, notes out.

A note stops nothing: a layer that gives one number on a hundred samples may be of use on other pictures, and a phone's
processor computes in float32, where 65,504 is no limit.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from export.convert.calibration import Range, Ranges
from metadata.finding import Finding, warning

LARGEST_HALF = float(np.finfo(np.float16).max)  # 65,504
NEAR = 0.5  # of it: other pictures than the samples may well reach twice as far


def range_notes(ranges: Ranges) -> tuple[Finding, ...]:
    """Notes on the model whose tensors have these `ranges`: at most one of each id, which names the first layer."""
    every = tuple(ranges.values())
    constant = [one for one in every if one.low == one.high]
    return (
        *_overflow([one for one in every if _size(one) > NEAR * LARGEST_HALF]),
        *_dead([one for one in constant if one.high == 0]),
        *_saturated([one for one in constant if one.high != 0]),
    )


def _overflow(large: Sequence[Range]) -> Iterator[Finding]:
    if large:
        worst = max(large, key=_size)
        summary = f"{_named(large)} up to {_size(worst):,.0f} ({worst.name}) on the samples for calibration"
        yield warning(
            "FP16-OVERFLOW",
            f"{summary}, and float16 ends at {LARGEST_HALF:,.0f}: GPU delegates compute in it and may answer NaN",
            "run the model on the processor, or train it again with smaller weights",
        )


def _dead(dead: Sequence[Range]) -> Iterator[Finding]:
    if dead:
        yield warning(
            "DEAD-LAYER",
            f"{_named(dead)} nothing but 0 on all samples for calibration",
            "leave the layer out, or calibrate on pictures that it is for",
        )


def _saturated(saturated: Sequence[Range]) -> Iterator[Finding]:
    if saturated:
        yield warning(
            "SATURATED-LAYER",
            f"{_named(saturated)} nothing but {saturated[0].high:.4g} on all samples for calibration",
            "look at the scale of the layers before it, or calibrate on pictures that it is for",
        )


def _size(one: Range) -> float:
    return max(-one.low, one.high)


def _named(layers: Sequence[Range]) -> str:
    """The first by name, and how many more."""
    more = len(layers) - 1
    return f"{layers[0].name} gives" if not more else f"{layers[0].name} and {more} more give"
