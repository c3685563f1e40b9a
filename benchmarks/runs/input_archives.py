"""The input archives of a run on this machine: each is written once, whichever phone asks first."""

import hashlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path

from benchmarks.formats.archive import WrittenArchive, write_images, write_tensors
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.job import InputKind, Mode
from benchmarks.formats.manifest import ExportedRecipe
from benchmarks.runs.plan import PlannedJob


class InputArchives:
    """Archives in `folder`, of the first `limit` inputs of each recipe. Safe to ask from any thread."""

    def __init__(self, folder: Path, recipes: Mapping[str, ExportedRecipe], limit: int | None) -> None:
        self._folder = folder
        self._recipes = recipes
        self._limit = limit
        self._written: dict[str, WrittenArchive] = {}
        self._lock = threading.Lock()

    def get(self, job: PlannedJob) -> WrittenArchive:
        """What `job` runs on: all inputs, or for latency the first one."""
        recipe = self._recipes[job.variant.recipe]
        count = 1 if job.mode is Mode.LATENCY else self._limit
        key = _key(recipe, job, count)
        with self._lock:
            if key not in self._written:
                self._written[key] = self._write(recipe, job, count, self._folder / f"{key}.zip")
            return self._written[key]

    def _write(self, recipe: ExportedRecipe, job: PlannedJob, count: int | None, target: Path) -> WrittenArchive:
        chosen = recipe.evaluation_set(count)
        if job.kind is InputKind.IMAGES:
            return write_images(chosen, target)
        return write_tensors(chosen, Classifier.of(job.variant.file.checked().read_bytes()), target)


def _key(recipe: ExportedRecipe, job: PlannedJob, count: int | None) -> str:
    """Equal for jobs that can share an archive."""
    model_input = job.variant.input
    tensors = []
    if job.kind is InputKind.TENSORS:
        tensors = [recipe.image.to_json(), model_input.dtype, model_input.scale, model_input.zero_point]
    text = json.dumps([recipe.inputs.sha256, count, job.kind, tensors])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
