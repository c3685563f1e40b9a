"""Layer by layer, how far a variant is from float, and how its ranges contribute. Computed, not judged.

A variant and the fp32 variant come from one frozen graph, so their tensors have the same names. Both run the same
inputs; each tensor is compared, and the float values are compared with the range that the variant's integers can hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from benchmarks.compare.comparison import Layer
from benchmarks.explain.tensor_probe import Node, Reals, TensorProbe
from benchmarks.formats.classifier import Classifier
from metadata.preprocess import Pixels, normalised
from metadata.tensors import short_name

INPUTS = 16
"""More inputs change the second digit of an error only, and cost a second each in a large model."""
STEPS = 255
FIXED = frozenset({"SOFTMAX", "LOGISTIC", "TANH", "QUANTIZE"})
"""Their ranges are prescribed, or are those of their input: calibration does not choose them."""


@dataclass(slots=True)
class TensorTrace:
    """One tensor over all inputs. `power`, `error` and `clipped_error` are means of squares, `clipped` is a share.

    `low_seen` and `high_seen` are of the float model, in the end over all tensors that share this one's range.
    """

    node: Node
    power: float = 0.0
    error: float = 0.0
    clipped_error: float = 0.0
    clipped: float = 0.0
    low_seen: float = 0.0
    high_seen: float = 0.0

    @property
    def relative_error(self) -> float:
        """RMS of the difference over the RMS of the float values."""
        return sqrt(self.error / self.power) if self.power > 0 else 0.0

    @property
    def is_calibrated(self) -> bool:
        """Whether calibration chose its range."""
        return self.node.scale is not None and self.node.operator not in FIXED

    @property
    def width(self) -> float:
        """The width of the range that its integers can hold."""
        return (self.node.high or 0.0) - (self.node.low or 0.0)

    @property
    def width_seen(self) -> float:
        """The width of the range that these inputs need; zero is always in it, as in the file's."""
        return max(self.high_seen, 0.0) - min(self.low_seen, 0.0)

    def add(self, real: Reals, got: Reals, share: float) -> None:
        """Count one input's values: `real` of the float model, `got` of the variant, `share` being 1 / inputs."""
        values = real.astype(np.float64)
        self.power += share * float((values**2).mean())
        self.error += share * float(((got - values) ** 2).mean())
        self.low_seen = min(self.low_seen, float(values.min()))
        self.high_seen = max(self.high_seen, float(values.max()))
        if self.node.low is None or self.node.high is None or self.node.scale is None:
            return
        # Within half a step of the end, rounding alone brings a value back.
        beyond = values - np.clip(values, self.node.low - self.node.scale / 2, self.node.high + self.node.scale / 2)
        self.clipped_error += share * float((beyond**2).mean())
        self.clipped += share * float((beyond != 0).mean())


@dataclass(frozen=True, slots=True)
class Noise:
    """What quantising each tensor alone costs, as noise over signal, summed over the layers: three parts of it."""

    rounding: float
    """Of 255 steps over the range that is needed: unavoidable in 8 bits."""
    coarse: float
    """Of a range that is wider than needed."""
    clipped: float
    """Of a range that is narrower than needed."""

    @property
    def wrong_ranges(self) -> float:
        """The share that better ranges would save, 0 to 1."""
        total = self.rounding + self.coarse + self.clipped
        return (self.coarse + self.clipped) / total if total > 0 else 0.0


def trace(fp32: bytes, variant: bytes, levels: Pixels) -> tuple[TensorTrace, ...]:
    """Every tensor that both models name, in the order of computation, over levels (n, height, width, channels)."""
    model = Classifier.of(variant)
    spec = model.preprocess
    reference, other = TensorProbe(fp32), TensorProbe(variant)
    nodes = {node.name: node for node in reference.nodes}
    traces = [TensorTrace(node) for node in other.nodes if node.name in nodes]
    for real, integers in zip(normalised(levels, spec), normalised(levels, spec, model.quantization), strict=True):
        reference.run(real)
        other.run(integers)
        for one in traces:
            one.add(reference.values(nodes[one.node.name]), other.values(one.node), 1 / len(levels))
    for group in sharing(traces):
        low, high = min(one.low_seen for one in group), max(one.high_seen for one in group)
        for one in group:
            one.low_seen, one.high_seen = low, high
    return tuple(traces)


def sharing(traces: Sequence[TensorTrace]) -> tuple[tuple[TensorTrace, ...], ...]:
    """The calibrated tensors by the range that they share: both inputs of an addition, and its sum, share one."""
    groups: dict[tuple[float | None, int | None], list[TensorTrace]] = {}
    for one in traces:
        if one.is_calibrated:
            groups.setdefault((one.node.scale, one.node.zero_point), []).append(one)
    return tuple(tuple(group) for group in groups.values())


def noise(traces: Sequence[TensorTrace]) -> Noise:
    """The noise of every calibrated tensor."""
    rounding = coarse = clipped = 0.0
    for one in traces:
        if one.is_calibrated and one.power > 0 and one.node.scale is not None:
            needed = min((one.width_seen / STEPS) ** 2, one.node.scale**2) / 12
            rounding += needed / one.power
            coarse += (one.node.scale**2 / 12 - needed) / one.power
            clipped += one.clipped_error / one.power
    return Noise(rounding, coarse, clipped)


def layers(traces: Sequence[TensorTrace]) -> tuple[Layer, ...]:
    """The traces as a report shows them."""
    return tuple(
        Layer(
            index=index,
            name=short_name(one.node.name),
            operator=one.node.operator,
            relative_error=one.relative_error,
            saturated=None if one.node.scale is None else one.clipped,
        )
        for index, one in enumerate(traces)
    )
