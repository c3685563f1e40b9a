"""A recipe put together for pictures and a backbone: what is taught, on what, and what becomes of it.

The test split is the evaluation set: it teaches nothing, decides nothing, and measures everything.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.evaluation.stats import wilson
from export.data.folders import readable
from export.data.photographs import CALIBRATION, TOLERANCES
from export.data.pictures import Picture, batches
from export.errors import SourceError
from export.recipe import BuildContext, Built, Entry, Evaluation, Recipe, Screen, Tolerance, Variant
from export.transfer.backbones import Backbone
from export.transfer.classes import Split
from export.transfer.feature_cache import FeatureCache
from export.transfer.features import Extractor, Features, compute
from export.transfer.fine_tune import fine_tune
from export.transfer.head import HeadPlan, classifier, train_head
from export.transfer.splits import Splits
from metadata.card import ModelCard
from metadata.preprocess import Pixels


@dataclass(frozen=True, slots=True)
class TransferTask:
    """What is taught: a name, the pictures, and on which backbone."""

    name: str
    description: str
    splits: Splits
    backbone: Backbone
    license: str
    plan: HeadPlan = field(default_factory=HeadPlan)


def recipe_of(lesson: TransferTask) -> Recipe:
    """The recipe; nothing is loaded or computed yet."""
    backbone, splits = lesson.backbone, lesson.splits
    return Recipe(
        card=ModelCard(
            name=lesson.name,
            description=lesson.description,
            version="1",
            author=f"Handset, on {backbone.name} ({backbone.author})",
            license=lesson.license,
            image=backbone.image,
            labels=splits.labels,
        ),
        parameters=None,
        screen=Screen.GALLERY,
        shipped=True,
        tolerances=tolerances(len(splits.photos[Split.TEST])),
        sources=backbone.sources,
        build=lambda context: _build(lesson, context),
        evaluation=lambda context: Evaluation(f"held-out pictures of {lesson.name}", _entries(splits, context)),
        made_from={
            "pictures": splits.digest,
            "backbone": [backbone.name, dict(backbone.made_from)],
        },
    )


def tolerances(pictures: int) -> Mapping[Variant, Tolerance]:
    """What a variant may lose: no less than so few pictures can show, one and a half times the interval of no loss."""
    shows = round(150 * wilson(0, max(1, pictures)).high, 2)
    return {variant: Tolerance(max(usual.accuracy, shows), usual.agreement) for variant, usual in TOLERANCES.items()}


def _entries(splits: Splits, context: BuildContext) -> Iterator[Entry]:
    test = [(photo.name, photo.path, photo.label) for photo, _ in splits.photos[Split.TEST]]
    return readable("the test pictures", test, context.progress.say)


def _build(lesson: TransferTask, context: BuildContext) -> Built:
    started = time.monotonic()
    backbone, splits, choices = lesson.backbone, lesson.splits, context.choices
    if choices.fine_tune and not backbone.tunable:
        raise SourceError(f"--fine-tune: {backbone.name} is a frozen graph and cannot be taught on; leave it out")
    network = backbone.load(context)
    extractor, cache = Extractor(network, backbone.image), FeatureCache()
    train, validation = (
        _features(f"features to {purpose}", splits, split, extractor, cache, context)
        for purpose, split in (("learn from", Split.TRAIN), ("stop by", Split.VALIDATION))
    )
    classes = len(splits.labels)
    logits, record = train_head(train, validation, classes, lesson.plan, choices.seed, context.progress)
    training: dict[str, Any] = {
        "backbone": {"name": backbone.name, **backbone.made_from},
        "pictures": splits.to_json(),
        "head": record,
    }
    if choices.fine_tune:
        training["fine_tuning"] = fine_tune(
            network,
            logits,
            choices.fine_tune,
            train,
            validation,
            classes,
            backbone.image,
            choices.seed,
            context.progress,
        )
    training["seconds"] = round(time.monotonic() - started, 1)

    def samples(count: int) -> Pixels:
        return _samples(train, backbone, choices.seed, count)

    return Built(classifier(network, logits, classes), samples(CALIBRATION), training, samples)


def _features(
    title: str, splits: Splits, split: Split, extractor: Extractor, cache: FeatureCache, context: BuildContext
) -> Features:
    features = compute(title, splits.photos[split], extractor, cache, context.progress)
    counts = Counter(features.labels.tolist())
    empty = [label for index, label in enumerate(splits.labels) if not counts[index]]
    if empty:
        named = ", ".join(empty[:3])
        raise SourceError(f"no picture to {title.removeprefix('features to ')} can be read of {named}; add some")
    return features


def _samples(train: Features, backbone: Backbone, seed: int, count: int) -> Pixels:
    """So many pictures that taught, as the model sees them; they could be read a minute ago."""
    chosen = np.random.default_rng(seed).permutation(len(train.photos))[:count]
    files = [train.photos[index][0].path for index in sorted(chosen)]
    read = [one.levels for batch in batches(files, backbone.image) for one in batch if isinstance(one, Picture)]
    if not read:
        raise SourceError("none of the pictures to calibrate on can be read any more; put them back and run again")
    return np.stack(read)
