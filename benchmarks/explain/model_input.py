"""The tensors that a phone gave its model, beside those that this computer makes: how far they are apart, and why.

Only the result of the last stage is seen. Which stage is wrong follows from the hypotheses that reproduce the tensors,
and from a mean and a deviation that are fitted to them.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.explain.preprocess_variant import PreprocessVariant
from benchmarks.explain.sample import Sample
from benchmarks.explain.scorer import HypothesisScorer, MeanAndStd, ScoredHypothesis, Values
from metadata.preprocess import Pixels, Quantization, Tensor

DECODER_LEVELS = 3.0
"""A mean difference that decoders may have; swapped or skipped pixels are tens of levels away."""
JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class ModelInputDifference:
    """How far the tensors of a sample are from the right ones. Levels are pixels' 0..255, by the model's table.

    `decoder_share` is the part of it that is a few levels in JPEG pictures, as another decoder would make it.
    """

    inputs: int
    differing: int
    values_share: float
    mean_levels: float
    max_levels: float
    decoder_share: float


def difference(sample: Sample, seen: Tensor, quantization: Quantization | None) -> ModelInputDifference:
    """`seen`, the phone's tensors, against the right ones of the sample."""
    expected = _expected(sample, quantization)
    # A step of 1 in the tensor is so many levels, by channel.
    levels_a_step = np.asarray(sample.spec.std) * (1.0 if quantization is None else quantization.scale)
    apart = np.abs(seen.astype(np.float64) - expected) * levels_a_step
    unequal = seen != expected
    by_input = apart.reshape(len(seen), -1).mean(axis=1)
    is_jpeg = np.array([data.startswith(JPEG) for data in sample.encoded])
    few_levels = float(by_input[is_jpeg & (by_input <= DECODER_LEVELS)].sum())
    return ModelInputDifference(
        inputs=len(seen),
        differing=int(unequal.reshape(len(seen), -1).any(axis=1).sum()),
        values_share=float(unequal.mean()),
        mean_levels=float(apart.mean()),
        max_levels=float(apart.max()),
        decoder_share=few_levels / float(by_input.sum()) if few_levels > 0 else 0.0,
    )


def scored_hypotheses(sample: Sample, seen: Tensor, quantization: Quantization | None) -> list[ScoredHypothesis]:
    """Hypotheses by how much of the phone's tensors they reproduce, the best-fitting normalisation among them."""

    def carry_out(variant: PreprocessVariant, levels: Pixels) -> Values:
        return variant.tensor(levels, sample.spec, quantization)

    scorer = HypothesisScorer(sample, seen, _expected(sample, quantization), carry_out)
    scored = scorer.usual()
    fit = _fitted_normalization(sample.right_levels(), seen, quantization)
    if fit is not None and (fitted := scorer.with_normalization(*fit)) is not None:
        scored.append(fitted)
    return [*scored, *scorer.combined_hypotheses(scored)]


def _expected(sample: Sample, quantization: Quantization | None) -> Tensor:
    return sample.right.tensor(sample.right_levels(), sample.spec, quantization)


def _fitted_normalization(levels: Pixels, seen: Tensor, quantization: Quantization | None) -> MeanAndStd | None:
    """The mean and deviation that least squares find, channel by channel; None where the values allow none."""
    mean, std = [], []
    for channel in range(levels.shape[-1]):
        x, y = (array[..., channel].ravel().astype(np.float64) for array in (levels, seen))
        if quantization is not None:
            low, high = quantization.limits
            inside = (y > low) & (y < high)
            x, y = x[inside], (y[inside] - quantization.zero_point) * quantization.scale
        if x.size < 2 or np.ptp(x) == 0:
            return None
        slope, offset = np.polyfit(x, y, 1)
        if not slope > 0:
            return None
        mean.append(round(float(-offset / slope), 2))
        std.append(round(float(1 / slope), 3))
    return (tuple(mean), tuple(std)) if min(std) > 0 else None
