"""How pixels are normalised for a model: mean, deviation and channel order, and their check on labelled pictures.

A few pictures choose the most promising of the common normalisations; other pictures judge it, so that the choice does
not look better than it is. What the user stated is refused only when a paired 95 % interval lies wholly above it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.desktop import Probabilities
from benchmarks.evaluation.stats import Paired, paired_difference, wilson
from export.errors import OwnModelError
from export.recipe import Progress
from metadata.card import ImageSpec
from metadata.normalizations import CAFFE, MNIST, TORCHVISION
from metadata.preprocess import Pixels, normalised

PICTURES = 200  # at most this many are used for the check
CHOOSING = 32  # of them, at most this many choose
FEWEST = 20  # with fewer, there is no check


@dataclass(frozen=True, slots=True)
class InputNormalisation:
    """value = (pixel − mean) / std on pixels 0..255, numbers in the order R, G, B; then B, G, R where `bgr`."""

    mean: tuple[float, ...]
    std: tuple[float, ...]
    bgr: bool = False

    @property
    def is_uniform(self) -> bool:
        """Whether all channels share one mean and one deviation: then the phone normalises, else the graph does."""
        return len(set(self.mean)) == 1 and len(set(self.std)) == 1

    @property
    def is_identity(self) -> bool:
        """Whether the model gets the pixels' own values."""
        return set(self.mean) == {0.0} and set(self.std) == {1.0}

    @property
    def options(self) -> str:
        """The command line options that state it."""
        mean, std = (
            ",".join(f"{value:g}" for value in (values[:1] if len(set(values)) == 1 else values))
            for values in (self.mean, self.std)
        )
        return f"--mean {mean} --std {std}{' --order bgr' if self.bgr else ''}"

    def apply(self, levels: Pixels, image: ImageSpec) -> npt.NDArray[np.float32]:
        """The model's input for levels, uint8 (N, height, width, channels): float32 of that shape."""
        values: Any = normalised(levels, replace(image, mean=self.mean, std=self.std))
        return np.ascontiguousarray(values[..., ::-1]) if self.bgr else values


def common_normalisations(channels: int) -> tuple[InputNormalisation, ...]:
    """What models are usually trained on: raw, [0, 1], [-1, 1], EfficientNet-Lite's, torch's, caffe's; and in BGR."""
    pairs = (((0.0,), (1.0,)), ((0.0,), (255.0,)), ((127.5,), (127.5,)), ((127.0,), (128.0,)))
    uniform = [InputNormalisation(mean * channels, std * channels) for mean, std in pairs]
    if channels == 1:
        return (*uniform, InputNormalisation(*MNIST))
    torch, caffe = InputNormalisation(*TORCHVISION), InputNormalisation(*CAFFE, bgr=True)
    return (*uniform, torch, caffe, *(replace(rgb, bgr=True) for rgb in (*uniform[:3], torch)))


Scores = Callable[[Pixels, InputNormalisation], Probabilities]
"""Scores (N, outputs) of levels, normalised in that way."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A normalisation, and which of the judging pictures the model gets right with it: bool (N,)."""

    normalisation: InputNormalisation
    correct: npt.NDArray[np.bool_]

    def __str__(self) -> str:
        return f"{self.correct.mean():.1%}"


def check_normalisation(
    scores: Scores,
    levels: Pixels,
    truth: npt.NDArray[np.int64],
    stated: InputNormalisation | None,
    common: Sequence[InputNormalisation],
    progress: Progress,
) -> None:
    """Raise OwnModelError, with the options to use, when another normalisation is better than the stated one.

    Where none is stated, the best two are named. `levels` are in random order.
    """
    if len(levels) < FEWEST:
        if stated is None:
            raise OwnModelError(f"{len(levels)} pictures cannot tell --mean and --std; give them, or {FEWEST} pictures")
        progress.say(f"  {len(levels)} pictures are too few to check --mean and --std; {FEWEST} would do")
        return
    half = min(CHOOSING, len(levels) // 2)
    others = [normalisation for normalisation in common if normalisation != stated]
    with progress.stage("check mean, std and channel order", len(others)) as stage:

        def correct(normalisation: InputNormalisation, part: slice) -> npt.NDArray[np.bool_]:
            return np.equal(top_label(scores(levels[part], normalisation)), truth[part])

        def promise(normalisation: InputNormalisation) -> int:
            stage.advance(1)
            return int(correct(normalisation, slice(half)).sum())

        ranked = sorted(others, key=promise, reverse=True)
        judged = [ranked[0], ranked[1]] if stated is None else [stated, ranked[0]]
        first, second = (_Candidate(candidate, correct(candidate, slice(half, None))) for candidate in judged)
        stage.advance(0, f"{first} of {len(first.correct)} pictures right with {first.normalisation.options}")
    commonest_label = int(np.bincount(truth[half:]).max()) / len(truth[half:])
    if stated is None:
        best, next_best = sorted((first, second), key=lambda candidate: -candidate.correct.sum())
        raise OwnModelError(_proposal(best, next_best, commonest_label))
    if _is_better_than_chance(second, commonest_label):
        _refuse_worse(first, second)


def _proposal(best: _Candidate, next_best: _Candidate, commonest_label: float) -> str:
    options, pictures = best.normalisation.options, len(best.correct)
    if not _is_better_than_chance(best, commonest_label):
        return (
            f"--mean and --std are missing, and no usual ones fit: {best} of {pictures} pictures are "
            f"right with {options}, the best; check that the labels are in the order of the outputs"
        )
    return (
        f"--mean and --std are missing. Of {pictures} pictures, {best} are right with {options}, "
        f"and {next_best} with {next_best.normalisation.options}, the next best; add {options} if that is how the "
        "model was trained"
    )


def _refuse_worse(stated: _Candidate, other: _Candidate) -> None:
    pairs = Paired(
        both=int((stated.correct & other.correct).sum()),
        first=int((stated.correct & ~other.correct).sum()),
        second=int((~stated.correct & other.correct).sum()),
        neither=int((~stated.correct & ~other.correct).sum()),
    )
    gain, options = paired_difference(pairs), other.normalisation.options
    if gain.low > 0:
        raise OwnModelError(
            f"{stated.normalisation.options} gets {stated} of {len(stated.correct)} pictures right, {options} "
            f"{other} ({pairs.difference * 100:+.1f} points, 95 %: {gain.low * 100:+.1f} to {gain.high * 100:+.1f}); "
            f"give {options}, or leave out --eval-dir to export it as stated"
        )


def _is_better_than_chance(candidate: _Candidate, commonest_label: float) -> bool:
    """Whether it is surely right more often than always answering the commonest label, which is right this often."""
    return wilson(int(candidate.correct.sum()), len(candidate.correct)).low > commonest_label


def top_label(scores: Probabilities) -> npt.NDArray[np.int64]:
    """Top-1; a single output is split at one half where it is a probability, at zero where it is a logit."""
    if scores.shape[1] > 1:
        return np.asarray(scores.argmax(axis=1), np.int64)
    is_logit = scores.min() < 0 or scores.max() > 1
    return np.asarray(scores[:, 0] > (0.0 if is_logit else 0.5), np.int64)
