"""Features of many photographs beside `model.predict` on a prefetching `tf.data` pipeline, decoding in parallel.

Both start from the same files and end with the same vectors. The photographs are those beside a developer's checkout.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.formats.inputs import DECODERS
from export.data import sources
from export.data.split_names import Split
from export.recipe import BuildContext, Choices
from export.transfer.backbones import EFFICIENTNET_LITE0
from export.transfer.classes import find
from export.transfer.feature_cache import FeatureCache
from export.transfer.features import Extractor, compute
from export.transfer.splits import Hashed, divide
from tests.perf.commands import ROOT
from tests.perf.ratio import Ratio
from tests.perf.silence import SILENT

DATA = Path(os.environ.get("HANDSET_TEST_DATA") or ROOT.parent / "shared" / "data") / "cats_dogs"
PHOTOGRAPHS = 2000
BATCH = 32
ROUNDS = 2
IMAGE = EFFICIENTNET_LITE0.image


def measure() -> list[Ratio]:
    """2000 photographs through EfficientNet-Lite0, in turns; nothing where there are no photographs."""
    if not DATA.is_dir():
        return []
    splits = divide(find(DATA), 0, SILENT)
    photos = [one for split in Split for one in splits.photos[split]][:PHOTOGRAPHS]
    files = {source.name: sources.obtain(source, None, print) for source in EFFICIENTNET_LITE0.sources}
    network = EFFICIENTNET_LITE0.load(BuildContext(files, Choices(), SILENT))
    extractor = Extractor(network, IMAGE)
    _theirs(network, photos[:BATCH])  # it is traced once
    ours_s, ratios = [], []
    for _ in range(ROUNDS):
        theirs_s, expected = _timed(lambda: _theirs(network, photos))
        with tempfile.TemporaryDirectory() as empty:
            cache = FeatureCache(Path(empty))
            seconds, computed = _timed(lambda: compute("features", photos, extractor, cache, SILENT).vectors)  # noqa: B023
            again_s, _ = _timed(lambda: compute("features", photos, extractor, cache, SILENT))  # noqa: B023
        ours_s.append(seconds)
        ratios.append(theirs_s / seconds)
    return [
        Ratio(f"features of {PHOTOGRAPHS} photographs over predict on tf.data, times as fast", _median(ratios), 1.0),
        Ratio("the same, seconds", _median(ours_s), None),
        Ratio("the same once they are known, seconds", again_s, 2, at_most=True),
        # Their pictures are resized by tf.image, which agrees with Pillow's filter to a level or two.
        Ratio("least correlation of a photograph's features both ways", _correlation(computed, expected), None),
    ]


def _theirs(network: Any, photos: list[Hashed]) -> Any:
    """What a careful user of Keras would write."""

    def load(path: Any) -> Any:
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        side = tf.reduce_min(tf.shape(picture)[:2])
        square = tf.image.resize_with_crop_or_pad(picture, side, side)
        small = tf.image.resize(square, (IMAGE.height, IMAGE.width), antialias=True)
        return (small - IMAGE.mean[0]) / IMAGE.std[0]

    paths = tf.data.Dataset.from_tensor_slices([str(photo.path) for photo, _ in photos])
    pictures = paths.map(load, num_parallel_calls=DECODERS).batch(BATCH).prefetch(tf.data.AUTOTUNE)
    return network.predict(pictures, verbose=0)


def _timed(work: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def _median(values: list[float]) -> float:
    return statistics.median(values)


def _correlation(ours: Any, theirs: Any) -> float:
    return float(min(np.corrcoef(one, other)[0, 1] for one, other in zip(ours, theirs, strict=True)))
