"""The recipe for a user's Keras file or SavedModel, made from the file and the command line."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.desktop import GraphRunner
from export.convert import convert
from export.data import photographs
from export.errors import OwnModelError
from export.networks.saved_model import SavedModel, hash_of
from export.output.fingerprint import listing
from export.own_models import sets
from export.own_models.adapter import assemble, input_layers, output_layers, require_label_count
from export.own_models.graph_ends import GraphEnds, find_graph_ends
from export.own_models.keras_file import KerasFile
from export.own_models.loaded import LoadedModel, in_float, reason
from export.own_models.normalisation import (
    PICTURES,
    InputNormalisation,
    check_normalisation,
    common_normalisations,
    top_label,
)
from export.own_models.options import card_of, door_of, image_of, labels_of, normalisation_of, screen_of, size_of
from export.recipe import BuildContext, Built, OriginalAnswers, Recipe, Screen
from metadata.card import ModelCard
from metadata.hashes import sha256_of
from metadata.preprocess import Pixels

COMPARED = 32  # pictures that show what kind of outputs a model has, and on which fp32 is held against its original
LABELLED = 64  # labelled pictures on which the layers before and after a model are judged


@dataclass(frozen=True, slots=True)
class OwnModelRequest:
    """What the user asks for; `normalisation` is None where labelled pictures are to propose it."""

    source: KerasFile | SavedModel
    card: ModelCard
    screen: Screen
    normalisation: InputNormalisation | None
    calibration: Path | None


def recipe_of(options: argparse.Namespace, source: KerasFile | SavedModel) -> Recipe:
    """The recipe; OwnModelError or MetadataError for a request that cannot be met."""
    size = size_of(options.model.name, source.shape, options.size)
    screen, normalisation = screen_of(options, size), normalisation_of(options, size[2])
    image = image_of(options, size, screen, normalisation)
    if normalisation is not None and not normalisation.is_uniform:  # the app cannot do it, so the graph does
        image = replace(image, mean=(0.0,) * image.channels, std=(1.0,) * image.channels)
    card = card_of(options, image, labels_of(options.labels))
    if source.outputs is not None:
        require_label_count(options.model.name, len(card.labels), source.outputs)
    request = OwnModelRequest(source, card, screen, normalisation, options.calibration)
    return Recipe(
        card=card,
        parameters=None,
        screen=screen,
        shipped=True,
        tolerances=photographs.TOLERANCES,
        sources=() if options.eval_dir and options.calibration else (sets.source(screen),),
        build=lambda context: _build(request, context),
        evaluation=lambda context: sets.evaluation(context, card.image, screen, card.labels),
        door=door_of(options, card.labels),
        made_from=made_from(options, screen, normalisation),
    )


def made_from(
    options: argparse.Namespace, screen: Screen, normalisation: InputNormalisation | None
) -> Mapping[str, Any]:
    """What the export depends on beside the kit and the card: the model's hash, the options and the pictures."""
    return {
        "model": hash_of(options.model) if options.model.is_dir() else sha256_of(options.model),
        "normalisation": None if normalisation is None else normalisation.options,
        "screen": screen,
        "door": options.door,
        "trusted": options.trust,
        "calibration": listing(options.calibration),
        "eval_dir": listing(options.eval_dir),
    }


