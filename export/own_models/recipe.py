"""The recipe for a user's Keras file or SavedModel, made from the file and the command line."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.evaluation.desktop import GraphRunner
from export.convert import convert
from export.data import photographs
from export.networks.saved_model import GraphModel, SavedModel, hash_of
from export.output.fingerprint import listing
from export.own_models import sets
from export.own_models.adapter import assemble, input_layers, output_layers
from export.own_models.graph_ends import GraphEnds, find_graph_ends
from export.own_models.keras_file import KerasFile
from export.own_models.normalisation import PICTURES, InputNormalisation, check_normalisation, common_normalisations
from export.own_models.options import card_of, door_of, image_of, labels_of, normalisation_of, screen_of, size_of
from export.recipe import BuildContext, Built, Recipe, Screen
from metadata.card import ModelCard
from metadata.hashes import sha256_of
from metadata.preprocess import Pixels

EVIDENCE = 16  # pictures whose scores show what kind of outputs a model has


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
    loaded: Any = request.source.load()
    if isinstance(request.source, KerasFile) and request.source.code:
        say(f"  {name} carries Python code in {', '.join(request.source.code)}: trusted, and run")
        loaded = GraphModel(loaded, loaded.count_params())  # such a Keras file would not load again by itself
    if isinstance(request.source, SavedModel):
        say(f"  {name} is a graph: its signature {request.source.signature} is used, and no Python of it is run")
    levels = sets.calibration(context, card.image, request.screen, request.calibration)
    unchanged = assemble(loaded, (), (), card.image, card.name)
    frozen = convert.freeze(unchanged, card.image)
    runner = GraphRunner(frozen.graph_def.SerializeToString(), card.image)
    ends = find_graph_ends(frozen)
    normalisation = request.normalisation or common_normalisations(card.image.channels)[0]
    scores = runner.classify(normalisation.apply(levels[:EVIDENCE], card.image))
    outputs = output_layers(name, ends.activation, scores, len(card.labels))
    if outputs.message is not None:
        say(f"  {name}: {outputs.message}")
    _say_preprocessing(name, ends, request.normalisation, context)
    if context.choices.eval_dir is not None:
        _check_normalisation(request, context.choices.eval_dir, runner, context)
    inputs = input_layers(normalisation)
    adapted = assemble(loaded, inputs, outputs.layers, card.image, card.name) if inputs or outputs.layers else unchanged
    more = partial(sets.calibration, context, card.image, request.screen, request.calibration)
    return Built(adapted, levels, training=None, more_calibration=more)


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
        return runner.classify(normalisation.apply(levels, image))

    common = common_normalisations(image.channels)
    if stated is not None and image.channels == 3:  # the most likely mistake comes first: it wins a tie
        common = tuple(dict.fromkeys((replace(stated, bgr=not stated.bgr), *common)))
    check_normalisation(scores, levels, truth, stated, common, context.progress)
