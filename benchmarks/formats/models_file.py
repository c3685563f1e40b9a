"""`handset.models/1`: `manifest.json` as its file holds it. `manifest` makes of it what a run needs."""

from typing import Annotated, Any

from benchmarks.formats.declared import Count, Declared, Line, Sha256, about
from benchmarks.formats.variant_record import FileRecord, RemedyRecord, Seconds, TrainedWithRecord, VariantRecord
from metadata.card import ImageSpec
from metadata.door import Door
from metadata.errors import CardError

MODELS_FORMAT = "handset.models/1"


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

    model: Annotated[
        FileRecord,
        about(
            "its ending says what it is: `.keras`, inference only, loads without custom classes; `.pb`, a "
            "frozen TensorFlow graph of one picture, `image:0` to `probabilities:0`, where Keras cannot load the model "
            "again; `.tflite`, the packed file itself, where no older model is known"
        ),
    ]
    inputs: FileRecord
    truth: FileRecord
    probabilities: Annotated[
        FileRecord,
        about("`.npy`, float32 (inputs, labels), what `model` answers to those inputs in their order"),
    ]
    self_test: Annotated[FileRecord | None, about("`handset.selftest/1`")] = None


class RecipeRecord(Declared, frozen=True, kw_only=True):
    """What the manifest holds of a recipe."""

    folder: Annotated[Line, about("the recipe's folder")]
    fingerprint: Annotated[
        Sha256,
        about(
            "over the code that its way imports, card, source hashes, tool versions and choices; the same "
            "fingerprint means nothing to do"
        ),
    ]
    exported_at: Annotated[Line, about("when it was exported: UTC, ISO 8601")]
    card: CardRecord
    screen: Annotated[Line, about("the app's screen: `digit` or `gallery`")]
    door: Annotated[
        Door | None,
        about("the doggy-door rule: label indices, both included; null where there is none"),
    ]
    shipped: Annotated[bool, about("whether it goes into the app's assets")]
    parameters: Annotated[
        Count | None,
        about("of the Keras model, checked when it is built; null for a file that came as `.tflite`"),
    ]
    app_runtime: Annotated[Line, about("the TensorFlow Lite version whose operators every variant was checked against")]
    seed: Annotated[int, about("of training, calibration and crops")]
    tools: Annotated[dict[str, str], about("versions of Python and of the packages that take part")]
    sources: tuple[SourceRecord, ...]
    training: Annotated[
        dict[str, Any] | None,
        about(
            "null for pretrained models; `plan`, `seed`, `epochs`, `best_epoch`, `validation_accuracy` by "
            "epoch, `train_inputs`, `validation_inputs`, `seconds`. Of a taught model instead: `backbone` (`name`, and "
            "what it was made from), `pictures` (how many each split has, how many were left out, `sha256` over all), "
            "`head` (`plan`, `rounds_an_epoch`, `best_epoch`, `loss`, `validation_accuracy`, `seconds`), `fine_tuning` "
            "where it was asked for (`layers`, `kept`, `rate`, `validation_loss`, `validation_accuracy`, `seconds`), "
            "`seconds`"
        ),
    ]
    evaluation: EvaluationRecord
    variants: Annotated[dict[str, VariantRecord], about("by variant")]
    default_variant: Annotated[
        Line,
        about(
            "the smallest variant whose verdict is PASS, int16x8 only where no other's is; the largest where none is"
        ),
    ]
    remedies: Annotated[
        tuple[RemedyRecord, ...],
        about("what was tried because int8 failed; empty where it did not"),
    ]
    trained_with: Annotated[
        TrainedWithRecord | None,
        about(
            "what leaving the training's preprocessing for the ImageSpec costs; null where `--trained-with` "
            "was not given, or nothing is resized"
        ),
    ]
    reference: ReferenceRecord
    seconds: Annotated[Seconds, about("the recipe's whole export")]

    def __post_init__(self) -> None:
        if self.default_variant not in self.variants:
            raise ValueError(f"default_variant is {self.default_variant!r:.80}, not one of {', '.join(self.variants)}")


class ModelsFile(Declared, frozen=True, tag_field="format", tag=MODELS_FORMAT):
    """The manifest of an export."""

    recipes: Annotated[dict[str, RecipeRecord], about("by recipe")]
