"""A recipe made for the user's pictures and a backbone.

The test split is the evaluation set: it is used to measure, never to train or to decide.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.evaluation.pictures import Picture, batches
from benchmarks.evaluation.stats import wilson
from export.data.folders import readable
from export.data.photographs import CALIBRATION, TOLERANCES
from export.data.split_names import Split
from export.errors import SourceError
from export.recipe import BuildContext, Built, Entry, Evaluation, Recipe, Screen, Tolerance, Variant
from export.transfer.backbones import Backbone
from export.transfer.feature_cache import FeatureCache
from export.transfer.features import Extractor, Features, compute
from export.transfer.fine_tune import fine_tune
from export.transfer.head import HeadPlan, classifier, train_head
from export.transfer.splits import Splits
from metadata.card import ModelCard
from metadata.preprocess import Pixels


@dataclass(frozen=True, slots=True)
class TransferTask:
    """What to train: a name, the pictures, and the backbone."""

    name: str
    description: str
    splits: Splits
    backbone: Backbone
    license: str


def recipe_of(task: TransferTask) -> Recipe:
    """The recipe; nothing is loaded or computed yet."""
    backbone, splits = task.backbone, task.splits
    return Recipe(
        card=ModelCard(
            name=task.name,
            description=task.description,
            version="1",
            author=f"Handset, on {backbone.name} ({backbone.author})",
            license=task.license,
            image=backbone.image,
            labels=splits.labels,
        ),
        parameters=None,
        screen=Screen.GALLERY,
        shipped=True,
        tolerances=tolerances(len(splits.photos[Split.TEST])),
        sources=backbone.sources,
        build=lambda context: _build(task, context),
        evaluation=lambda context: Evaluation(f"held-out pictures of {task.name}", _entries(splits, context)),
        made_from={
            "pictures": splits.digest,
            "backbone": [backbone.name, dict(backbone.made_from)],
        },
    )


def tolerances(pictures: int) -> Mapping[Variant, Tolerance]:
    """What a variant may lose: as usual, but at least 1.5 times the smallest loss that so many `pictures` can show."""
    shows = round(150 * wilson(0, max(1, pictures)).high, 2)
    return {variant: Tolerance(max(usual.accuracy, shows), usual.agreement) for variant, usual in TOLERANCES.items()}


def _entries(splits: Splits, context: BuildContext) -> Iterator[Entry]:
    test = [(photo.name, photo.path, photo.label) for photo, _ in splits.photos[Split.TEST]]
    return readable("the test pictures", test, context.progress.say)


def _build(task: TransferTask, context: BuildContext) -> Built:
    started = time.monotonic()
    backbone, splits, choices = task.backbone, task.splits, context.choices
    if choices.fine_tune and not backbone.tunable:
        raise SourceError(f"--fine-tune: {backbone.name} is a frozen graph and cannot be trained; leave it out")
    network = backbone.load(context)
    extractor, cache = Extractor(network, backbone.image), FeatureCache()
    train, validation = (
        _features(purpose, splits, split, extractor, cache, context)
        for purpose, split in (("training", Split.TRAIN), ("validation", Split.VALIDATION))
    )
    classes = len(splits.labels)
    logits, record = train_head(train, validation, classes, HeadPlan(), choices.seed, context.progress)
    training: dict[str, Any] = {
        "backbone": {"name": backbone.name, **backbone.made_from},
        "pictures": splits.to_json(),
        "head": record,
    }
    if choices.fine_tune:
        training["fine_tuning"] = fine_tune(network, logits, train, validation, classes, backbone.image, context)
    training["seconds"] = round(time.monotonic() - started, 1)

    def samples(count: int) -> Pixels:
        return _samples(train, backbone, choices.seed, count)

    return Built(classifier(network, logits, classes), samples(CALIBRATION), training, samples)


def _features(
    purpose: str, splits: Splits, split: Split, extractor: Extractor, cache: FeatureCache, context: BuildContext
) -> Features:
    features = compute(f"features for {purpose}", splits.photos[split], extractor, cache, context.progress)
    counts = Counter(features.labels.tolist())
    empty = [label for index, label in enumerate(splits.labels) if not counts[index]]
    if empty:
        raise SourceError(f"no {purpose} picture of {', '.join(empty[:3])} can be read; add some")
    return features


def _samples(train: Features, backbone: Backbone, seed: int, count: int) -> Pixels:
    """At most `count` training pictures, preprocessed: uint8 (N, height, width, channels)."""
    chosen = np.random.default_rng(seed).permutation(len(train.photos))[:count]
    files = [train.photos[index][0].path for index in sorted(chosen)]
    read = [item.levels for batch in batches(files, backbone.image) for item in batch if isinstance(item, Picture)]
    if not read:
        raise SourceError("none of the pictures to calibrate on can be read any more; put them back and run again")
    return np.stack(read)
