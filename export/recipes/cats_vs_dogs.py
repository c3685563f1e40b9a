"""Cats and dogs, taught on a frozen network: the transfer learning of most courses, with splits that do not overlap.

The extractor is MobileNetV2 at 96 pixels with Keras's ImageNet weights; where those cannot be had, EfficientNet-Lite0
at 224, which comes from a package. The manifest says which it was.
"""

from dataclasses import replace
from pathlib import Path

from export.errors import SourceError
from export.recipe import Choices, Progress, Recipe
from export.source import KerasDownload, Source
from export.transfer import applications, tfds
from export.transfer.backbones import EFFICIENTNET_LITE0, WHOLE, Backbone
from export.transfer.classes import Classes, Split, find
from export.transfer.splits import Splits, divide
from export.transfer.task import TransferTask, recipe_of

LABELS = ("cat", "dog")
SIDE = 96
FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5"
WEIGHTS = Source(
    name="mobilenet_v2_96",
    license="Apache-2.0",
    option="--weights",
    # Keras states no hash for this one; the manifest records what was had.
    keras_file=KerasDownload(FILE, f"https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/{FILE}"),
)
MOBILENET_V2 = Backbone(
    name="MobileNetV2",
    image=applications.image(applications.APPLICATIONS["MobileNetV2"], SIDE, WHOLE),
    author="Mark Sandler, Andrew Howard et al. (Google), weights by way of Keras",
    license="Apache-2.0",
    load=lambda context: applications.load("MobileNetV2", SIDE, context.path(WEIGHTS), context),
    sources=(WEIGHTS,),
)


def resolve(choices: Choices, progress: Progress) -> tuple[Recipe, ...]:
    """The recipe on either backbone, once it is known which pictures there are; SourceError where there are none."""
    folder = choices.images or tfds.folder("cats_vs_dogs", "4.0.1", progress)
    classes = _named(find(folder))
    if choices.eval_dir is not None:
        classes = _measured_on(classes, _named(find(choices.eval_dir)))
    splits = divide(classes, choices.seed, progress)
    return tuple(_recipe(splits, backbone) for backbone in (MOBILENET_V2, EFFICIENTNET_LITE0))


def _named(classes: Classes) -> Classes:
    """The same with this recipe's labels, however their folders are spelled: `Cat`, `dogs`."""
    plain = tuple(label.casefold().removesuffix("s") for label in classes.labels)
    if plain != LABELS:
        raise SourceError(
            f"{classes.folder} has the classes {', '.join(classes.labels[:4])}, cats_vs_dogs wants cat and dog; "
            "python -m export.teach takes any"
        )
    return replace(classes, labels=LABELS)


def _measured_on(classes: Classes, test: Classes) -> Classes:
    """Pictures that the user wants measured are the test split; a copy of one among the others teaches nothing."""
    place = Path(test.folder).resolve().name
    held_out = (replace(photo, split=Split.TEST, name=f"{place}/{photo.name}") for photo in test.photos)
    return replace(classes, photos=(*(photo for photo in classes.photos if photo.split is not Split.TEST), *held_out))


def _recipe(splits: Splits, backbone: Backbone) -> Recipe:
    return recipe_of(
        TransferTask(
            name="cats_vs_dogs",
            description=f"Cat or dog: {backbone.name}, frozen, and one taught layer.",
            splits=splits,
            backbone=backbone,
            license=f"{backbone.license}; pictures by their authors",
        )
    )


RECIPE = replace(_recipe(Splits(LABELS, dict.fromkeys(Split, ())), MOBILENET_V2), parameters=2_260_546, resolve=resolve)
