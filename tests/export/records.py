"""Records of an export, for tests that care for a part of them only."""

from typing import Any

import msgspec
from msgspec import structs

from benchmarks.formats.models_file import CardRecord, EvaluationRecord, ExportRecord, RecipeRecord, ReferenceRecord
from benchmarks.formats.variant_record import FileRecord, ParityRecord, TensorSpec, VariantRecord
from export.recipe import Variant
from metadata.card import ImageSpec, ModelCard

FILE = FileRecord("reference/model.keras", "0" * 64, 2_000_000)
TENSOR = TensorSpec("image", (1, 28, 28, 1), "float32")
IMAGE = ImageSpec(28, 28, 1, mean=(0,), std=(1,))
PARITY = ParityRecord(
    inputs=10_000,
    keras_accuracy=0.99,
    accuracy=0.99,
    delta_points=0.0,
    delta_interval=(-0.04, 0.04),
    agreement=1.0,
    agreement_interval=(0.9996, 1.0),
    max_probability_difference=0.0,
    limit_points=0.1,
    verdict="PASS",
)


def card_of(card: ModelCard) -> CardRecord:
    """The card as the manifest has it."""
    return msgspec.convert(card.to_json(), CardRecord)


def tiny_card(name: str = "tiny", labels: tuple[str, ...] = ("a", "b"), image: ImageSpec = IMAGE) -> CardRecord:
    return card_of(ModelCard(name, "A tiny classifier.", "1", "Handset", "Apache-2.0", image, labels))


def variant_of(file: FileRecord = FILE, parity: ParityRecord | None = PARITY, seconds: float = 0.1) -> VariantRecord:
    """A variant that is that file."""
    return VariantRecord(
        file.path,
        file.sha256,
        file.size_bytes,
        seconds=seconds,
        input=TENSOR,
        output=TENSOR,
        operators=(),
        minimum_runtime=None,
        parity=parity,
    )


def reference_of(file: FileRecord = FILE) -> ReferenceRecord:
    """A reference that is four times that file."""
    return ReferenceRecord(model=file, inputs=file, truth=file, probabilities=file)


def export_of(**fields: Any) -> ExportRecord:
    """An export with these fields, and any others."""
    known: dict[str, Any] = {
        "card": tiny_card(),
        "screen": "digit",
        "door": None,
        "shipped": True,
        "parameters": None,
        "app_runtime": "2.16.1",
        "seed": 0,
        "tools": {},
        "sources": (),
        "training": None,
        "evaluation": EvaluationRecord("ten inputs", 10, True),
        "variants": {Variant.FP32.value: variant_of()},
        "default_variant": Variant.FP32.value,
        "remedies": (),
        "trained_with": None,
        "reference": reference_of(),
        "seconds": 1.0,
    }
    return ExportRecord(**known | fields)


def in_manifest(record: ExportRecord) -> RecipeRecord:
    """The same, as it is in a manifest."""
    return RecipeRecord(".tiny-00000000", "0" * 64, "2025-01-02T03:04:05+00:00", **structs.asdict(record))


def parity_of(variant: VariantRecord) -> ParityRecord:
    """The parity of a variant that has one."""
    assert variant.parity is not None
    return variant.parity
