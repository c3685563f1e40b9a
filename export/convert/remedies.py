"""What is tried, in this order, when int8 certainly loses too much, until one variant is certainly good enough.

Each remedy is tried alone, so that its effect is known. A variant with an inconclusive verdict is kept with its
warning, and the next remedy is tried. A variant that fails is dropped, and so is the int8 that needed the remedy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.evaluation.stats import Verdict
from benchmarks.formats.variant_record import RemedyRecord, VariantRecord
from export.errors import VariantError
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

    variants: Mapping[Variant, VariantRecord]
    tried: Sequence[RemedyRecord] = ()

    @property
    def helped(self) -> bool:
        """Whether any attempt may replace int8."""
        return any(record.parity is not None and record.parity.verdict != Verdict.FAIL for record in self.tried)


Attempt = Callable[[Remedy, Pixels], VariantRecord]
"""Makes and judges a remedy's variant. Returns its record with `parity`; VariantError when it cannot be made."""


def failure(variants: Mapping[Variant, VariantRecord], refused: str | None) -> RemedyRecord | None:
    """The record of an int8 that was `refused`, or that fails; None where there is nothing to mend.

    An inconclusive verdict is no failure.
    """
    if refused is not None:
        return RemedyRecord(remedy=Variant.INT8, refused=refused)
    record = variants.get(Variant.INT8)
    return _entry(Variant.INT8, record) if record is not None and record.verdict == Verdict.FAIL else None


def apply_remedies(
    built: Built, variants: Mapping[Variant, VariantRecord], failed: RemedyRecord, attempt: Attempt
) -> RemedyResult:
    """Try the remedies in turn for the int8 of `variants`, which `failed`."""
    kept = dict(variants)
    kept.pop(Variant.INT8, None)
    tried = [failed]
    for remedy in Remedy:
        if remedy is Remedy.MORE_CALIBRATION and failed.refused is not None:
            continue  # no kernel takes what it refuses because the ranges are others
        record = kept.get(remedy.variant)  # it was asked for by name and is judged already
        if record is None:
            try:
                record = attempt(remedy, _samples(remedy, built))
            except VariantError as error:
                tried.append(RemedyRecord(remedy=remedy, refused=str(error)))
                continue
        tried.append(_entry(remedy, record))
        if record.verdict != Verdict.FAIL:
            kept[remedy.variant] = record
        if record.verdict == Verdict.PASS:
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


def _entry(name: str, record: VariantRecord) -> RemedyRecord:
    """The manifest's record of an attempt whose variant could be made."""
    return RemedyRecord(
        remedy=name,
        size_bytes=record.size_bytes,
        seconds=record.seconds,
        calibration_samples=record.calibration_samples,
        float_layers=record.float_layers,
        parity=record.parity,
    )
