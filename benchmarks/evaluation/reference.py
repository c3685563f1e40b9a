"""Desktop references, each computed once: what Keras and desktop TFLite answer to an evaluation set.

Keras's answers come with the export. Everything else is kept below `build/references/` under the hash of all it
depends on, so that an unchanged model on unchanged inputs with unchanged tools is never evaluated twice. TensorFlow
is imported only when something has to be computed.
"""

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.console.places import BUILD
from benchmarks.evaluation.desktop import ModelRunner, Probabilities, answer, reference_runner
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, NamedFile
from metadata.hashes import sha256_of
from metadata.output import write_whole

KERAS = "keras"
TOOLS = ("tensorflow", "keras", "numpy", "pillow")

Done = Callable[[int], None]
"""Told how many inputs each batch had."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A reference that has to be computed, and where it is kept then."""

    name: str
    model: NamedFile
    path: Path


class References:
    """The references of one recipe on the first `limit` of its inputs, all of them where it is None."""

    def __init__(self, recipe: ExportedRecipe, limit: int | None = None, folder: Path = BUILD.references) -> None:
        self._recipe = recipe
        self._folder = folder
        self.inputs = recipe.evaluation_set(limit)

    def missing(self, variants: Sequence[ExportedVariant]) -> tuple[Missing, ...]:
        """What `compute` would have to do for Keras and these variants: nothing, as a rule."""
        wanted = [(KERAS, self._recipe.model), *((variant.name, variant.file) for variant in variants)]
        named = [Missing(name, model, self._path(name, model)) for name, model in wanted]
        return tuple(one for one in named if self._load(one.name, one.path) is None)

    def compute(self, missing: Sequence[Missing], done: Done) -> None:
        """Compute what is missing, decoding every picture once for all of it."""
        if not missing:
            return
        runners: dict[str, ModelRunner] = {one.name: self._runner(one) for one in missing}
        answers = answer(self.inputs, self._recipe.image, runners, done)
        for one in missing:
            file = io.BytesIO()
            np.save(file, answers[one.name])
            write_whole(one.path, file.getvalue())

    def answers(self, variants: Sequence[ExportedVariant], done: Done = lambda _: None) -> Mapping[str, Probabilities]:
        """`keras` and each variant's name, each float32 (inputs, labels), computed where they are not kept yet."""
        self.compute(self.missing(variants), done)
        wanted = [(KERAS, self._recipe.model), *((variant.name, variant.file) for variant in variants)]
        found = {name: self._load(name, self._path(name, model)) for name, model in wanted}
        return {name: one for name, one in found.items() if one is not None}

    def _load(self, name: str, path: Path) -> Probabilities | None:
        exported = self._recipe.probabilities
        if name == KERAS and exported.is_whole:
            return self._fitting(exported.path)
        return self._fitting(path)

    def _fitting(self, path: Path) -> Probabilities | None:
        try:
            found: Probabilities = np.load(path)
        except (OSError, ValueError, EOFError):
            return None
        found = found[: len(self.inputs.ids)]
        return found if found.shape == (len(self.inputs.ids), len(self._recipe.labels)) else None

    def _runner(self, one: Missing) -> ModelRunner:
        return reference_runner(one.model.checked(), self._recipe.image)

    def _path(self, name: str, model: NamedFile) -> Path:
        depends_on = {
            "model": model.sha256,
            "inputs": self._recipe.inputs.sha256,
            "count": len(self.inputs.ids),
            "image": self._recipe.image.to_json(),
            "tools": {tool: version(tool) for tool in TOOLS},
            "runner": sha256_of(Path(__file__).with_name("desktop.py")),
        }
        key = hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()
        return self._folder / f"{self._recipe.name}-{name}-{key[:16]}.npy"
