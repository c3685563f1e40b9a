"""Compares the answers of a row's stages, one row at a time. Arrays in, values of a Comparison out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from benchmarks.compare.accuracy import ARROW_TO, Answer, Arrow, ArrowName, Confusion, Differing, Stage, StageName
from benchmarks.compare.row_results import RowResults
from benchmarks.evaluation.stats import AnswerChanges, Interval, mcnemar, wilson
from benchmarks.evaluation.stats.probabilities import Distance, calibration_error, distance
from benchmarks.formats.desktop_answers import DesktopSide, Probabilities
from benchmarks.formats.errors import RunError
from benchmarks.formats.variant_record import TrainedWithRecord

MOST_LABELS, SHOWN_LABELS = 50, 20
MOST_SAME_ANSWER, LEAST_DIVERGENCE = 4, 0.01
"""Of the inputs with the same answer, at most so many are shown, with at least so much divergence in nats."""

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StageAnswers:
    """One stage's probabilities, and of each input the top-1 label (of equals the lower index) and its probability."""

    probabilities: Probabilities
    top: Indices
    confidence: Probabilities
    step: float | None
    """The output's quantisation step; None for floats."""

    @classmethod
    def of(cls, probabilities: Probabilities, step: float | None) -> "StageAnswers":
        top = probabilities.argmax(axis=1)
        confidence = np.clip(np.take_along_axis(probabilities, top[:, None], axis=1)[:, 0], 0, 1)
        return cls(probabilities, top, confidence, step)


@dataclass(frozen=True, slots=True)
class RowAnswers:
    """What a row's stages answered, compared. `top` is of the last stage with answers, to compare with other runs."""

    stages: tuple[Stage, ...]
    arrows: tuple[Arrow, ...]
    flips: int
    differing: tuple[Differing, ...]
    """Without their pictures; `inputs` has their numbers in the input set."""
    inputs: tuple[int, ...]
    confusions: tuple[Confusion, ...]
    top: Indices
    truth: Indices | None


def compare_stages(row: RowResults, most_differing: int) -> RowAnswers:
    """The row's stages, compared; RunError or ResultError where their answers cannot be read."""
    desktop = row.desktop()
    answers = _read_answers(row, desktop)
    names = list(answers)
    first, last = answers[names[0]], answers[names[-1]]
    distances: dict[ArrowName, Distance] = {}
    arrows = [] if desktop.training is None else [_training_arrow(desktop.training)]
    for name, earlier, later in _arrows_between(names):
        distances[name] = distance(answers[earlier].probabilities, answers[later].probabilities, answers[later].step)
        arrows.append(_arrow(name, answers[earlier], answers[later], desktop.truth, distances[name]))
    flipped = first.top != last.top
    inputs = _inputs_to_show(flipped, distances.get(ArrowName.WHOLE), most_differing)
    planned = (StageName.KERAS, StageName.TFLITE) if row.is_sustained else tuple(StageName)
    return RowAnswers(
        stages=tuple(_stage(name, row, answers, desktop) for name in planned),
        arrows=tuple(arrows),
        flips=int(flipped.sum()) if ArrowName.WHOLE in distances else 0,
        differing=tuple(_differing(number, answers, distances, desktop) for number in inputs),
        inputs=inputs,
        confusions=tuple(_confusions(dict.fromkeys((names[0], names[-1])), answers, desktop)),
        top=last.top,
        truth=desktop.truth,
    )


def _read_answers(row: RowResults, desktop: DesktopSide) -> dict[StageName, StageAnswers]:
    """The stages that have answers, in their order."""
    step = row.results[0].run.output.scale if row.results else None
    found = ((name, row.answers(name, desktop)) for name in StageName)
    return {
        name: StageAnswers.of(probabilities, None if name is StageName.KERAS else step)
        for name, probabilities in found
        if probabilities is not None
    }


def _arrows_between(names: Sequence[StageName]) -> Iterator[tuple[ArrowName, StageName, StageName]]:
    """The arrows both of whose stages have answers; WHOLE, from the first stage to the phone, comes last."""
    for earlier, later in pairwise(StageName):
        if earlier in names and later in names:
            yield ARROW_TO[later], earlier, later
    if names[-1] is not StageName.TFLITE:
        yield ArrowName.WHOLE, names[0], names[-1]


def _stage(name: StageName, row: RowResults, answers: Mapping[StageName, StageAnswers], desktop: DesktopSide) -> Stage:
    expected = row.model.inputs if row.has_keras or name is not StageName.KERAS else 0
    stage = answers.get(name)
    if stage is None:
        return Stage(name, 0, expected, None, None, None, None)
    count = len(stage.top)
    agreement = float((stage.top == next(iter(answers.values())).top).mean())
    if desktop.truth is None:
        return Stage(name, count, expected, None, None, agreement, None)
    correct = stage.top == desktop.truth
    hits, error = int(correct.sum()), calibration_error(stage.confidence, correct)
    return Stage(name, count, expected, hits / count, wilson(hits, count), agreement, min(1.0, error))


