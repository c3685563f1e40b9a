"""`handset.models/1`: `manifest.json` as its file holds it. `manifest` makes of it what a run needs."""

from typing import Annotated, Any

from msgspec import structs

from benchmarks.formats.declared import Count, Declared, Line, Sha256, about
from benchmarks.formats.variant_record import FileRecord, RemedyRecord, Seconds, TrainedWithRecord, VariantRecord
from metadata.card import ImageSpec
from metadata.door import Door
from metadata.errors import CardError
from metadata.finding import Finding

MODELS_FORMAT, MANIFEST = "handset.models/1", "manifest.json"


class CardRecord(Declared, frozen=True, kw_only=True):
    """What a model says of itself."""

    name: str
    description: str
    version: str
    author: str
    license: str
    image: Annotated[dict[str, Any], about("`handset.preprocess/1`")]
    labels: Annotated[tuple[str, ...], about("`labels[i]` names output `i`")]

    def __post_init__(self) -> None:
        try:
            self.spec()
        except CardError as error:
            raise ValueError(error) from error

    def spec(self) -> ImageSpec:
        """How a picture becomes the model's input."""
        return ImageSpec.from_json(self.image)


class SourceRecord(Declared, frozen=True, kw_only=True):
    """A file that the recipe was made from."""

    source: str
    file: str
    sha256: Sha256
    origin: Annotated[str, about("how it was had")]
    license: str


class EvaluationRecord(Declared, frozen=True):
    """What a recipe is evaluated on."""

    name: Line
    inputs: Annotated[Count, about("how many")]
    labelled: Annotated[bool, about("whether every truth is known")]


class ReferenceRecord(Declared, frozen=True, kw_only=True):
    """The model before its conversion, its inputs, and what it answers to them."""

    model: Annotated[FileRecord, about("`.keras`, `.pb` or, where no older model is known, the `.tflite` itself")]
    inputs: FileRecord
    truth: FileRecord
    probabilities: Annotated[FileRecord, about("what `model` answers, float32 (inputs, labels) in `.npy`")]
    self_test: Annotated[FileRecord | None, about("`handset.selftest/1`")] = None


class ExportRecord(Declared, frozen=True, kw_only=True):
    """What an export says of a recipe, before it is in the manifest: paths are relative to the recipe's own folder."""

    card: CardRecord
    screen: Annotated[Line, about("the app's screen: `digit` or `gallery`")]
    door: Annotated[Door | None, about("the doggy-door rule: label indices, both included")]
    shipped: Annotated[bool, about("whether it goes into the app's assets")]
    parameters: Annotated[Count | None, about("of the Keras model; null for a file that came as `.tflite`")]
    app_runtime: Annotated[Line, about("the TensorFlow Lite version whose operators every variant was checked against")]
    seed: Annotated[int, about("of training, calibration and crops")]
    tools: Annotated[dict[str, str], about("versions of Python and of the packages that take part")]
    sources: tuple[SourceRecord, ...]
    training: Annotated[dict[str, Any] | None, about("see below; null for pretrained models")]
    evaluation: EvaluationRecord
    variants: Annotated[dict[str, VariantRecord], about("by variant")]
    default_variant: Annotated[Line, about("the smallest with verdict PASS, else the largest; int16x8 only alone")]
    remedies: Annotated[tuple[RemedyRecord, ...], about("what was tried because int8 failed; see below")]
    trained_with: Annotated[TrainedWithRecord | None, about("null without `--trained-with`, or if nothing is resized")]
    reference: ReferenceRecord
    notes: Annotated[
        tuple[Finding, ...], about("what its layers' values on the samples for calibration say; see below")
    ] = ()
    seconds: Annotated[Seconds, about("the recipe's whole export")]

    def __post_init__(self) -> None:
        if self.default_variant not in self.variants:
            raise ValueError(f"default_variant is {self.default_variant!r:.80}, not one of {', '.join(self.variants)}")

    @property
    def files(self) -> tuple[FileRecord, ...]:
        """Every file that the record names: its variants and its reference."""
        reference: tuple[FileRecord | None, ...] = structs.astuple(self.reference)
        return (*self.variants.values(), *(file for file in reference if file is not None))


class RecipeRecord(ExportRecord, frozen=True):
    """What the manifest holds of a recipe."""

    folder: Annotated[Line, about("the recipe's folder")]
    fingerprint: Annotated[Sha256, about("over code, card, sources, tools and choices; if equal, nothing is to do")]
    exported_at: Annotated[Line, about("when it was exported: UTC, ISO 8601")]


class ModelsFile(Declared, frozen=True, tag_field="format", tag=MODELS_FORMAT):
    """The manifest of an export."""

    recipes: Annotated[dict[str, RecipeRecord], about("by recipe")]
