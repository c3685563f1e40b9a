"""What is tried, in this order, when int8 certainly loses too much, until one variant is certainly good enough.

Each remedy is tried alone, so that its effect is known. A variant with an inconclusive verdict is kept with its
warning, and the next remedy is tried. A variant that fails is dropped, and so is the int8 that needed the remedy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.evaluation.stats import Verdict
from export.errors import VariantError
from export.output.store import Record
from export.recipe import Built, Variant
from metadata.preprocess import Pixels

CALIBRATION_FACTOR = 4  # more_calibration asks for this many times the samples of the first calibration


class Remedy(StrEnum):
    """The remedies, in the order in which they are tried."""

    MORE_CALIBRATION = "more_calibration"
    INT16X8 = "int16x8"
    INT8_MIXED = "int8_mixed"

    @property
    def variant(self) -> Variant:
        """The variant that it makes: another int8 from more samples, else the variant of the same name."""
        return Variant.INT8 if self is Remedy.MORE_CALIBRATION else Variant(self)


@dataclass(frozen=True, slots=True)
class RemedyResult:
    """The variants that remain, and a record of every attempt, the failed int8 first."""

    variants: dict[Variant, Record]
    tried: list[Record]

    @property
    def helped(self) -> bool:
        """Whether any attempt may replace int8."""
        return any(record["parity"] and record["parity"]["verdict"] != Verdict.FAIL for record in self.tried)


Attempt = Callable[[Remedy, Pixels], Record]
"""Makes and judges a remedy's variant. Returns its record with `parity`; VariantError when it cannot be made."""


def needed(variants: Mapping[Variant, Record]) -> bool:
    """Whether int8 is among the variants and fails; an inconclusive verdict is no failure."""
    return Variant.INT8 in variants and variants[Variant.INT8]["parity"]["verdict"] == Verdict.FAIL


def apply_remedies(built: Built, variants: Mapping[Variant, Record], attempt: Attempt) -> RemedyResult:
    """Try the remedies in turn for the int8 of `variants`, which fails."""
    kept = dict(variants)
    tried = [_entry(Variant.INT8, kept.pop(Variant.INT8))]
    for remedy in Remedy:
        record = kept.get(remedy.variant)  # it was asked for by name and is judged already
        if record is None:
            try:
                record = attempt(remedy, _samples(remedy, built))
            except VariantError as error:
                tried.append(_entry(remedy, None, str(error)))
                continue
        tried.append(_entry(remedy, record))
        if record["parity"]["verdict"] != Verdict.FAIL:
            kept[remedy.variant] = record
        if record["parity"]["verdict"] == Verdict.PASS:
            break
    return RemedyResult(kept, tried)


def _samples(remedy: Remedy, built: Built) -> Pixels:
    if remedy is not Remedy.MORE_CALIBRATION:
        return built.calibration
    count = len(built.calibration)
    more = None if built.more_calibration is None else built.more_calibration(CALIBRATION_FACTOR * count)
    if more is None or len(more) <= count:
        raise VariantError(f"there are no more than {count} samples to calibrate on")
    return more


def _entry(name: str, record: Record | None, refused: str | None = None) -> Record:
    """The manifest's record of an attempt; `refused` is why the variant could not be made."""
    kept = ("bytes", "seconds", "calibration_samples", "float_layers", "parity")
    return {"remedy": str(name)} | {key: record and record[key] for key in kept} | {"refused": refused}