def _arrow(
    name: ArrowName, earlier: StageAnswers, later: StageAnswers, truth: Indices | None, distance: Distance
) -> Arrow:
    changes = AnswerChanges.between(earlier.probabilities, later.probabilities, truth)
    pairs = changes.pairs
    return Arrow(
        name=name,
        inputs=changes.inputs,
        lost=None if pairs is None else pairs.first,
        gained=None if pairs is None else pairs.second,
        delta_points=changes.delta_points,
        delta_interval=changes.delta_interval,
        mcnemar_p=None if pairs is None else mcnemar(pairs),
        agreement=changes.agreement,
        agreement_interval=changes.agreement_interval,
        max_difference=distance.largest,
        mean_difference=distance.mean,
        rms_difference=distance.rms,
        kl_divergence=distance.kl,
        numerically_same=changes.is_same,
    )


def _training_arrow(training: TrainedWithRecord) -> Arrow:
    """The arrow that the export measured; RunError where its intervals are not intervals."""
    try:
        delta = None if training.delta_interval is None else Interval(*training.delta_interval)
        agreement = Interval(*training.agreement_interval)
    except (TypeError, ValueError) as error:
        raise RunError(f"trained_with of the run's references is not right ({error}); run it again") from error
    return Arrow(
        name=ArrowName.TRAINING,
        inputs=training.inputs,
        lost=None,
        gained=None,
        delta_points=training.delta_points,
        delta_interval=delta,
        mcnemar_p=None,
        agreement=training.agreement,
        agreement_interval=agreement,
        max_difference=training.max_probability_difference,
        mean_difference=None,
        rms_difference=None,
        kl_divergence=None,
    )


def _inputs_to_show(flipped: npt.NDArray[np.bool_], whole: Distance | None, most: int) -> tuple[int, ...]:
    """Numbers of inputs: up to `most` with another answer, by divergence, then the few worst with the same answer."""
    if whole is None:
        return ()
    order = np.argsort(-whole.divergence, kind="stable")
    others = order[flipped[order]][:most]
    same = order[~flipped[order] & (whole.divergence[order] > LEAST_DIVERGENCE)][:MOST_SAME_ANSWER]
    return tuple(int(number) for number in (*others, *same))


def _differing(
    number: int,
    answers: Mapping[StageName, StageAnswers],
    distances: Mapping[ArrowName, Distance],
    desktop: DesktopSide,
) -> Differing:
    """One input, on the arrow that changes its answer; where none does, on the arrow with the largest divergence."""
    arrows = list(_arrows_between(list(answers)))
    changing = [arrow for arrow in arrows if answers[arrow[1]].top[number] != answers[arrow[2]].top[number]]
    candidates = changing or arrows
    if len(candidates) > 1 and candidates[-1][0] is ArrowName.WHOLE:
        candidates = candidates[:-1]  # WHOLE is only for an answer that changed where a stage in between is missing
    name, earlier, later = max(candidates, key=lambda arrow: float(distances[arrow[0]].divergence[number]))
    return Differing(
        input=desktop.ids[number],
        truth=None if desktop.truth is None else desktop.labels[int(desktop.truth[number])],
        arrow=name,
        before=_answer(answers[earlier], number, desktop),
        after=_answer(answers[later], number, desktop),
        divergence=float(distances[ArrowName.WHOLE].divergence[number]),
        picture=None,
    )


def _answer(stage: StageAnswers, number: int, desktop: DesktopSide) -> Answer:
    return Answer(desktop.labels[int(stage.top[number])], float(stage.confidence[number]))


def _confusions(
    names: Iterable[StageName], answers: Mapping[StageName, StageAnswers], desktop: DesktopSide
) -> Iterator[Confusion]:
    if desktop.truth is None:
        return
    width = len(desktop.labels)
    for name in names:
        top = answers[name].top
        if width <= MOST_LABELS:
            chosen = np.arange(width)
        else:
            wrong = top != desktop.truth
            confused = np.bincount(desktop.truth[wrong], minlength=width) + np.bincount(top[wrong], minlength=width)
            chosen = np.sort(np.argsort(-confused, kind="stable")[:SHOWN_LABELS])
        position = np.full(width, -1)
        position[chosen] = np.arange(len(chosen))
        rows, columns = position[desktop.truth], position[top]
        shown = (rows >= 0) & (columns >= 0)
        counts = np.zeros((len(chosen), len(chosen)), np.int64)
        np.add.at(counts, (rows[shown], columns[shown]), 1)
        labels = tuple(desktop.labels[label] for label in chosen)
        yield Confusion(name, labels, tuple(map(tuple, counts.tolist())), int((~shown).sum()))
