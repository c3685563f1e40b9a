"""The input archives of a run on this machine: each is written once, whichever phone asks first."""

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.formats.archive import WrittenArchive, write_images, write_tensors
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.job import InputKind, Mode
from benchmarks.formats.manifest import ExportedRecipe
from benchmarks.runs.plan import PlannedJob


class InputArchives:
    """Archives in `folder`, of the first `limit` inputs of each recipe. Safe to ask from any thread.

    While phones work on one archive, the next one that `jobs` need is written. Leaving the block ends that.
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
        needed: dict[str, PlannedJob] = {}
        for job in jobs:
            needed.setdefault(self._key(job), job)
        self._following = dict(zip(needed, list(needed.values())[1:], strict=False))

    def get(self, job: PlannedJob) -> WrittenArchive:
        """What `job` runs on: all inputs, or for latency the first one."""
        with self._lock:
            wanted = self._begun(job)
            following = self._following.get(self._key(job))
            if following is not None:
                self._begun(following)
        return wanted.result()

    def __enter__(self) -> Self:
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
        return write_tensors(chosen, Classifier.of(job.variant.file.checked().read_bytes()), target, self._stop)

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
