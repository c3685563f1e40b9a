"""A recipe put together for a user's Keras file or SavedModel, of what the file and the command line say."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.evaluation.desktop import GraphRunner
from export.convert import convert
from export.data import photographs
from export.output.fingerprint import listing
from export.own_models import adapt, guess, sets
from export.own_models.ends import GraphEnds, ends
from export.own_models.feeding import Feeding, usual
from export.own_models.graph_model import GraphModel
from export.own_models.keras_file import KerasFile
from export.own_models.picture import card_of, door_of, feeding_of, image_of, labels_of, screen_of, size_of
from export.own_models.saved_model import SavedModel, hash_of
from export.recipe import BuildContext, Built, Recipe, Screen
from metadata.card import ModelCard
from metadata.hashes import sha256_of
from metadata.preprocess import Pixels

EVIDENCE = 16  # pictures that show what a model answers with


@dataclass(frozen=True, slots=True)
class OwnModelRequest:
    """Everything the user ordered. `feeding` None is to be proposed."""

    source: KerasFile | SavedModel
    card: ModelCard
    screen: Screen
    feeding: Feeding | None
    calibration: Path | None


def recipe_of(options: argparse.Namespace, source: KerasFile | SavedModel) -> Recipe:
    """The recipe; OwnModelError or MetadataError for an order that cannot be carried out."""
    size = size_of(options.model.name, source.shape, options.size)
    screen, feeding = screen_of(options, size), feeding_of(options, size[2])
    image = image_of(options, size, screen, feeding)
    if feeding is not None and not feeding.is_plain:  # the phone's table cannot do it, so the graph does
        image = replace(image, mean=(0.0,) * image.channels, std=(1.0,) * image.channels)
    card = card_of(options, image, labels_of(options.labels))
    order = OwnModelRequest(source, card, screen, feeding, options.calibration)
    return Recipe(
        card=card,
        parameters=None,
        screen=screen,
        shipped=True,
        tolerances=photographs.TOLERANCES,
        sources=() if options.eval_dir and options.calibration else (sets.source(screen),),
        build=lambda context: build(order, context),
        evaluation=lambda context: sets.evaluation(context, card.image, screen, card.labels),
        door=door_of(options, card.labels),
        made_from=made_from(options, screen, feeding),
    )


def made_from(options: argparse.Namespace, screen: Screen, feeding: Feeding | None) -> Mapping[str, Any]:
    """What the export depends on beside the kit and the card: the model's own hash, options and the pictures."""
    return {
        "model": hash_of(options.model) if options.model.is_dir() else sha256_of(options.model),
        "feeding": None if feeding is None else feeding.options,
        "screen": screen,
        "door": options.door,
        "trusted": options.trust,
        "calibration": listing(options.calibration),
        "eval_dir": listing(options.eval_dir),
    }


def build(order: OwnModelRequest, context: BuildContext) -> Built:
    """The model with what it needs at both ends, and pictures to calibrate on; every finding is said."""
    card, say, name = order.card, context.progress.say, order.source.path.name
    loaded: Any = order.source.load()
    if isinstance(order.source, KerasFile) and order.source.code:
        say(f"  {name} carries Python code in {', '.join(order.source.code)}: trusted, and run")
        loaded = GraphModel(loaded, loaded.count_params())  # such a Keras file would not load again by itself
    if isinstance(order.source, SavedModel):
        say(f"  {name} is a graph: its signature {order.source.signature} is used, and no Python of it is run")
    levels = sets.calibration(context, card.image, order.screen, order.calibration)
    plain = adapt.assembled(loaded, (), (), card.image, card.name)
    frozen = convert.freeze(plain, card.image)
    runner = GraphRunner(frozen.graph_def.SerializeToString(), card.image)
    found = ends(frozen)
    feeding = order.feeding or usual(card.image.channels)[0]
    after = adapt.back(
        name, found.ending, runner.classify(feeding.fed(levels[:EVIDENCE], card.image)), len(card.labels)
    )
    if after.said is not None:
        say(f"  {name}: {after.said}")
    _say_beginning(name, found, order.feeding, context)
    if context.choices.eval_dir is not None:
        _check_feeding(order, context, runner)
    before = adapt.front(feeding)
    whole = adapt.assembled(loaded, before, after.steps, card.image, card.name) if before or after.steps else plain
    more = partial(sets.calibration, context, card.image, order.screen, order.calibration)
    return Built(whole, levels, training=None, more_calibration=more)


def _say_beginning(name: str, found: GraphEnds, feeding: Feeding | None, context: BuildContext) -> None:
    if not found.begins:
        return
    doubled = feeding is not None and not feeding.is_nothing
    advice = "; so --mean 0 --std 1, unless it was trained on top of those" if doubled else ""
    prepares = f"{name} prepares its pictures by itself, beginning with {', '.join(found.begins)}"
    context.progress.say(f"  {'warning: ' if doubled else ''}{prepares}{advice}")


def _check_feeding(order: OwnModelRequest, context: BuildContext, runner: GraphRunner) -> None:
    image, labels = order.card.image, order.card.labels
    folder, seed = context.choices.eval_dir, context.choices.seed
    assert folder is not None  # noqa: S101 - the caller looked
    levels, truth = sets.labelled_sample(folder, image, labels, guess.PICTURES, seed)

    def scores(levels: Pixels, feeding: Feeding) -> Any:
        return runner.classify(feeding.fed(levels, image))

    others = usual(image.channels)
    if order.feeding is not None and image.channels == 3:  # the likeliest mistake first: it wins a tie
        others = (replace(order.feeding, bgr=not order.feeding.bgr), *others)
    guess.verify(scores, levels, truth, order.feeding, tuple(dict.fromkeys(others)), context.progress)
