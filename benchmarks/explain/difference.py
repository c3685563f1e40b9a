"""How far one tensor is from another, over any number of inputs: sums are added up, figures come from the sums.

Differences are in real numbers; where the tensor is quantised, its scale makes steps of them.
"""

from dataclasses import dataclass
from math import inf, isfinite, log10, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from metadata.tensors import TensorQuantization

BLOCK = 1 << 16
"""Elements that are compared at a time: as 64-bit floats a large tensor takes ten megabytes, several times."""


@dataclass(slots=True)
class Difference:
    """Sums over the elements of a tensor, `got` against `expected`. Means leave out what is NaN or infinite in either.

    `count` are all elements, `finite` those that are numbers on both sides, `not_finite` those of `got` that are none
    where one is expected, `saturated` those at an end of the integers' range where another value is expected, and
    `clamped` those at an end where that is expected, which no rounding moves: a ReLU's zeros, for example.
    """

    scale: float | None = None
    count: int = 0
    finite: int = 0
    differing: int = 0
    not_finite: int = 0
    saturated: int = 0
    clamped: int = 0
    largest: float = 0.0
    squares: float = 0.0
    bias: float = 0.0
    power: float = 0.0
    got_power: float = 0.0
    product: float = 0.0

    def add(self, got: npt.NDArray[Any], expected: npt.NDArray[Any], quantization: TensorQuantization | None) -> None:
        """Count one input's values, as they are stored; both arrays are of one shape and type."""
        if quantization is not None and len(quantization.scales) > 1:
            self._add(got, expected, quantization)  # its shape says which scale is whose
            return
        flat, wanted = got.reshape(-1), expected.reshape(-1)
        for start in range(0, flat.size, BLOCK):
            self._add(flat[start : start + BLOCK], wanted[start : start + BLOCK], quantization)

    def _add(self, got: npt.NDArray[Any], expected: npt.NDArray[Any], quantization: TensorQuantization | None) -> None:
        if got.dtype.kind in "iu":
            limits = np.iinfo(got.dtype)
            at_end = (got == limits.min) | (got == limits.max)
            self.saturated += int(np.count_nonzero(at_end & (got != expected)))
            self.clamped += int(np.count_nonzero(at_end & (got == expected)))
        real = real_values(got, quantization)
        if np.array_equal(got, expected) and np.isfinite(real).all():  # most layers of most runs
            power = float(np.vdot(real, real))
            self.count, self.finite = self.count + real.size, self.finite + real.size
            self.power, self.got_power, self.product = self.power + power, self.got_power + power, self.product + power
            return
        wanted = real_values(expected, quantization)
        both = np.isfinite(real) & np.isfinite(wanted)
        self.count += real.size
        self.not_finite += int(np.count_nonzero(~np.isfinite(real) & np.isfinite(wanted)))
        if not both.all():
            real, wanted = real[both], wanted[both]
        self.finite += real.size
        if real.size == 0:
            return
        apart = real - wanted
        self.differing += int(np.count_nonzero(apart))
        self.largest = max(self.largest, float(np.abs(apart).max()))
        self.squares += float(np.vdot(apart, apart))
        self.bias += float(apart.sum())
        self.power += float(np.vdot(wanted, wanted))
        self.got_power += float(np.vdot(real, real))
        self.product += float(np.vdot(real, wanted))

    @property
    def is_same(self) -> bool:
        """Whether every element is the same."""
        return self.differing == 0 and self.not_finite == 0

    @property
    def rms(self) -> float:
        """The root of the mean square, in real units."""
        return sqrt(self.squares / self.finite) if self.finite else 0.0

    @property
    def relative(self) -> float:
        """RMS of the difference over RMS of what is expected; infinite where nothing but zeros is."""
        if self.squares == 0:
            return 0.0
        return sqrt(self.squares / self.power) if self.power > 0 else inf

    @property
    def snr_db(self) -> float | None:
        """Signal over noise as powers, in dB; None where there is no noise or no signal."""
        return 10 * log10(self.power / self.squares) if self.squares > 0 and self.power > 0 else None

    @property
    def cosine(self) -> float | None:
        """Of the angle between both as vectors; None where one of them has no length."""
        lengths = sqrt(self.power) * sqrt(self.got_power)
        return min(1.0, max(-1.0, self.product / lengths)) if lengths > 0 and isfinite(lengths) else None

    @property
    def largest_steps(self) -> float | None:
        """The largest difference in quantisation steps; None for floats."""
        return None if self.scale is None else self.largest / self.scale

    @property
    def rms_steps(self) -> float | None:
        """RMS in quantisation steps; None for floats."""
        return None if self.scale is None else self.rms / self.scale

    def share(self, elements: int) -> float:
        """`elements` of all, 0 to 1."""
        return elements / self.count if self.count else 0.0


def real_values(stored: npt.NDArray[Any], quantization: TensorQuantization | None) -> npt.NDArray[np.float64]:
    """Stored values as real numbers; those without a scale as they are."""
    values = stored.astype(np.float64)
    if quantization is None or stored.dtype.kind not in "iu":
        return values
    shape = [1] * stored.ndim
    if len(quantization.scales) > 1:
        shape[quantization.axis] = len(quantization.scales)
    zero_points = np.reshape(np.asarray(quantization.zero_points, np.float64), shape)
    scales = np.reshape(np.asarray(quantization.scales, np.float64), shape)
    real: npt.NDArray[np.float64] = (values - zero_points) * scales
    return real
