"""The common parts of all ImageNet recipes: labels, calibration on photographs, evaluation, and the doggy-door rule."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from export.data import photographs
from export.data.folders import labelled_folder
from export.recipe import BuildContext, Built, Evaluation, Recipe, Screen
from export.source import Source
from metadata.card import ImageSpec, ModelCard
from metadata.door import IMAGENET_DOOR
from metadata.labels import shipped_labels

LABELS = shipped_labels("imagenet")


def imagenet_recipe(
    *,
    name: str,
    description: str,
    author: str,
    parameters: int,
    image: ImageSpec,
    weights: Source,
    network: Callable[[Path], Any],
    shipped: bool,
) -> Recipe:
    """A recipe for an ImageNet classifier; `network` makes the Keras model from the file of `weights`."""
    return Recipe(
        card=ModelCard(
            name=name,
            description=description,
            version="1",
            author=f"{author}; packed by Handset",
            license=weights.license,
            image=image,
            labels=LABELS,
        ),
        parameters=parameters,
        screen=Screen.GALLERY,
        shipped=shipped,
        tolerances=photographs.TOLERANCES,
        sources=(weights, photographs.SOURCE),
        build=partial(_build, image=image, weights=weights, network=network),
        evaluation=_evaluation,
        door=IMAGENET_DOOR,
    )


def _build(context: BuildContext, *, image: ImageSpec, weights: Source, network: Callable[[Path], Any]) -> Built:
    samples = partial(photographs.calibration, context, image)
    return Built(
        network(context.path(weights)), samples(photographs.CALIBRATION), training=None, more_calibration=samples
    )


def _evaluation(context: BuildContext) -> Evaluation:
    """The user's labelled pictures, else unlabelled crops of photographs."""
    if context.choices.eval_dir is None:
        return photographs.evaluation(context)
    return labelled_folder(context.choices.eval_dir, context.progress.say, LABELS, shipped_labels("imagenet_synsets"))
