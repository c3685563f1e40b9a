"""What the phone fed its model, beside what this computer would feed: by how much it differs, and from which stage on.

Only the last stage is seen. The stages before it are told apart by undoing the model's own normalisation, and by the
suspects that reproduce the fed tensors.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.explain.preprocess_variant import PreprocessVariant
from benchmarks.explain.sample import Sample
from benchmarks.explain.scorer import HypothesisScorer, ScoredHypothesis, Values
from metadata.preprocess import Pixels, Quantization, Tensor

DECODER_LEVELS = 3.0
"""A mean difference that decoders may have; swapped or skipped pixels are tens of levels away."""
JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class FedDifference:
    """How far the fed tensors of a sample are from the right ones. Levels are pixels' 0..255, by the model's table."""

    inputs: int
    differing: int
    values_share: float
    mean_levels: float
    max_levels: float
    decoder_share: float
    """The share of it that is a few levels in JPEG pictures, as another decoder would make it."""


def difference(sample: Sample, seen: Tensor, quantization: Quantization | None) -> FedDifference:
    """`seen` against the right way of the sample."""
    expected = _right(sample, quantization)
    apart = np.abs(seen.astype(np.float64) - expected) * _levels_a_step(sample, quantization)
    unequal = seen != expected
    by_input = apart.reshape(len(seen), -1).mean(axis=1)
    is_jpeg = np.array([data.startswith(JPEG) for data in sample.pictures.encoded])
    few_levels = float(by_input[is_jpeg & (by_input <= DECODER_LEVELS)].sum())
    return FedDifference(
        inputs=len(seen),
        differing=int(unequal.reshape(len(seen), -1).any(axis=1).sum()),
        values_share=float(unequal.mean()),
        mean_levels=float(apart.mean()),
        max_levels=float(apart.max()),
        decoder_share=few_levels / float(by_input.sum()) if few_levels > 0 else 0.0,
    )


def judged(sample: Sample, seen: Tensor, quantization: Quantization | None) -> list[ScoredHypothesis]:
    """The suspects by how much of the fed tensors they reproduce, and the normalisation that fits these best."""
    spec = sample.pictures.spec

    def carry_out(way: PreprocessVariant, levels: Pixels) -> Values:
        return way.tensor(levels, spec, quantization)

    trial = HypothesisScorer(sample.pictures, seen, _right(sample, quantization), carry_out)
    found = trial.usual()
    if (fit := _fitted(trial, PreprocessVariant.right(spec), seen, quantization)) is not None:
        found.append(fit)
    return [*found, *trial.combined_hypotheses(found)]


def _right(sample: Sample, quantization: Quantization | None) -> Tensor:
    right = PreprocessVariant.right(sample.pictures.spec)
    return right.tensor(sample.pictures.levels([right.geometry])[right.geometry], sample.pictures.spec, quantization)


def _levels_a_step(sample: Sample, quantization: Quantization | None) -> npt.NDArray[np.float64]:
    """What a step of 1 in the tensor is in levels, by channel."""
    return np.asarray(sample.pictures.spec.std) * (1.0 if quantization is None else quantization.scale)


def _fitted(
    trial: HypothesisScorer, base: PreprocessVariant, seen: Tensor, quantization: Quantization | None
) -> ScoredHypothesis | None:
    """`base` with the mean and deviation that least squares find, channel by channel; None where there are none."""
    levels = trial.levels(base).astype(np.float64)
    mean, std = [], []
    for channel in range(levels.shape[-1]):
        x, q = levels[..., channel].ravel(), seen[..., channel].ravel().astype(np.float64)
        if quantization is not None:
            low, high = quantization.limits
            inside = (q > low) & (q < high)
            x, q = x[inside], (q[inside] - quantization.zero_point) * quantization.scale
        if x.size < 2 or np.ptp(x) == 0:
            return None
        slope, offset = np.polyfit(x, q, 1)
        if not slope > 0:
            return None
        mean.append(round(float(-offset / slope), 2))
        std.append(round(float(1 / slope), 3))
    return trial.fitted(base, tuple(mean), tuple(std)) if min(std) > 0 else None
