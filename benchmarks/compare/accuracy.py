"""How a row's stages answered: accuracy, what changed between stages, inputs that differ. Values of a Comparison.

An *arrow* is the step between two stages; the name is that of the field `arrows` of `handset.comparison/1`.
"""

from enum import StrEnum
from typing import Annotated

from benchmarks.evaluation.stats import Interval
from benchmarks.formats.declared import Count, Declared, Line, Number, Share, about


class StageName(StrEnum):
    """Where an input was answered. From each stage to the next, one thing changes."""

    KERAS = "keras"
    """Keras (or TensorFlow) on the desktop; TFLITE stands for it where the model was given as a `.tflite`."""
    TFLITE = "tflite"
    """TensorFlow Lite on the desktop."""
    TENSORS = "tensors"
    """The phone, with input tensors that the desktop preprocessed."""
    IMAGES = "images"
    """The phone, with pictures that it preprocesses itself."""


class ArrowName(StrEnum):
    """The step between two stages; `whole` goes from the first stage to the last one on the phone."""

    TRAINING = "training"
    """From the preprocessing of the training to the model's own ImageSpec, both in Keras."""
    CONVERSION = "conversion"
    """Keras → TFLite: conversion and quantisation."""
    RUNTIME = "runtime"
    """TFLite → tensors: the phone's runtime and kernels."""
    PREPROCESSING = "preprocessing"
    """Tensors → images: decoding, rotating, resizing and normalising."""
    WHOLE = "whole"


ARROW_TO = {
    StageName.TFLITE: ArrowName.CONVERSION,
    StageName.TENSORS: ArrowName.RUNTIME,
    StageName.IMAGES: ArrowName.PREPROCESSING,
}
"""The arrow that leads to each stage from the one before it."""


class Stage(Declared, frozen=True):
    """How one stage answered. `accuracy` and `calibration_error` are None where the truth is not known."""

    name: StageName
    evaluated: Annotated[Count, about("inputs that were answered")]
    expected: Annotated[Count, about("inputs of the evaluation set")]
    accuracy: Annotated[Share | None, about("top-1; null where the truth is not known")]
    accuracy_interval: Annotated[Interval | None, about("Wilson")]
    agreement: Annotated[Share | None, about("share of inputs with Keras's top-1; see below")]
    calibration_error: Annotated[Share | None, about("over 15 bins of the top-1 probability (Guo et al. 2017)")]


class Arrow(Declared, frozen=True):
    """The differences between two stages, on the inputs that both answered.

    `lost` and `gained` count inputs that only the earlier or only the later stage answered correctly; `delta_points` is
    the later accuracy minus the earlier one. They, `delta_interval` and `mcnemar_p` are None without a truth.
    """

    name: Annotated[ArrowName, about("`whole`: Keras to the last stage")]
    inputs: Annotated[Count, about("that both stages answered")]
    lost: Annotated[Count | None, about("inputs that only the earlier stage answered correctly")]
    gained: Annotated[Count | None, about("inputs that only the later stage answered correctly")]
    delta_points: Annotated[float | None, about("later accuracy minus earlier accuracy, in percentage points")]
    delta_interval: Annotated[Interval | None, about("Newcombe, paired")]
    mcnemar_p: Annotated[Share | None, about("exact")]
    agreement: Annotated[Share, about("share of inputs with the same top-1")]
    agreement_interval: Annotated[Interval, about("Wilson")]
    max_difference: Annotated[Number, about("the largest difference of any probability")]
    mean_difference: Annotated[Number | None, about("of probabilities; with the next two null for `training`")]
    rms_difference: Number | None
    kl_divergence: Annotated[Number | None, about("later from earlier, in nats, zeros at half a quantisation step")]
    numerically_same: Annotated[
        bool, about("no probability differs by more than 1e-5, nor by half the smallest distance of the two highest")
    ] = False


class Answer(Declared, frozen=True):
    """A stage's top-1 label and its probability, 0 to 1."""

    label: Line
    confidence: Share


class Differing(Declared, frozen=True):
    """An input that two stages answered differently, or whose probabilities are far apart."""

    input: Line
    truth: Line | None
    arrow: Annotated[ArrowName, about("the step on which the answer changes")]
    before: Annotated[Answer, about("the answer of the stage before it")]
    after: Annotated[Answer, about("the answer of the stage after it")]
    divergence: Annotated[Number, about("KL divergence of the phone's answer from Keras's, in nats")]
    picture: Annotated[Line | None, about("its key in `pictures`")]


Matrix = tuple[tuple[Count, ...], ...]


class Confusion(Declared, frozen=True):
    """A confusion matrix: `counts[i][j]` inputs of truth `labels[i]` were answered with `labels[j]`.

    With more than 50 labels it has only the 20 that were confused most; `others` counts the inputs whose truth or
    answer is another label.
    """

    stage: StageName
    labels: tuple[Line, ...]
    counts: Annotated[Matrix, about("`counts[i][j]` inputs of truth `labels[i]` were answered with `labels[j]`")]
    others: Annotated[Count, about("inputs of other labels: of more than 50 only the 20 most confused are here")]

    def __post_init__(self) -> None:
        size = len(self.labels)
        if [len(line) for line in self.counts] != [size] * size:
            raise ValueError(f"the confusion of {self.stage} is not {size} by {size}")
