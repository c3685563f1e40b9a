"""Backbones: frozen networks from a picture to a vector of features. Nothing is loaded before `Backbone.load`.

A backbone's network takes batches of any size. As it is frozen, a picture's features need to be computed only once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from export.errors import SourceError, unknown
from export.networks import efficientnet_lite0
from export.networks.saved_model import hash_of, is_saved_model
from export.recipe import BuildContext
from export.source import Source
from export.transfer import applications, hub
from export.transfer.applications import APPLICATIONS
from metadata.card import CenterSquare, ImageSpec
from metadata.hashes import sha256_of

DEFAULT = "efficientnet_lite0"
WHOLE = CenterSquare(1, 1)
NO_WEIGHTS = "none"
LARGEST_SIDE = 1024


@dataclass(frozen=True, slots=True)
class Backbone:
    """A backbone. `made_from` is what its features depend on beside its sources: hashes and options.

    `load` returns a Keras model from pictures, normalised as `image` says, to features (N, n); or, where `tunable` is
    False, a graph that is called like one.
    """

    name: str
    image: ImageSpec
    author: str
    license: str
    load: Callable[[BuildContext], Any]
    sources: tuple[Source, ...] = ()
    made_from: Mapping[str, Any] = field(default_factory=dict)
    tunable: bool = True


@dataclass(frozen=True, slots=True)
class BackboneOptions:
    """What the user states about a backbone; None is its default. `weights` is a file, or `none` for random ones."""

    weights: str | None = None
    size: int | None = None
    mean: float | None = None
    std: float | None = None


NO_OPTIONS = BackboneOptions()


def find(name: str, options: BackboneOptions = NO_OPTIONS) -> Backbone:
    """The backbone that `--backbone` names: the embedded one, one of keras.applications, or a SavedModel's folder.

    SourceError, with the nearest name, for anything else, and for options that do not go with it.
    """
    path = Path(name)
    if name == DEFAULT:
        _refuse(options, "it has its own size and pixels", "size", "mean", "std")
        if options.weights == NO_WEIGHTS:
            raise SourceError(f"--weights {NO_WEIGHTS}: {DEFAULT} has its own; leave the option out, or give a file")
        return EFFICIENTNET_LITE0
    if name in APPLICATIONS:
        _refuse(options, "keras.applications says how its pixels are prepared", "mean", "std")
        return keras_application(name, options)
    if is_saved_model(path):
        _refuse(options, "a SavedModel carries them", "weights")
        return saved_model(path, options)
    if path.is_dir():
        raise SourceError(f"--backbone {name}: no SavedModel there (saved_model.pb); give the folder that holds it")
    known = unknown("backbone", name, (DEFAULT, *APPLICATIONS))
    raise SourceError(f"{known}; or give the folder of a SavedModel")


def _refuse(options: BackboneOptions, why: str, *names: str) -> None:
    for name in names:
        if (value := getattr(options, name)) is not None:
            raise SourceError(f"--{name} {value} does not go with this backbone: {why}; leave it out")


def keras_application(name: str, options: BackboneOptions) -> Backbone:
    """A model of keras.applications. Nothing is loaded or fetched yet."""
    application = APPLICATIONS[name]
    side = application.side if options.size is None else options.size
    if not application.least_side <= side <= LARGEST_SIDE:
        raise SourceError(f"--size {side}: {name} takes {application.least_side} to {LARGEST_SIDE}; give one of these")
    made_from = {"weights": options.weights or "ImageNet"}
    weights: Path | str | None = options.weights
    if options.weights not in (None, NO_WEIGHTS):
        weights = Path(str(options.weights))
        if not weights.is_file():
            raise SourceError(f"--weights {weights}: no such file; give one, or leave it out")
        made_from = {"weights": sha256_of(weights)}
    return Backbone(
        name=name,
        image=applications.image(application, side, WHOLE),
        author="keras.applications",
        license="Apache-2.0 (Keras; weights by their authors)",
        load=lambda context: applications.load(name, side, weights, context),
        made_from=made_from,
    )


def saved_model(path: Path, options: BackboneOptions) -> Backbone:
    """The SavedModel in a folder: a feature vector of TF Hub or Kaggle Models."""
    image = hub.image(path, options.size, options.mean, options.std, WHOLE)
    return Backbone(
        name=path.resolve().name,
        image=image,
        author="a SavedModel of the user's",
        license="the SavedModel's",
        load=lambda _: hub.load(path, image),
        made_from={"saved_model": hash_of(path)},
        tunable=False,
    )


def _load_efficientnet_lite0(context: BuildContext) -> Any:
    import keras

    model = efficientnet_lite0.pretrained(context.path(efficientnet_lite0.WEIGHTS))
    return keras.Model(model.inputs, model.get_layer("pool").output, name=DEFAULT)


EFFICIENTNET_LITE0 = Backbone(
    name=DEFAULT,
    image=replace(efficientnet_lite0.IMAGE, crop=WHOLE),
    author="Mingxing Tan, Renjie Liu (TensorFlow)",
    license="Apache-2.0",
    load=_load_efficientnet_lite0,
    sources=(efficientnet_lite0.WEIGHTS,),
)
