"""Recipes: what a model is, where its data and weights come from, and how much accuracy a conversion may cost.

Listing recipes, or finding that nothing has changed, runs none of their functions and imports no TensorFlow.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from benchmarks.formats.models_file import ExportRecord
from export.source import Source, SourceFile
from metadata.card import ModelCard
from metadata.door import Door


class Variant(StrEnum):
    """How the weights and the arithmetic are stored. `int8` is full integer with uint8 input and output.

    `int16x8` has activations of 16 bits and weights of 8, `int8_mixed` is int8 with its worst layers in float; both
    are fed and answer in float32. They are made where int8 loses too much, or where they are asked for.
    """

    FP32 = "fp32"
    FP16 = "fp16"
    DYNAMIC = "dynamic"
    INT8 = "int8"
    INT16X8 = "int16x8"
    INT8_MIXED = "int8_mixed"


GIVEN = "given"
"""In place of a variant: a ready `.tflite` file of the user's, of which it is not known how it was converted."""
STANDARD = (Variant.FP32, Variant.FP16, Variant.DYNAMIC, Variant.INT8)


class TrainedWith(StrEnum):
    """How a model's pictures were resized for its training: whole and stretched, as the libraries' examples do.

    `tf_*` is `tf.image.resize` without antialiasing, on what TensorFlow decodes; `keras_nearest` is
    `keras.utils.load_img` with a target size.
    """

    TF_BILINEAR = "tf_bilinear"
    TF_BICUBIC = "tf_bicubic"
    KERAS_NEAREST = "keras_nearest"


class Screen(StrEnum):
    """The screen of the app that a model serves."""

    DIGIT = "digit"
    GALLERY = "gallery"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a variant may lose against Keras, in percentage points of the evaluation set.

    `accuracy` bounds the drop in top-1 accuracy where the truth is known; `agreement` bounds the share of inputs whose
    top-1 differs from Keras's where it is not.
    """

    accuracy: float
    agreement: float


class ProgressStage(Protocol):
    """A running stage of the work; the terminal shows it."""

    def advance(self, done: int, note: str = "") -> None: ...


class Progress(Protocol):
    """Where a long function reports its progress."""

    def say(self, line: str) -> None: ...

    def stage(self, title: str, total: int) -> AbstractContextManager[ProgressStage]: ...


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user chose on the command line; `local_files` are files by the option that names them.

    `full` trains on all data where a recipe's default is a subset; `fine_tune` is how many layers of a backbone are
    trained too. `trained_with` asks what another resize than that of the training costs. `images` is a folder of class
    folders to train on.
    """

    local_files: Mapping[str, Path | None] = field(default_factory=dict)
    variants: tuple[Variant, ...] = STANDARD
    seed: int = 0
    eval_dir: Path | None = None
    full: bool = False
    fine_tune: int = 0
    trained_with: TrainedWith | None = None
    images: Path | None = None


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What a recipe's functions need: source files by source name, and the user's choices."""

    files: Mapping[str, tuple[SourceFile, ...]]
    choices: Choices
    progress: Progress

    def path(self, source: Source) -> Path:
        """The only file of a one-file source."""
        return self.files[source.name][0].path


@dataclass(frozen=True, slots=True)
class OriginalAnswers:
    """What a user's file answers in its own framework, before anything in it is changed for the export.

    `levels` are uint8 (N, height, width, channels), `probabilities` float32 (N, labels); fp32 may differ from them by
    `limit` and no more. `name` says which file, and in what it ran.
    """

    name: str
    levels: npt.NDArray[np.uint8] = field(repr=False)
    probabilities: npt.NDArray[np.float32] = field(repr=False)
    limit: float


@dataclass(frozen=True, slots=True)
class Built:
    """A Keras model ready to convert; `calibration` is preprocessed pictures, uint8 (N, height, width, channels).

    `more_calibration` returns as many samples as it is asked for, or all that there are; None for no more. `original`
    is there for a user's own file.
    """

    model: Any
    calibration: npt.NDArray[np.uint8]
    training: Mapping[str, Any] | None
    more_calibration: Callable[[int], npt.NDArray[np.uint8]] | None = None
    original: OriginalAnswers | None = None


class Entry(NamedTuple):
    """An evaluation input: a name ending in `.raw` for bare pixels, else an encoded picture; truth is a label index."""

    id: str
    data: bytes
    truth: int | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluation set by name."""

    name: str
    entries: Iterable[Entry]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One model. `shipped` says whether an export puts it in the app's assets.

    `parameters` is None where only the built model knows. `made_from` is, for a recipe of a user's own files, what it
    depends on beside code and sources: hashes and options, as JSON, for its fingerprint. `resolve` returns the
    recipes that this one stands for, given the user's choices: the best first, then those to use where a source of a
    better one cannot be obtained. `export` replaces `pipeline.export`, with the same signature, where there is no model
    to build.
    """

    card: ModelCard
    parameters: int | None
    screen: Screen
    shipped: bool
    tolerances: Mapping[Variant, Tolerance]
    sources: tuple[Source, ...]
    build: Callable[[BuildContext], Built]
    evaluation: Callable[[BuildContext], Evaluation]
    door: Door | None = None
    made_from: Mapping[str, Any] = field(default_factory=dict)
    resolve: "Callable[[Choices, Progress], tuple[Recipe, ...]] | None" = None
    export: Callable[..., ExportRecord] | None = None

    @property
    def name(self) -> str:
        return self.card.name

    def tolerance(self, variant: Variant) -> Tolerance:
        """What `variant` may lose: as much as int8, where the recipe does not say."""
        return self.tolerances.get(variant, self.tolerances[Variant.INT8])
