"""How a row's stages answered: accuracy, what changed between stages, inputs that differ. Values of a Comparison.

An *arrow* is the step between two stages; the name is that of the field `arrows` of `handset.comparison/1`.
"""

from dataclasses import dataclass
from enum import StrEnum

from benchmarks.evaluation.stats import Interval


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


@dataclass(frozen=True, slots=True)
class Stage:
    """How one stage answered. `accuracy` and `calibration_error` are None where the truth is not known."""

    name: StageName
    evaluated: int
    expected: int
    accuracy: float | None
    accuracy_interval: Interval | None
    agreement: float | None
    """Share of inputs with Keras's top-1."""
    calibration_error: float | None
    """Expected calibration error over 15 bins of the top-1 probability (Guo et al. 2017)."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """The differences between two stages, on the inputs that both answered.

    `lost` and `gained` count inputs that only the earlier or only the later stage answered correctly; `delta_points` is
    the later accuracy minus the earlier one. They, `delta_interval` and `mcnemar_p` are None without a truth.
    """

    name: ArrowName
    inputs: int
    lost: int | None
    gained: int | None
    delta_points: float | None
    delta_interval: Interval | None
    mcnemar_p: float | None
    agreement: float
    agreement_interval: Interval
    max_difference: float
    """The largest difference of any probability."""
    mean_difference: float | None
    """None for TRAINING, which the export measured; so are the next two."""
    rms_difference: float | None
    kl_divergence: float | None
    """Mean Kullback-Leibler divergence of the later answers from the earlier, in nats; see `stats.probabilities`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A stage's top-1 label and its probability, 0 to 1."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Differing:
    """An input that two stages answered differently, or whose probabilities are far apart."""

    input: str
    truth: str | None
    arrow: ArrowName
    before: Answer
    after: Answer
    divergence: float
    """Kullback-Leibler divergence of the phone's answer to this input from Keras's, in nats."""
    picture: str | None
    """Key into `Comparison.pictures`."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """A confusion matrix: `counts[i][j]` inputs of truth `labels[i]` were answered with `labels[j]`.

    With more than 50 labels it has only the 20 that were confused most; `others` counts the inputs whose truth or
    answer is another label.
    """

    stage: StageName
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    others: int
