"""Cats and dogs by transfer learning, as most courses do it, with splits that do not overlap.

The backbone is MobileNetV2 at 96 pixels with Keras's ImageNet weights; where those cannot be obtained, it is
EfficientNet-Lite0 at 224 pixels, which comes from a package. The manifest records which it is.
"""

from dataclasses import replace
from pathlib import Path

from export.data.split_names import Split
from export.errors import SourceError
from export.networks.weights import keras_weights
from export.recipe import Choices, Progress, Recipe
from export.transfer import applications, tfds
from export.transfer.backbones import EFFICIENTNET_LITE0, WHOLE, Backbone
from export.transfer.classes import Classes, find
from export.transfer.splits import Splits, divide
from export.transfer.task import TransferTask, recipe_of

LABELS = ("cat", "dog")
SIDE = 96
FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5"
WEIGHTS = keras_weights("mobilenet_v2_96", "mobilenet_v2", FILE, "Apache-2.0")
MOBILENET_V2 = Backbone(
    name="MobileNetV2",
    image=applications.image(applications.APPLICATIONS["MobileNetV2"], SIDE, WHOLE),
    author="Mark Sandler, Andrew Howard et al. (Google), weights by way of Keras",
    license="Apache-2.0",
    load=lambda context: applications.load("MobileNetV2", SIDE, context.path(WEIGHTS), context),
    sources=(WEIGHTS,),
)


def resolve(choices: Choices, progress: Progress) -> tuple[Recipe, ...]:
    """The recipe on each of the two backbones, for the user's pictures; SourceError where there are none."""
    folder = choices.images or tfds.folder("cats_vs_dogs", "4.0.1", progress)
    classes = _named(find(folder))
    if choices.eval_dir is not None:
        classes = _with_test_split(classes, _named(find(choices.eval_dir)))
    splits = divide(classes, choices.seed, progress)
    return tuple(_recipe(splits, backbone) for backbone in (MOBILENET_V2, EFFICIENTNET_LITE0))


def _named(classes: Classes) -> Classes:
    """The same classes with this recipe's labels; their folders may be called `Cat` or `dogs` too."""
    plain = tuple(label.casefold().removesuffix("s") for label in classes.labels)
    if plain != LABELS:
        raise SourceError(
            f"{classes.folder} has the classes {', '.join(classes.labels[:4])}, cats_vs_dogs wants cat and dog; "
            "python -m export.teach takes any"
        )
    return replace(classes, labels=LABELS)


def _with_test_split(classes: Classes, test: Classes) -> Classes:
    """The classes with the pictures of `test` as their test split. A copy of one of these is not used for training.

    Where `test` has splits of its own, the pictures of one that was held out are taken.
    """
    there = {photo.split for photo in test.photos}
    chosen = next(split for split in (Split.TEST, Split.VALIDATION, Split.TRAIN, None) if split in there)
    folder = Path(test.folder).resolve().name
    held_out = (
        replace(photo, split=Split.TEST, name=f"{folder}/{photo.name}")
        for photo in test.photos
        if photo.split is chosen
    )
    training = (photo for photo in classes.photos if photo.split is not Split.TEST)
    return replace(classes, photos=(*training, *held_out), notes=(*classes.notes, *test.notes))


def _recipe(splits: Splits, backbone: Backbone) -> Recipe:
    return recipe_of(
        TransferTask(
            name="cats_vs_dogs",
            description=f"Cat or dog: {backbone.name}, frozen, and one trained layer.",
            splits=splits,
            backbone=backbone,
            license=f"{backbone.license}; pictures by their authors",
        )
    )


RECIPE = replace(_recipe(Splits(LABELS, dict.fromkeys(Split, ())), MOBILENET_V2), parameters=2_260_546, resolve=resolve)
