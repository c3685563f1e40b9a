"""What a row's answers say: stages, the arrows between them, the inputs that differ. Pure values of a Comparison."""

from dataclasses import dataclass
from enum import StrEnum

from benchmarks.evaluation.stats import Interval


class StageName(StrEnum):
    """The four ways to answer an input, in the order in which one thing changes from each to the next."""

    KERAS = "keras"
    """Keras on the desktop. Of a model that came as a ready file it answers nothing, and TFLITE stands for it."""
    TFLITE = "tflite"
    """TensorFlow Lite on the desktop."""
    TENSORS = "tensors"
    """The phone, fed with tensors that the desktop preprocessed."""
    IMAGES = "images"
    """The phone, fed with pictures that it preprocesses itself."""


class ArrowName(StrEnum):
    """What changes between two stages; `whole` is all of it, from Keras to the last stage on the phone."""

    TRAINING = "training"
    """From the preprocessing of the training to that of the ImageSpec, both in Keras."""
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
    """What one step cost, on the inputs that both its stages answered.

    `lost` and `gained` count inputs that only the earlier or only the later stage answered rightly; `delta_points` is
    later minus earlier. All four, and `mcnemar_p`, are None where the truth is not known.
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
    """Like the next two None of the training's arrow, which the export measured."""
    rms_difference: float | None
    kl_divergence: float | None
    """Mean Kullback-Leibler divergence of the later answers from the earlier, in nats; zeros floored at half a step."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A label and how sure the stage was of it, 0 to 1."""

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
    """How often truth `labels[i]` was answered with `labels[j]`: `counts[i][j]`.

    Where there are more than 50 labels, only the 20 that were confused most stand here; `others` counts the
    inputs whose truth or answer is none of them.
    """

    stage: StageName
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    others: int
