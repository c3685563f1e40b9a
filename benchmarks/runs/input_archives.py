"""The input archives of a run on this machine: each is written once, whichever phone asks first."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.formats.archive import BATCH, WrittenArchive, write_images, write_tensors
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.inputs import Inputs
from benchmarks.formats.job import InputKind, Mode
from benchmarks.formats.manifest import ExportedRecipe
from benchmarks.runs.plan import PlannedJob
from metadata.card import ImageSpec
from metadata.preprocess import Pixels

AHEAD = 2
"""With one, a phone waits for the large archive that follows a small one."""

KEPT_BYTES = 64 << 20
"""Of pixels, for the next archive of the same inputs; the recipes need 30 MB."""


class InputArchives:
    """Archives in `folder`, of the first `limit` inputs of each recipe. Safe to ask from any thread.

    While phones work on one archive, the next ones that `jobs` need are written. Leaving the block ends that.
    """

    def __init__(
        self, folder: Path, recipes: Mapping[str, ExportedRecipe], limit: int | None, jobs: Sequence[PlannedJob] = ()
    ) -> None:
        self._folder = folder
        self._recipes = recipes
        self._limit = limit
        self._written: dict[str, Future[WrittenArchive]] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._writer = ThreadPoolExecutor(1)
        self._kept: tuple[object, Sequence[Pixels]] | None = None
        needed: dict[str, PlannedJob] = {}
        for job in jobs:
            needed.setdefault(self._key(job), job)
        self._needed = tuple(needed.values())
        self._places = {key: place for place, key in enumerate(needed)}

    def get(self, job: PlannedJob) -> WrittenArchive:
        """What `job` runs on: all inputs, or for latency the first one."""
        with self._lock:
            wanted = self._begun(job)
            after = self._places.get(self._key(job), len(self._needed)) + 1
            for following in self._needed[after : after + AHEAD]:
                self._begun(following)
        return wanted.result()

    def __enter__(self) -> Self:
        with self._lock:
            for job in self._needed[:1]:
                self._begun(job)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._stop.set()
        self._writer.shutdown(cancel_futures=True)

    def _begun(self, job: PlannedJob) -> Future[WrittenArchive]:
        key = self._key(job)
        if key not in self._written:
            self._written[key] = self._writer.submit(self._write, job, self._folder / f"{key}.zip")
        return self._written[key]

    def _write(self, job: PlannedJob, target: Path) -> WrittenArchive:
        chosen = self._recipes[job.variant.recipe].evaluation_set(self._count(job))
        if job.kind is InputKind.IMAGES:
            return write_images(chosen, target, self._stop)
        model = Classifier.of(job.variant.file.checked().read_bytes())
        return write_tensors(chosen, model, target, self._stop, self._pixels(job, chosen, model.preprocess))

    def _pixels(self, job: PlannedJob, chosen: Inputs, image: ImageSpec) -> Iterator[Pixels]:
        """The decoded inputs, kept where they are few: a float and an int8 model need the same."""
        key = self._recipes[job.variant.recipe].inputs.sha256, len(chosen.ids), image
        if self._kept is not None and self._kept[0] == key:
            yield from self._kept[1]
            return
        self._kept = None
        few = len(chosen.ids) * image.height * image.width * image.channels <= KEPT_BYTES
        batches: list[Pixels] = []
        for batch in chosen.batches(image, BATCH):
            yield batch
            if few:
                batches.append(batch)
        if few:
            self._kept = key, batches

    def _count(self, job: PlannedJob) -> int | None:
        return 1 if job.mode is Mode.LATENCY else self._limit

    def _key(self, job: PlannedJob) -> str:
        """Equal for jobs that can share an archive."""
        recipe, model_input = self._recipes[job.variant.recipe], job.variant.input
        tensors = []
        if job.kind is InputKind.TENSORS:
            tensors = [recipe.image.to_json(), model_input.dtype, model_input.scale, model_input.zero_point]
        text = json.dumps([recipe.inputs.sha256, self._count(job), job.kind, tensors])
        return hashlib.sha256(text.encode()).hexdigest()[:16]
