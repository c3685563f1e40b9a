"""Desktop references: the answers of Keras and of LiteRT to an evaluation set, each computed once.

The export has Keras's answers. All others are kept in `build/references/`, named by the hash of everything they depend
on: an unchanged model is never evaluated twice on unchanged inputs with unchanged tools. TensorFlow is imported only
when Keras's answers must be computed.
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
from benchmarks.evaluation.desktop import Probabilities, answer, reference_runner
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, NamedFile
from metadata.hashes import sha256_of
from metadata.output import write_whole

KERAS = "keras"
TOOLS = ("tensorflow", "keras", "ai-edge-litert", "numpy", "pillow")

Done = Callable[[int], None]
"""Called with the size of each batch."""


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """The answers of one model: its name (`keras` or the variant), its file, and the path of the answers."""

    name: str
    model: NamedFile
    path: Path


class References:
    """The references of one recipe on the first `limit` of its inputs, all of them where it is None."""

    def __init__(self, recipe: ExportedRecipe, limit: int | None = None, folder: Path = BUILD.references) -> None:
        self._recipe = recipe
        self._folder = folder
        self._tools = {tool: version(tool) for tool in TOOLS}  # to find one takes a millisecond
        self.inputs = recipe.evaluation_set(limit)

    def missing(self, variants: Sequence[ExportedVariant]) -> tuple[ReferenceFile, ...]:
        """The references of Keras and of `variants` that must be computed: usually none."""
        return tuple(one for one in self._files(variants) if self._load(one) is None)

    def compute(self, missing: Sequence[ReferenceFile], done: Done) -> None:
        """Compute the missing references; every picture is decoded once for all of them."""
        if not missing:
            return
        image = self._recipe.image
        runners = {one.name: reference_runner(one.model.checked(), image) for one in missing}
        answers = answer(self.inputs, image, runners, done)
        for one in missing:
            file = io.BytesIO()
            np.save(file, answers[one.name])
            write_whole(one.path, file.getvalue())

    def answers(self, variants: Sequence[ExportedVariant], done: Done = lambda _: None) -> Mapping[str, Probabilities]:
        """The answers of `keras` and each variant by name, float32 (inputs, labels); computes missing ones."""
        self.compute(self.missing(variants), done)
        found = {one.name: self._load(one) for one in self._files(variants)}
        return {name: answers for name, answers in found.items() if answers is not None}

    def _files(self, variants: Sequence[ExportedVariant]) -> list[ReferenceFile]:
        models = [(KERAS, self._recipe.model), *((variant.name, variant.file) for variant in variants)]
        return [ReferenceFile(name, model, self._path(name, model)) for name, model in models]

    def _load(self, file: ReferenceFile) -> Probabilities | None:
        """The answers, None where they are missing or do not have the right shape."""
        exported = self._recipe.probabilities
        try:
            answers: Probabilities = np.load(exported.path if file.name == KERAS and exported.is_whole else file.path)
        except (OSError, ValueError, EOFError):
            return None
        count = len(self.inputs.ids)
        return answers[:count] if answers[:count].shape == (count, len(self._recipe.labels)) else None

    def _path(self, name: str, model: NamedFile) -> Path:
        depends_on = {
            "model": model.sha256,
            "inputs": self._recipe.inputs.sha256,
            "count": len(self.inputs.ids),
            "image": self._recipe.image.to_json(),
            "tools": self._tools,
            "runner": sha256_of(Path(__file__).with_name("desktop.py")),
        }
        key = hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()
        return self._folder / f"{self._recipe.name}-{name}-{key[:16]}.npy"
