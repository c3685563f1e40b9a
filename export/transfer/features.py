"""The features of many photographs, each computed once: decoded and extracted a batch at a time, and remembered.

The extractor runs as fp32 in TensorFlow Lite, on two threads, which is the arithmetic of the phone and faster than
Keras. While a batch is extracted the next one is decoded; no more than two are ever in memory.
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
from export.convert import convert
from export.data.folders import report_skipped
from export.data.pictures import Picture, batches
from export.recipe import Progress, Variant
from export.transfer.feature_cache import FeatureCache
from export.transfer.splits import Hashed
from metadata.card import ImageSpec

BATCH = 64
SHARD = 16  # batches: a thousand pictures are written together, and are not lost when the rest is interrupted

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
    """A backbone's network, ready to run. `key` names everything that a picture's features depend on."""

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
    """The features of all `photos`, in order, those known from `cache` without opening a file.

    Pictures that cannot be decoded are named and left out; SourceError when they are more than one in twenty.
    """
    known = cache.load(extractor.key)
    missing = [one for one in photos if one[1] not in known]
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
    readable = tuple(one for one in photos if one[1] in known)
    return Features(readable, np.stack([known[sha256] for _, sha256 in readable]))


def _extracted(
    photos: Sequence[Hashed], extractor: Extractor, reasons: list[str]
) -> Iterator[tuple[int, dict[str, Vectors]]]:
    """How many files, and sha256 → vector, of a batch after the other; what cannot be decoded is told to `reasons`."""
    names = iter(photos)
    for batch in _ahead(batches([photo.path for photo, _ in photos], extractor.image, size=BATCH)):
        read: list[tuple[str, Picture]] = []
        for one in batch:
            photo, sha256 = next(names)
            if isinstance(one, Picture):
                read.append((sha256, one))
            else:
                reasons.append(str(one).replace(str(photo.path), photo.name))
        if not read:
            yield len(batch), {}
            continue
        vectors = extractor.vectors(np.stack([picture.levels for _, picture in read]))
        yield len(batch), {sha256: vector for (sha256, _), vector in zip(read, vectors, strict=True)}


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, the next one already being made while one is used."""
    nothing = object()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, nothing)
        while (item := coming.result()) is not nothing:
            coming = pool.submit(next, items, nothing)
            yield item  # type: ignore[misc]  # it is no longer the object that ends them
