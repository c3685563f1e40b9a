"""From the answers of a row's stages to what a comparison says of them. Arrays in, values out; one row at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.compare.accuracy import Answer, Arrow, ArrowName, Confusion, Differing, Stage, StageName
from benchmarks.compare.row_results import RowResults
from benchmarks.evaluation.stats import Interval, mcnemar, paired, paired_difference, wilson
from benchmarks.evaluation.stats.probabilities import Distance, calibration_error, distance
from benchmarks.formats.desktop_answers import DesktopSide, Probabilities, TrainingArrow
from benchmarks.formats.errors import RunError

STEPS = (
    (ArrowName.CONVERSION, StageName.KERAS, StageName.TFLITE),
    (ArrowName.RUNTIME, StageName.TFLITE, StageName.TENSORS),
    (ArrowName.PREPROCESSING, StageName.TENSORS, StageName.IMAGES),
)
MOST_LABELS, SHOWN_LABELS = 50, 20
MOST_ALIKE, WORTH_A_LOOK = 4, 0.01
"""So many inputs whose answer stays are shown, and from so much divergence in nats."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One stage's answers: probabilities, and of each input the top-1 label (the lower of equals) and its share."""

    probabilities: Probabilities
    top: npt.NDArray[np.int64]
    confidence: Probabilities
    step: float | None
    """Of the output's quantisation; None for floats."""

    @classmethod
    def of(cls, probabilities: Probabilities, step: float | None) -> "Answered":
        top = probabilities.argmax(axis=1)
        confidence = np.clip(np.take_along_axis(probabilities, top[:, None], axis=1)[:, 0], 0, 1)
        return cls(probabilities, top, confidence, step)


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that one row answered. `top` is of the last stage that answered, for comparing with other runs."""

    stages: tuple[Stage, ...]
    arrows: tuple[Arrow, ...]
    flips: int
    differing: tuple[Differing, ...]
    """Without their pictures; `places` are their numbers among the inputs."""
    places: tuple[int, ...]
    confusions: tuple[Confusion, ...]
    top: npt.NDArray[np.int64]
    truth: npt.NDArray[np.int64] | None


def judge(row: RowResults, most_differing: int) -> Answers:
    """What the row's stages say; RunError or ResultError where they cannot be read."""
    desktop = row.desktop()
    answered = _answered(row, desktop)
    ends = list(answered)
    distances: dict[ArrowName, Distance] = {}
    arrows = [] if desktop.training is None else [_of_training(desktop.training)]
    for name, earlier, later in _steps(ends):
        distances[name] = distance(answered[earlier].probabilities, answered[later].probabilities, answered[later].step)
        arrows.append(_arrow(name, answered[earlier], answered[later], desktop.truth, distances[name]))
    last = answered[ends[-1]]
    flipped = answered[ends[0]].top != last.top
    places = _worst(flipped, distances.get(ArrowName.WHOLE), most_differing)
    confused = dict.fromkeys((ends[0], ends[-1]))
    return Answers(
        stages=tuple(_stage(name, row, answered, desktop) for name in _planned(row)),
        arrows=tuple(arrows),
        flips=int(flipped.sum()) if ArrowName.WHOLE in distances else 0,
        differing=tuple(_differing(place, answered, distances, desktop) for place in places),
        places=places,
        confusions=tuple(_confusions(confused, answered, desktop)),
        top=last.top,
        truth=desktop.truth,
    )


def _planned(row: RowResults) -> tuple[StageName, ...]:
    return (StageName.KERAS, StageName.TFLITE) if row.is_sustained else tuple(StageName)


def _answered(row: RowResults, desktop: DesktopSide) -> dict[StageName, Answered]:
    """The stages that answered, in their order."""
    runs = [one.run for one in row.results]
    step = runs[0].output.scale if runs else None
    found = ((name, row.answers(name, desktop)) for name in StageName)
    return {
        name: Answered.of(answers, None if name is StageName.KERAS else step)
        for name, answers in found
        if answers is not None
    }


def _steps(ends: Sequence[StageName]) -> Iterator[tuple[ArrowName, StageName, StageName]]:
    """The arrows whose both ends answered; the whole way goes from the first stage to the phone, or is none."""
    yield from (step for step in STEPS if step[1] in ends and step[2] in ends)
    if ends[-1] is not StageName.TFLITE:
        yield ArrowName.WHOLE, ends[0], ends[-1]


def _stage(name: StageName, row: RowResults, answered: Mapping[StageName, Answered], desktop: DesktopSide) -> Stage:
    expected = int(row.model["inputs"]) if row.has_keras or name is not StageName.KERAS else 0
    mine = answered.get(name)
    if mine is None:
        return Stage(name, 0, expected, None, None, None, None)
    count = len(mine.top)
    agreement = float((mine.top == next(iter(answered.values())).top).mean())
    if desktop.truth is None:
        return Stage(name, count, expected, None, None, agreement, None)
    right = mine.top == desktop.truth
    hits, honest = int(right.sum()), calibration_error(mine.confidence, right)
    return Stage(name, count, expected, hits / count, wilson(hits, count), agreement, min(1.0, honest))


