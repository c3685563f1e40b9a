"""A ready `.tflite` file: missing metadata is added, and it is checked and measured. Nothing is converted.

A file of one output is given two. Everything else in its graph stays as it is.

The model it was converted from is not known, and so the loss of the conversion is not: its record has no parity, and
the answers of LiteRT on this computer are the reference for phones.
"""

import argparse
import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from benchmarks.evaluation.desktop import Probabilities, answer
from benchmarks.evaluation.separate_process import require_running
from benchmarks.formats.models_file import ExportRecord
from export.checks import verify
from export.convert.variants import described, runner
from export.errors import OwnModelError, VariantError
from export.own_models import sets
from export.own_models.normalisation import PICTURES, InputNormalisation, check_normalisation, common_normalisations
from export.own_models.options import (
    MISSING_NORMALISATION,
    card_of,
    door_of,
    image_of,
    labels_of,
    normalisation_of,
    screen_of,
    size_of,
)
from export.own_models.recipe import made_from
from export.own_models.two_outputs import with_two_outputs
from export.pipeline import begin
from export.recipe import GIVEN, BuildContext, Built, Choices, Progress, Recipe
from metadata import reader, writer
from metadata.archive import read_archive
from metadata.card import ModelCard, per_channel
from metadata.check_output import output_problem
from metadata.labels import class_names, explain_count
from metadata.model_file import parse_model
from metadata.preprocess import Pixels
from metadata.reader import PackedModel
from metadata.resize import with_input_size
from metadata.runtimes import APP_RUNTIME, Runtime, load_runtime

TENSOR_TYPES = ("float32", "uint8", "int8")
ROUNDING = 1e-3  # how far outside of 0 to 1 a probability may be
CONVERT = "convert it again with one float32 or 8-bit input (1, height, width, 1 or 3) and one output (1, labels)"


@dataclass(frozen=True, slots=True)
class ReadyModel:
    """A ready file's bytes, its card, and its input normalisation: None where pictures are to propose it."""

    data: bytes = field(repr=False)
    card: ModelCard
    normalisation: InputNormalisation | None


def recipe_of(options: argparse.Namespace) -> Recipe:
    """The recipe of the file; OwnModelError or MetadataError for one that cannot be shipped."""
    if options.order == "bgr":
        raise OwnModelError("--order bgr would change the graph of a ready file; give the Keras file it was made from")
    data = reader.read_file(options.model)
    packed = reader.read(options.model)
    verify.require_computable(options.model.name, packed, load_runtime(APP_RUNTIME))
    size = _size(options.model.name, packed, options.size)
    if packed.file.inputs[0].is_any_size:
        data = with_input_size(data, *size[:2])
    screen = screen_of(options, size)
    normalisation = _normalisation(options, packed, size[2])
    image = image_of(options, size, screen, normalisation, packed.image)
    outputs = packed.file.outputs[0].numbers or 0
    given = packed.labels if options.labels is None and packed.labels else labels_of(options.labels)
    labels = class_names(given, outputs)
    mismatch = explain_count(len(labels), outputs)
    if mismatch is not None:
        raise OwnModelError(f"labels do not fit the model: {mismatch}")
    card = card_of(options, image, labels, packed.metadata)
    ready = ReadyModel(data, card, normalisation)
    return Recipe(
        card=card,
        parameters=None,
        screen=screen,
        shipped=True,
        tolerances={},
        sources=() if options.eval_dir else (sets.source(screen),),
        build=_refuse_to_build,
        evaluation=lambda context: sets.evaluation(context, image, screen, labels),
        door=door_of(options, labels),
        made_from=made_from(options, screen, normalisation),
        export=partial(_export, ready),
    )


def _size(name: str, packed: PackedModel, requested: tuple[int, int] | None) -> tuple[int, int, int]:
    """(height, width, channels) of the only input; OwnModelError where the file is no classifier of one picture."""
    inputs, outputs = packed.file.inputs, packed.file.outputs
    if len(inputs) != 1 or len(outputs) != 1:
        raise OwnModelError(f"{name} has {len(inputs)} inputs and {len(outputs)} outputs, not one of each; {CONVERT}")
    open_axes = (1, 2) if inputs[0].is_any_size else ()
    shape = tuple(None if axis in open_axes and side <= 1 else side for axis, side in enumerate(inputs[0].shape))
    size = size_of(name, shape, requested or (packed.stated_size if open_axes else None))
    if inputs[0].shape[0] != 1 or inputs[0].dtype not in TENSOR_TYPES or min(size) < 1:
        raise OwnModelError(f"{name} takes {inputs[0].dtype} {inputs[0].shape}; {CONVERT}")
    if inputs[0].dtype != "float32" and inputs[0].quantization is None:
        raise OwnModelError(
            f"{name} takes {inputs[0].dtype} without scale and zero point, so nothing says what a pixel is to it; "
            "convert it again with a float32 input, or quantise it as a whole with inference_input_type"
        )
    problem = output_problem(packed.file)
    if problem is not None:
        raise OwnModelError(f"{name} is no classifier: {problem}")
    return size


