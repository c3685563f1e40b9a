"""The input archives of a run on this machine, each written once, whichever phone asks first, and gone with the run."""

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

    def get(self, step: PlannedJob) -> WrittenArchive:
        """What `step` runs on: all inputs, or for latency the first one."""
        recipe = self._recipes[step.variant.recipe]
        count = 1 if step.mode is Mode.LATENCY else self._limit
        key = _key(recipe, step, count)
        with self._lock:
            if key not in self._written:
                self._written[key] = self._write(recipe, step, count, self._folder / f"{key}.zip")
            return self._written[key]

    def _write(self, recipe: ExportedRecipe, step: PlannedJob, count: int | None, target: Path) -> WrittenArchive:
        chosen = recipe.evaluation_set(count)
        if step.kind is InputKind.IMAGES:
            return write_images(chosen, target)
        return write_tensors(chosen, Classifier.of(step.variant.file.checked().read_bytes()), target)


def _key(recipe: ExportedRecipe, step: PlannedJob, count: int | None) -> str:
    """Equal for steps that can share an archive."""
    fed = step.variant.input
    tensors = [recipe.image.to_json(), fed.dtype, fed.scale, fed.zero_point] if step.kind is InputKind.TENSORS else []
    text = json.dumps([recipe.inputs.sha256, count, step.kind, tensors])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
