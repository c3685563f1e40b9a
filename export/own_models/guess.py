"""Whether mean, deviation and channel order are right: nobody's guess counts until labelled pictures bear it out.

A few pictures choose the most promising of the usual ways to feed a model; other pictures judge it, so that the choice
does not flatter itself. The stated way is overruled only by a paired 95 % interval wholly above it.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.desktop import Probabilities
from benchmarks.evaluation.stats import Paired, paired_difference, wilson
from export.errors import OwnModelError
from export.own_models.feeding import Feeding
from export.recipe import Progress
from metadata.preprocess import Pixels

PICTURES = 200
CHOOSING = 32
FEWEST = 20

Scores = Callable[[Pixels, Feeding], Probabilities]
"""Scores (N, outputs) of levels, fed in that way."""
Right = npt.NDArray[np.bool_]


def verify(
    scores: Scores,
    levels: Pixels,
    truth: npt.NDArray[np.int64],
    stated: Feeding | None,
    others: Sequence[Feeding],
    progress: Progress,
) -> None:
    """Say how well the stated feeding does; OwnModelError, with the options to type, when another one is better.

    Where none is stated, the best two are named. `levels` are in random order.
    """
    if len(levels) < FEWEST:
        if stated is None:
            raise OwnModelError(f"{len(levels)} pictures cannot tell --mean and --std; give them, or {FEWEST} pictures")
        progress.say(f"  {len(levels)} pictures are too few to check --mean and --std; {FEWEST} would do")
        return
    half = min(CHOOSING, len(levels) // 2)
    others = [one for one in others if one != stated]
    with progress.stage("check mean, std and channel order", len(others)) as stage:

        def right(feeding: Feeding, chosen: slice) -> Right:
            return np.equal(_top(scores(levels[chosen], feeding)), truth[chosen])

        def promise(feeding: Feeding) -> int:
            stage.advance(1)
            return int(right(feeding, slice(half)).sum())

        ranked = sorted(others, key=promise, reverse=True)
        first, second = (ranked[0], ranked[1]) if stated is None else (stated, ranked[0])
        ours, theirs = right(first, slice(half, None)), right(second, slice(half, None))
        stage.advance(0, f"{ours.mean():.1%} of {len(ours)} pictures right with {first.options}")
    if stated is None:
        if theirs.sum() > ours.sum():
            first, second, ours, theirs = second, first, theirs, ours
        if not _is_better_than_chance(ours, truth[half:]):
            raise OwnModelError(
                f"--mean and --std are missing, and no usual ones fit: {ours.mean():.1%} of {len(ours)} pictures are "
                f"right with {first.options}, the best; check that the labels are in the order of the outputs"
            )
        raise OwnModelError(
            f"--mean and --std are missing. Of {len(ours)} pictures, {ours.mean():.1%} are right with {first.options}, "
            f"and {theirs.mean():.1%} with {second.options}, the next best; add {first.options} if that is how the "
            "model was trained"
        )
    if _is_better_than_chance(theirs, truth[half:]):
        _judge(stated, ours, second, theirs)


def _judge(stated: Feeding, ours: Right, other: Feeding, theirs: Right) -> None:
    pairs = Paired(
        both=int((ours & theirs).sum()),
        first=int((ours & ~theirs).sum()),
        second=int((~ours & theirs).sum()),
        neither=int((~ours & ~theirs).sum()),
    )
    gain = paired_difference(pairs)
    if gain.low > 0:
        raise OwnModelError(
            f"{stated.options} gets {ours.mean():.1%} of {len(ours)} pictures right, {other.options} "
            f"{theirs.mean():.1%} ({pairs.difference * 100:+.1f} points, 95 %: {gain.low * 100:+.1f} to "
            f"{gain.high * 100:+.1f}); "
            f"give {other.options}, or leave out --eval-dir to export it as stated"
        )


def _is_better_than_chance(right: Right, truth: npt.NDArray[np.int64]) -> bool:
    """Whether it is surely more than naming the commonest label every time: else nothing is learned from it."""
    commonest = int(np.bincount(truth).max())
    return wilson(int(right.sum()), len(right)).low > commonest / len(truth)


def _top(scores: Probabilities) -> npt.NDArray[np.int64]:
    """Top-1; a single output, probability or logit, is split where the model splits it."""
    if scores.shape[1] > 1:
        return np.asarray(scores.argmax(axis=1), np.int64)
    is_logit = scores.min() < 0 or scores.max() > 1
    return np.asarray(scores[:, 0] > (0.0 if is_logit else 0.5), np.int64)
