"""What is tried when int8 surely loses too much, in a stated order, until something is surely within the tolerance.

Each remedy is tried alone, so that what it bought is its own. One that may be enough, or may not, is kept with its
warning, and the next is tried. One that fails is dropped, and so is the int8 that needed it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.evaluation.stats import Verdict
from export.errors import VariantError
from export.output.store import Record
from export.recipe import Built, Variant
from metadata.preprocess import Pixels

MORE = 4  # times the samples


class Remedy(StrEnum):
    """In the order in which they are tried."""

    MORE_CALIBRATION = "more_calibration"
    INT16X8 = "int16x8"
    INT8_MIXED = "int8_mixed"

    @property
    def variant(self) -> Variant:
        """What it makes: more samples make another int8, everything else has a name of its own."""
        return Variant.INT8 if self is Remedy.MORE_CALIBRATION else Variant(self)


@dataclass(frozen=True, slots=True)
class RemedyResult:
    """The variants that remain, and everything that was tried for them, the failed int8 first."""

    variants: dict[Variant, Record]
    tried: list[Record]

    @property
    def helped(self) -> bool:
        """Whether anything that was tried may stand in for int8."""
        return any(one["parity"] and one["parity"]["verdict"] != Verdict.FAIL for one in self.tried)


Attempt = Callable[[Remedy, Pixels], Record]
"""Makes and judges a remedy's variant: its record, `parity` included; VariantError when it cannot be made."""


def needed(variants: Mapping[Variant, Record]) -> bool:
    """Whether int8 is there and fails; doubt is no failure."""
    return Variant.INT8 in variants and variants[Variant.INT8]["parity"]["verdict"] == Verdict.FAIL


def apply_remedies(built: Built, variants: Mapping[Variant, Record], attempt: Attempt) -> RemedyResult:
    """Try one remedy after the other for the int8 of `variants`, which fails."""
    kept = dict(variants)
    tried = [_entry(Variant.INT8, kept.pop(Variant.INT8))]
    for remedy in Remedy:
        record = kept.get(remedy.variant)  # asked for by name, then it is judged already
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
    few = len(built.calibration)
    more = None if built.more_calibration is None else built.more_calibration(MORE * few)
    if more is None or len(more) <= few:
        raise VariantError(f"there are no more than {few} samples to calibrate on")
    return more


def _entry(name: str, record: Record | None, refused: str | None = None) -> Record:
    """What the manifest holds of a try, `refused` saying why there was none."""
    told = ("bytes", "seconds", "calibration_samples", "float_layers", "parity")
    return {"remedy": str(name)} | {key: record and record[key] for key in told} | {"refused": refused}
