"""`build/models/manifest.json` as values. Nothing of `export` and no TensorFlow is needed to read it.

docs/formats.md has the file field by field. A path is absolute here, and what it names is checked when it is used.
"""

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from benchmarks.console.places import BUILD
from benchmarks.formats import inputs
from benchmarks.formats.declared import read_file
from benchmarks.formats.errors import InputsError, ManifestError
from benchmarks.formats.inputs import Inputs
from benchmarks.formats.models_file import MANIFEST, ModelsFile, RecipeRecord
from benchmarks.formats.variant_record import FileRecord, TensorSpec, TrainedWithRecord, VariantRecord
from metadata.card import ImageSpec
from metadata.door import Door
from metadata.finding import Finding
from metadata.hashes import sha256_of
from metadata.operators import Operator


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file and what it has to hold."""

    path: Path
    sha256: str
    size_bytes: int

    @property
    def is_whole(self) -> bool:
        """Whether the file is there, and is what the manifest says."""
        return self.path.is_file() and sha256_of(self.path) == self.sha256

    def checked(self) -> Path:
        """The path; ManifestError when the file is missing or damaged."""
        if not self.is_whole:
            raise ManifestError(f"{self.path} is missing or is not what the manifest says; run make export")
        return self.path


@dataclass(frozen=True, slots=True)
class ExportedVariant:
    """One packed model."""

    recipe: str
    name: str
    file: NamedFile
    input: TensorSpec
    output: TensorSpec
    operators: tuple[Operator, ...]

    @property
    def title(self) -> str:
        return f"{self.recipe} {self.name}"


class Reference(StrEnum):
    """What a recipe's own answers came from. Of a file that came ready nothing older than TensorFlow Lite is known."""

    KERAS = "keras"
    TENSORFLOW = "tensorflow"
    TFLITE = "tflite"


REFERENCES = {".keras": Reference.KERAS, ".pb": Reference.TENSORFLOW}


@dataclass(frozen=True, slots=True)
class ExportedRecipe:
    """A model in all its variants, and what it is evaluated on. `app_runtime` is what the variants were checked for."""

    name: str
    image: ImageSpec
    labels: tuple[str, ...]
    door: Door | None
    """The doggy-door rule, where the labels are dogs, cats and others."""
    app_runtime: str
    trained_with: TrainedWithRecord | None
    """What the training's preparation of its inputs costs, where the export knows it."""
    evaluation: str
    input_count: int
    variants: Mapping[str, ExportedVariant]
    default_variant: str
    model: NamedFile
    inputs: NamedFile
    truth: NamedFile
    probabilities: NamedFile
    notes: tuple[Finding, ...] = ()

    @property
    def reference(self) -> Reference:
        """What answered the evaluation set first: the ending of its file says so."""
        return REFERENCES.get(self.model.path.suffix, Reference.TFLITE)

    def evaluation_set(self, limit: int | None) -> Inputs:
        """The first `limit` evaluation inputs, all where it is None; InputsError when there is none."""
        self.inputs.checked()
        chosen = inputs.read(self.truth.checked().parent).first(limit)
        if not chosen.ids:
            raise InputsError(f"{self.name} has no evaluation inputs; export it again with --eval-dir")
        return chosen


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that was exported, by recipe."""

    recipes: Mapping[str, ExportedRecipe]

    @classmethod
    def read(cls, folder: Path = BUILD.models) -> Self:
        """What `folder` holds; ManifestError when that cannot be read."""
        path = folder / MANIFEST
        if not path.exists():
            raise ManifestError(f"{path} is not there; run make export first")
        recipes = read_file(path, ModelsFile, ManifestError, "run make export").recipes
        return cls({name: _recipe(folder.resolve(), name, record) for name, record in recipes.items()})

    def select(self, models: Sequence[str] = (), variants: Sequence[str] = ()) -> tuple[ExportedVariant, ...]:
        """The named variants of the named recipes, all where none is named; ManifestError for a name that is none."""
        _known("model", models, self.recipes)
        chosen = [variant for name in models or self.recipes for variant in self.recipes[name].variants.values()]
        _known("variant", variants, {variant.name: variant for variant in chosen})
        found = tuple(variant for variant in chosen if not variants or variant.name in variants)
        if not found:
            raise ManifestError("no model is exported; run make export first")
        return found


def _known(what: str, names: Sequence[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            nearest = "".join(f" did you mean {near}?" for near in difflib.get_close_matches(name, known, n=1))
            choices = ", ".join(known)
            raise ManifestError(f"no {what} {name!r} is exported;{nearest} choose from {choices}, or export it")


def _recipe(folder: Path, name: str, record: RecipeRecord) -> ExportedRecipe:
    reference = record.reference
    return ExportedRecipe(
        name=name,
        image=record.card.spec(),
        labels=record.card.labels,
        door=record.door,
        app_runtime=record.app_runtime,
        trained_with=record.trained_with,
        notes=record.notes,
        evaluation=record.evaluation.name,
        input_count=record.evaluation.inputs,
        variants={key: _variant(folder, name, key, one) for key, one in record.variants.items()},
        default_variant=record.default_variant,
        model=_file(folder, reference.model),
        inputs=_file(folder, reference.inputs),
        truth=_file(folder, reference.truth),
        probabilities=_file(folder, reference.probabilities),
    )


def _variant(folder: Path, recipe: str, name: str, record: VariantRecord) -> ExportedVariant:
    return ExportedVariant(
        recipe=recipe,
        name=name,
        file=_file(folder, record),
        input=record.input,
        output=record.output,
        operators=tuple(Operator(one.name, one.version, one.count, False) for one in record.operators),
    )


def _file(folder: Path, record: FileRecord) -> NamedFile:
    return NamedFile(folder / record.path, record.sha256, record.size_bytes)