def _normalisation(options: argparse.Namespace, packed: PackedModel, channels: int) -> InputNormalisation | None:
    """As the command line states it, else as the file does; None where labelled pictures are to propose it."""
    if options.mean is not None or options.std is not None:
        return normalisation_of(options, channels)
    if packed.image is not None and packed.image.channels == channels:
        return InputNormalisation(packed.image.mean, packed.image.std)
    stated = packed.metadata.inputs[0].normalization if packed.metadata and packed.metadata.inputs else None
    if stated is not None and {len(stated.mean), len(stated.std)} <= {1, channels}:
        return InputNormalisation(per_channel(stated.mean, channels), per_channel(stated.std, channels))
    if options.eval_dir is None:
        raise OwnModelError(MISSING_NORMALISATION)
    return None


def _export(
    ready: ReadyModel, recipe: Recipe, choices: Choices, runtime: Runtime, staged: Path, progress: Progress
) -> ExportRecord:
    """As `pipeline.export`: fill `staged` and return the record; ExportError when the file must not ship."""
    begun = begin(recipe, choices, runtime, staged, progress)
    require_running(recipe.name, ready.data)
    evaluated = begun.evaluated
    _check_normalisation(ready, begun.context)
    path, packing = staged / f"{recipe.name}_{GIVEN}.tflite", time.monotonic()
    path.write_bytes(writer.pack(_labelled(ready, progress), ready.card))
    packed = reader.read(path)
    verify.admit(path.name, packed, runtime, parameters=0)
    seconds = time.monotonic() - packing
    with progress.stage("answer with LiteRT", len(evaluated.ids)) as stage:
        packed_runner = runner(path.name, path.read_bytes(), ready.card.image)
        answers = answer(evaluated, ready.card.image, {GIVEN: packed_runner}, stage.advance)[GIVEN]
        stage.advance(0, f"{len(evaluated.ids)} inputs")
    _require_probabilities(path.name, answers)
    accuracy = float((answers.argmax(axis=1) == np.array(evaluated.truth)).mean()) if evaluated.labelled else None
    return begun.finished(
        path,
        answers,
        {GIVEN: path},
        parameters=None,
        training=None,
        variants={GIVEN: structs.replace(described(staged, path, packed, seconds), accuracy=accuracy)},
        default_variant=GIVEN,
        remedies=(),
        trained_with=None,
    )


def _labelled(ready: ReadyModel, progress: Progress) -> bytes:
    """The file with an output for each label."""
    if parse_model(ready.data).outputs[0].numbers != 1:
        return ready.data
    first, second = ready.card.labels
    progress.say(f"  one output becomes two probabilities, of {first} and of {second}: it is that of the second label")
    return with_two_outputs(ready.data[: read_archive(ready.data).start])


def _require_probabilities(name: str, answers: Probabilities) -> None:
    low, high = float(answers.min()), float(answers.max())
    if not (low >= -ROUNDING and high <= 1 + ROUNDING):  # in this form the condition refuses NaN too
        raise VariantError(
            f"{name} answers with numbers from {low:.3g} to {high:.3g}, which are no probabilities; give the Keras "
            "file, where a softmax can be appended, or convert it with one"
        )


def _check_normalisation(ready: ReadyModel, context: BuildContext) -> None:
    """Check mean and deviation on the user's labelled pictures, where there are some."""
    folder, image = context.choices.eval_dir, ready.card.image
    if folder is None:
        return
    levels, truth = sets.labelled_sample(folder, image, ready.card.labels, PICTURES, context.choices.seed)

    def scores(levels: Pixels, normalisation: InputNormalisation) -> Any:
        spec = replace(image, mean=normalisation.mean, std=normalisation.std)
        return runner(ready.card.name, ready.data, spec).run(levels)

    # BGR would need a change of the graph, which is not made in a ready file.
    rgb = [normalisation for normalisation in common_normalisations(image.channels) if not normalisation.bgr]
    check_normalisation(scores, levels, truth, ready.normalisation, rgb, context.progress)


def _refuse_to_build(_: BuildContext) -> Built:
    raise OwnModelError("a ready .tflite file has no model to build; it is exported as it is")
