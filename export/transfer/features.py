"""The features of many photographs, computed a batch at a time and cached, so that each is computed once.

The backbone runs as fp32 in TensorFlow Lite, on two threads: the phone's arithmetic, and faster than Keras. While the
features of a batch are computed, the next batch is decoded; no more than two are in memory.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.desktop import TfliteRunner
from benchmarks.evaluation.pictures import Picture, batches
from export.convert import convert
from export.data.folders import report_skipped
from export.recipe import Progress, Variant
from export.transfer.feature_cache import FeatureCache
from export.transfer.splits import Hashed
from metadata.card import ImageSpec

BATCH = 64
SHARD = 16  # batches, a thousand pictures, are written to the cache together, and not lost by an interruption

Vectors = npt.NDArray[np.float32]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Features:
    """A vector for every picture that could be read; `labels` are the indices of their classes."""

    photos: tuple[Hashed, ...]
    vectors: Vectors

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        return np.array([photo.label for photo, _ in self.photos], np.int64)


class Extractor:
    """A backbone's network, ready to run. `key` is a hash of all that a picture's features depend on."""

    def __init__(self, network: Any, image: ImageSpec) -> None:
        black = np.zeros((1, image.height, image.width, image.channels), np.uint8)
        model = convert.convert(convert.freeze(network, image), Variant.FP32, black, image)
        tools = {tool: version(tool) for tool in ("tensorflow", "pillow")}
        named = [hashlib.sha256(model).hexdigest(), image.to_json(), tools]
        self.image = image
        self.key = hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()
        self._runner = TfliteRunner(model, image)

    def vectors(self, levels: npt.NDArray[np.uint8]) -> Vectors:
        """Levels, uint8 (N, height, width, channels), to float32 (N, n)."""
        return self._runner.run(levels)


def compute(
    title: str, photos: Sequence[Hashed], extractor: Extractor, cache: FeatureCache, progress: Progress
) -> Features:
    """The features of all `photos`, in order; those in `cache` are taken from it, without opening a file.

    Pictures that cannot be decoded are left out, as `report_skipped` says.
    """
    known = cache.load(extractor.key)
    missing = [(photo, sha256) for photo, sha256 in photos if sha256 not in known]
    reasons: list[str] = []
    with progress.stage(title, len(photos)) as stage:
        stage.advance(len(photos) - len(missing))
        fresh: dict[str, Vectors] = {}
        try:
            for count, (done, part) in enumerate(_ahead(_extracted(missing, extractor, reasons)), start=1):
                fresh |= part
                known |= part
                stage.advance(done)
                if count % SHARD == 0:
                    cache.keep(extractor.key, fresh, progress.say)
                    fresh = {}
        finally:
            cache.keep(extractor.key, fresh, progress.say)  # what was computed before Ctrl-C is not computed again
        stage.advance(0, f"{len(photos) - len(reasons):,} pictures, {len(missing):,} of them new")
    report_skipped(title, reasons, len(photos), progress.say)
    readable = tuple((photo, sha256) for photo, sha256 in photos if sha256 in known)
    return Features(readable, np.stack([known[sha256] for _, sha256 in readable]))


def _extracted(
    photos: Sequence[Hashed], extractor: Extractor, reasons: list[str]
) -> Iterator[tuple[int, dict[str, Vectors]]]:
    """For each batch: how many files it had, and sha256 → vector. Why a file is left out is added to `reasons`."""
    names = iter(photos)
    for batch in _ahead(batches([photo.path for photo, _ in photos], extractor.image, size=BATCH)):
        read: list[tuple[str, Picture]] = []
        for picture in batch:
            photo, sha256 = next(names)
            if isinstance(picture, Picture):
                read.append((sha256, picture))
            else:
                reasons.append(str(picture).replace(str(photo.path), photo.name))
        if not read:
            yield len(batch), {}
            continue
        vectors = extractor.vectors(np.stack([picture.levels for _, picture in read]))
        yield len(batch), {sha256: vector for (sha256, _), vector in zip(read, vectors, strict=True)}


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items; while one is used, the next one is computed on a thread."""
    end = object()
    with ThreadPoolExecutor(1) as pool:
        upcoming = pool.submit(next, items, end)
        while (item := upcoming.result()) is not end:
            upcoming = pool.submit(next, items, end)
            yield item  # type: ignore[misc]  # `end` is excluded