def _build(request: OwnModelRequest, context: BuildContext) -> Built:
    """The model with the layers that it needs before and after, and pictures to calibrate on; the user is told all."""
    card, say, name = request.card, context.progress.say, request.source.path.name
    loaded = _loaded(request, context)
    levels = sets.calibration(context, card.image, request.screen, request.calibration)
    normalisation = request.normalisation or common_normalisations(card.image.channels)[0]
    scores = _answers(name, loaded, normalisation.apply(levels[:COMPARED], card.image))
    converted = in_float(name, loaded.model, card.image)
    ends = find_graph_ends(converted.frozen)
    outputs = output_layers(name, ends.activation, scores, len(card.labels))
    if outputs.message is not None:
        say(f"  {name}: {outputs.message}")
    _say_preprocessing(name, ends, request.normalisation, context)
    inputs = input_layers(normalisation)
    unchanged = assemble(converted.model, (), (), card.image, card.name)
    adapted = (
        assemble(converted.model, inputs, outputs.layers, card.image, card.name)
        if inputs or outputs.layers
        else unchanged
    )
    if context.choices.eval_dir is not None:
        runner = GraphRunner(converted.frozen.graph_def.SerializeToString(), card.image)
        _check_normalisation(request, context.choices.eval_dir, runner, context)
        if adapted is not unchanged:
            _check_ends(request, context.choices.eval_dir, loaded, adapted, context)
    original = OriginalAnswers(
        f"{name} in {loaded.framework}", levels[:COMPARED], outputs.declared(scores), converted.limit
    )
    more = partial(sets.calibration, context, card.image, request.screen, request.calibration)
    return Built(adapted, levels, training=None, more_calibration=more, original=original)


def _loaded(request: OwnModelRequest, context: BuildContext) -> LoadedModel:
    source, say = request.source, context.progress.say
    if isinstance(source, KerasFile):
        loaded = source.load()
        if source.code:
            say(f"  {source.path.name} carries Python code in {', '.join(source.code)}: trusted, and run")
        return loaded
    graph = source.load()
    say(f"  {source.path.name} is a graph: its signature {source.signature} is used, and no Python of it is run")
    return LoadedModel(graph, graph.predict_on_batch, "TensorFlow")


def _answers(name: str, loaded: LoadedModel, pictures: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The scores of the file as it is; OwnModelError where its own framework cannot compute them."""
    try:
        return loaded.answers(pictures)
    except Exception as error:  # whatever a model's own code raises
        raise OwnModelError(
            f"{name} cannot be run by {loaded.framework}: {reason(error)}; check it with model.predict where it was "
            "made, and save it again"
        ) from error


def _say_preprocessing(
    name: str, ends: GraphEnds, normalisation: InputNormalisation | None, context: BuildContext
) -> None:
    if not ends.preprocessing:
        return
    doubled = normalisation is not None and not normalisation.is_identity
    advice = "; so --mean 0 --std 1, unless it was trained on top of those" if doubled else ""
    prepares = f"{name} prepares its pictures by itself, beginning with {', '.join(ends.preprocessing)}"
    context.progress.say(f"  {'warning: ' if doubled else ''}{prepares}{advice}")


def _check_normalisation(request: OwnModelRequest, folder: Path, runner: GraphRunner, context: BuildContext) -> None:
    image, stated = request.card.image, request.normalisation
    levels, truth = sets.labelled_sample(folder, image, request.card.labels, PICTURES, context.choices.seed)

    def scores(levels: Pixels, normalisation: InputNormalisation) -> Any:
        return runner.run_model_input(normalisation.apply(levels, image))

    common = common_normalisations(image.channels)
    if stated is not None and image.channels == 3:  # the most likely mistake comes first: it wins a tie
        common = tuple(dict.fromkeys((replace(stated, bgr=not stated.bgr), *common)))
    check_normalisation(scores, levels, truth, stated, common, context.progress)


def _check_ends(
    request: OwnModelRequest, folder: Path, loaded: LoadedModel, adapted: Any, context: BuildContext
) -> None:
    """Raise OwnModelError where what was put before or after the model gets fewer labelled pictures right."""
    image, normalisation = request.card.image, request.normalisation
    if normalisation is None:
        return  # the export has ended with a proposal
    levels, truth = sets.labelled_sample(folder, image, request.card.labels, LABELLED, context.choices.seed)
    before = top_label(loaded.answers(normalisation.apply(levels, image))) == truth
    runner = GraphRunner(convert.freeze(adapted, image).graph_def.SerializeToString(), image)
    after = runner.run(levels).argmax(axis=1) == truth
    if after.sum() < before.sum():
        raise OwnModelError(
            f"{request.source.path.name} gets {before.mean():.1%} of {len(truth)} labelled pictures right as it is, "
            f"and {after.mean():.1%} with what was put before and after it; save it so that it ends in a softmax, or "
            "in one sigmoid, and takes pixels in the order RGB"
        )
