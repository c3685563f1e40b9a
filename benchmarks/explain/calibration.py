"""Which pictures was this file calibrated on? The ranges in the file depend on them.

Candidate sets are run through the float model; the one whose ranges are nearest to those in the file is the likeliest.
The fit is 1 − Σ|log(file / candidate)| / Σ|log(file / real)| over the widths of the calibrated ranges: 1 where a set
explains every one, 0 where it is no better than the real inputs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.explain.layers import TensorTrace, sharing
from benchmarks.explain.tensor_probe import Reals, TensorProbe
from metadata.card import ImageSpec
from metadata.preprocess import Pixels, normalised

SAMPLES = 8
Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class CalibrationSet:
    """A set that the file may have been calibrated on; `fit` as above."""

    id: str
    detail: str
    fit: float


def likeliest(fp32: bytes, traces: Sequence[TensorTrace], levels: Pixels, spec: ImageSpec) -> CalibrationSet:
    """The candidate whose ranges are nearest to those of `traces`, with or without a black and a white picture."""
    model, groups = TensorProbe(fp32), [group for group in sharing(traces) if group[0].width_seen > 0]
    extremes = _ranges(model, _normalised(_extremes(levels), spec))
    real = sum(abs(np.log(group[0].width / group[0].width_seen)) for group in groups)
    found = []
    for id_, detail, inputs in _candidates(levels[:SAMPLES], traces, spec):
        alone = _ranges(model, inputs)
        for ranges, addition in ((alone, ""), (_joined(alone, extremes), ", and black and white")):
            fit = 1 - _distance(groups, ranges) / real if real > 0 else 0.0
            found.append(CalibrationSet(id_, detail + addition, fit))
    return max(found, key=lambda candidate: candidate.fit)


def _candidates(levels: Pixels, traces: Sequence[TensorTrace], spec: ImageSpec) -> Iterator[tuple[str, str, Reals]]:
    """(id, what it is, float inputs)."""
    random = np.random.default_rng(0)
    shape, random_id = levels.shape, "RANDOM-CALIBRATION"
    uniform = random.integers(0, 256, shape, np.uint8)
    yield random_id, "uniform noise of pixels", _normalised(np.asarray(uniform), spec)
    gaussian: npt.NDArray[Any] = np.clip(random.normal(127.5, 50, shape), 0, 255)
    yield random_id, "gaussian noise of pixels", _normalised(gaussian, spec)
    yield random_id, "uniform noise from 0 to 1", np.asarray(random.random(shape), np.float32)
    yield random_id, "gaussian noise around 0", np.asarray(random.standard_normal(shape), np.float32)
    for low, high in _windows(traces, spec):
        squeezed = low + levels * ((high - low) / 255)
        yield "CLIPPED-CALIBRATION", f"pictures with levels {low:.0f} to {high:.0f} only", _normalised(squeezed, spec)
        cut: npt.NDArray[Any] = np.clip(levels, low, high)
        yield "CLIPPED-CALIBRATION", f"pictures cut off at levels {low:.0f} and {high:.0f}", _normalised(cut, spec)
    for words, mean, std in (("0 to 255", 0.0, 1.0), ("0 to 1", 0.0, 255.0), ("−1 to 1", 127.5, 127.5)):
        if any(abs(own - mean) > 1 for own in spec.mean) or any(abs(own / std - 1) > 0.02 for own in spec.std):
            inputs = ((levels - np.float32(mean)) / np.float32(std)).astype(np.float32)
            yield "UNNORMALIZED-CALIBRATION", f"pictures as numbers from {words}", inputs


def _windows(traces: Sequence[TensorTrace], spec: ImageSpec) -> Iterator[tuple[float, float]]:
    """Ranges of levels that a calibration may have had: what the file's input can hold, and some usual ones."""
    node = next((one.node for one in traces if one.node.operator == "INPUT"), None)
    if node is not None and node.low is not None and node.high is not None:
        low, high = (float(np.clip(end * spec.std[0] + spec.mean[0], 0, 255)) for end in (node.low, node.high))
        if high - low < 250:
            yield low, high
    yield from ((0.0, 64.0), (0.0, 128.0), (64.0, 192.0), (96.0, 160.0), (112.0, 144.0))


def _normalised(levels: npt.NDArray[Any], spec: ImageSpec) -> Reals:
    return normalised(levels.astype(np.uint8, copy=False), spec).astype(np.float32, copy=False)


def _extremes(levels: Pixels) -> Pixels:
    return np.stack([np.full_like(levels[0], level) for level in (0, 255)])


def _ranges(model: TensorProbe, inputs: Reals) -> Ranges:
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    for model_input in inputs:
        model.run(model_input)
        for node in model.nodes:
            values = model.values(node)
            low[node.name] = min(low.get(node.name, 0.0), float(values.min()))
            high[node.name] = max(high.get(node.name, 0.0), float(values.max()))
    return {name: (low[name], high[name]) for name in low}


def _joined(one: Ranges, other: Ranges) -> Ranges:
    return {name: (min(one[name][0], other[name][0]), max(one[name][1], other[name][1])) for name in one}


def _distance(groups: Sequence[Sequence[TensorTrace]], ranges: Ranges) -> float:
    """Σ|log(file / ranges)| of the widths."""
    total = 0.0
    for group in groups:
        low = min(ranges[one.node.name][0] for one in group)
        high = max(ranges[one.node.name][1] for one in group)
        total += abs(np.log(group[0].width / max(high - low, 1e-9)))
    return total