def _arrow(
    name: ArrowName, earlier: Answered, later: Answered, truth: npt.NDArray[np.int64] | None, apart: Distance
) -> Arrow:
    count = len(earlier.top)
    agreeing = int((earlier.top == later.top).sum())
    lost = gained = delta = interval = chance = None
    if truth is not None:
        pairs = paired(earlier.top == truth, later.top == truth)
        gain = paired_difference(pairs)
        lost, gained, chance = pairs.first, pairs.second, mcnemar(pairs)
        delta, interval = 100 * pairs.difference, Interval(100 * gain.low, 100 * gain.high)
    return Arrow(
        name=name,
        inputs=count,
        lost=lost,
        gained=gained,
        delta_points=delta,
        delta_interval=interval,
        mcnemar_p=chance,
        agreement=agreeing / count,
        agreement_interval=wilson(agreeing, count),
        max_difference=apart.largest,
        mean_difference=apart.mean,
        rms_difference=apart.rms,
        kl_divergence=apart.kl,
    )


def _of_training(told: TrainingArrow) -> Arrow:
    """The arrow that the export measured; RunError where its intervals are none."""
    try:
        delta = None if told.delta_interval is None else Interval(*told.delta_interval)
        agreement = Interval(*told.agreement_interval)
    except (TypeError, ValueError) as error:
        raise RunError(f"trained_with of the run's references is not right ({error}); run it again") from error
    return Arrow(
        name=ArrowName.TRAINING,
        inputs=told.inputs,
        lost=None,
        gained=None,
        delta_points=told.delta_points,
        delta_interval=delta,
        mcnemar_p=None,
        agreement=told.agreement,
        agreement_interval=agreement,
        max_difference=told.max_probability_difference,
        mean_difference=None,
        rms_difference=None,
        kl_divergence=None,
    )


def _worst(flipped: npt.NDArray[np.bool_], whole: Distance | None, most: int) -> tuple[int, ...]:
    """The inputs to show: up to `most` with another answer, by divergence, then the few worst with the same answer."""
    if whole is None:
        return ()
    order = np.argsort(-whole.divergence, kind="stable")
    others = order[flipped[order]][:most]
    same = order[~flipped[order] & (whole.divergence[order] > WORTH_A_LOOK)][:MOST_ALIKE]
    return tuple(int(place) for place in (*others, *same))


def _differing(
    place: int, answered: Mapping[StageName, Answered], distances: Mapping[ArrowName, Distance], desktop: DesktopSide
) -> Differing:
    """One input, on the arrow on which its answer changes, or where nothing changes on the one that moves it most."""
    steps = list(_steps(list(answered)))  # the whole way is the last, and says where a stage between is missing
    changing = [step for step in steps if answered[step[1]].top[place] != answered[step[2]].top[place]]
    candidates = changing or steps
    candidates = candidates[:-1] if len(candidates) > 1 and candidates[-1][0] is ArrowName.WHOLE else candidates
    name, earlier, later = max(candidates, key=lambda step: float(distances[step[0]].divergence[place]))
    return Differing(
        input=desktop.ids[place],
        truth=None if desktop.truth is None else desktop.labels[int(desktop.truth[place])],
        arrow=name,
        before=_answer(answered[earlier], place, desktop),
        after=_answer(answered[later], place, desktop),
        divergence=float(distances[ArrowName.WHOLE].divergence[place]),
        picture=None,
    )


def _answer(answered: Answered, place: int, desktop: DesktopSide) -> Answer:
    return Answer(desktop.labels[int(answered.top[place])], float(answered.confidence[place]))


def _confusions(
    names: Iterable[StageName], answered: Mapping[StageName, Answered], desktop: DesktopSide
) -> Iterator[Confusion]:
    if desktop.truth is None:
        return
    width = len(desktop.labels)
    for name in names:
        top = answered[name].top
        if width <= MOST_LABELS:
            chosen = np.arange(width)
        else:
            wrong = top != desktop.truth
            confused = np.bincount(desktop.truth[wrong], minlength=width) + np.bincount(top[wrong], minlength=width)
            chosen = np.sort(np.argsort(-confused, kind="stable")[:SHOWN_LABELS])
        place = np.full(width, -1)
        place[chosen] = np.arange(len(chosen))
        rows, columns = place[desktop.truth], place[top]
        both = (rows >= 0) & (columns >= 0)
        counts = np.bincount(rows[both] * len(chosen) + columns[both], minlength=len(chosen) ** 2)
        table = tuple(tuple(int(one) for one in line) for line in counts.reshape(len(chosen), len(chosen)))
        yield Confusion(name, tuple(desktop.labels[one] for one in chosen), table, int((~both).sum()))
